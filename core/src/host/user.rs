//! The user's side of a host: calls, options, signals.

use alloc::vec::Vec;

use super::Host;
use crate::call::{
    self, AbortError, CloseError, OpenError, ReceiveError, SendError, StatusError, check_remote,
};
use crate::config::Address;
use crate::record::{Listener, Record};
use crate::signal::Signals;
use crate::tcb::{Listen, Name, Options};
use crate::types::{Duration, Endpoint, State};

/// Calls (RFC 9293 3.10.1 to 3.10.6).
impl Host {
    /// OPEN, passive: listens on a port of every own address, for any peer or for one. Every OPEN makes a
    /// record of its own and changes no other (MUST-41, MUST-42); of several that would take a SYN the
    /// oldest takes it.
    ///
    /// # Errors
    /// Port 0, or a remote that no connection can have.
    pub fn open_passive(&mut self, port: u16, remote: Option<Endpoint>) -> Result<Name, OpenError> {
        if port == 0 {
            return Err(OpenError::BadLocal);
        }
        remote.map_or(Ok(()), |remote| check_remote(&self.config, remote))?;
        let listen = Listen { port, remote };
        let listener = Listener::new(&self.config, listen);
        Ok(self.records.insert(Record::Listening(listener), true))
    }

    /// OPEN, active: from a port of the host's own address to `remote`.
    ///
    /// # Errors
    /// Port 0, a remote that no connection can have, or the connection exists.
    pub fn open_active(&mut self, port: u16, remote: Endpoint) -> Result<Name, OpenError> {
        let local = self.local_for(port, remote)?;
        let tcb = call::active(&self.config, &mut self.isns, self.now, local, remote);
        let name = self.records.insert(Record::Connection(tcb), true);
        self.settle(name);
        Ok(name)
    }

    /// OPEN, active, on a listener: it changes from passive to active.
    ///
    /// # Errors
    /// As [`Host::open_active`]; the name is no listener.
    pub fn activate(&mut self, name: Name, remote: Endpoint) -> Result<(), OpenError> {
        let Some(record) = self.records.get(name) else { return Err(OpenError::NoConnection) };
        let Record::Listening(listener) = record else {
            let closed = matches!(record, Record::Closed(..));
            return Err(if closed { OpenError::NoConnection } else { OpenError::Exists });
        };
        let local = self.local_for(listener.listen.port, remote)?;
        self.abandon(name);
        let tcb = call::active(&self.config, &mut self.isns, self.now, local, remote);
        self.records.replace(name, Record::Connection(tcb));
        self.settle(name);
        Ok(())
    }

    /// The next established connection that this listener made, if there is one.
    pub fn accept(&mut self, listener: Name) -> Option<Name> {
        let Some(Record::Listening(waiting)) = self.records.get_mut(listener) else { return None };
        let name = waiting.ready.pop_front()?;
        self.records.own(name);
        Some(name)
    }

    /// SEND: queues as much of `text` as fits; says how many octets.
    ///
    /// # Errors
    /// RFC 9293 3.10.2's, and what the connection came to.
    pub fn send(&mut self, name: Name, text: &[u8]) -> Result<usize, SendError> {
        // 3.10.2, LISTEN STATE: with a remote socket the connection changes from passive to active.
        if let Some(Record::Listening(listener)) = self.records.get(name)
            && let Some(remote) = listener.listen.remote
        {
            self.activate(name, remote).map_err(|_| SendError::RemoteUnspecified)?;
        }
        let record = self.records.get_mut(name).ok_or(SendError::NoConnection)?;
        let result = call::send(record, &self.config, text);
        self.settle(name);
        result
    }

    /// RECEIVE: appends at most `max` octets to `out`; says how many. 0 is "nothing yet".
    ///
    /// # Errors
    /// RFC 9293 3.10.3's, and what the connection came to.
    pub fn receive(&mut self, name: Name, max: u32, out: &mut Vec<u8>) -> Result<usize, ReceiveError> {
        let record = self.records.get_mut(name).ok_or(ReceiveError::NoConnection)?;
        let result = call::receive(record, &self.config, max, out);
        self.settle(name);
        result
    }

    /// CLOSE. The name stays the user's until [`Host::release`].
    ///
    /// # Errors
    /// RFC 9293 3.10.4's.
    pub fn close(&mut self, name: Name) -> Result<(), CloseError> {
        let record = self.records.get_mut(name).ok_or(CloseError::NoConnection)?;
        let fate = call::close(record, &self.config, &mut self.resets)?;
        self.follow(name, fate);
        Ok(())
    }

    /// CLOSE that only ends sending, also where [`crate::Config::half_duplex`] is on.
    ///
    /// # Errors
    /// RFC 9293 3.10.4's.
    pub fn shutdown(&mut self, name: Name) -> Result<(), CloseError> {
        let record = self.records.get_mut(name).ok_or(CloseError::NoConnection)?;
        let fate = call::shutdown(record)?;
        self.follow(name, fate);
        Ok(())
    }

    /// ABORT.
    ///
    /// # Errors
    /// RFC 9293 3.10.5's.
    pub fn abort(&mut self, name: Name) -> Result<(), AbortError> {
        let record = self.records.get_mut(name).ok_or(AbortError::NoConnection)?;
        let fate = call::abort(record, &mut self.resets)?;
        self.follow(name, fate);
        Ok(())
    }

    /// STATUS: the state.
    ///
    /// # Errors
    /// RFC 9293 3.10.6's: in CLOSED there is no connection.
    pub fn status(&self, name: Name) -> Result<State, StatusError> {
        match self.records.get(name).map(Record::state) {
            None | Some(State::Closed) => Err(StatusError::NoConnection),
            Some(state) => Ok(state),
        }
    }

    /// Gives a name back. What is still open is closed first, and goes on alone; until this call a name is
    /// never given to anything else.
    pub fn release(&mut self, name: Name) {
        // Closed before: then there is nothing left to do.
        let _ = self.close(name);
        self.records.disown(name);
    }

    // ------------------------------------------------------------ options and signals

    /// The Nagle algorithm of a connection, or of those that a listener will make.
    pub fn set_nagle(&mut self, name: Name, on: bool) {
        self.set(name, |options| options.nagle = on);
    }

    /// The delayed ACK of a connection, or of those that a listener will make.
    pub fn set_ack_delay(&mut self, name: Name, delay: Option<Duration>) {
        self.set(name, |options| options.ack_delay = delay);
    }

    /// The user timeout of a connection, or of those that a listener will make.
    pub fn set_user_timeout(&mut self, name: Name, timeout: Option<Duration>) {
        self.set(name, |options| options.user_timeout = timeout);
    }

    fn set(&mut self, name: Name, change: impl FnOnce(&mut Options)) {
        match self.records.get_mut(name) {
            Some(Record::Listening(listener)) => change(&mut listener.options),
            Some(Record::Connection(tcb)) => change(&mut tcb.options),
            Some(Record::Closed(..)) | None => {}
        }
        self.settle(name);
    }

    /// What the user was told since the last time.
    pub fn signals(&mut self, name: Name) -> Signals {
        match self.records.get_mut(name) {
            Some(Record::Connection(tcb)) => core::mem::take(&mut tcb.signals),
            Some(Record::Closed(_, signals)) => core::mem::take(signals),
            Some(Record::Listening(_)) | None => Signals::default(),
        }
    }

    /// The local socket for a connection to `remote`, where there is one and the connection is new.
    fn local_for(&self, port: u16, remote: Endpoint) -> Result<Endpoint, OpenError> {
        check_remote(&self.config, remote)?;
        if port == 0 {
            return Err(OpenError::BadLocal);
        }
        let same_version = |own: &&Address| own.addr.is_ipv4() == remote.addr.is_ipv4();
        let own = self.config.addresses.iter().find(same_version).ok_or(OpenError::BadRemote(remote))?;
        let local = Endpoint { addr: own.addr, port };
        if self.records.named(local, remote).is_some() { Err(OpenError::Exists) } else { Ok(local) }
    }
}
