//! The calls of the protocol on the host around vtcp, and what they come to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use pktkit::vtcp::State;

use crate::pipe::Fields;
use crate::serve::{Answer, outcome};
use crate::stack::{Held, Record, Stack, number};
use crate::wire::is_somebody;

impl Stack {
    /// One call; `fields` are those behind the call's number.
    pub fn answer(&mut self, handle: u8, call: u8, fields: &mut Fields<'_>) -> Answer {
        match call {
            1 => return self.open_passive(handle, fields.u16()).into(),
            2 => return self.open_active(handle, fields).into(),
            _ => {}
        }
        match (self.handles.get(&handle).copied(), call) {
            (None, _) => outcome::NO_CONNECTION.into(),
            (Some(Held::Listener(_)), 3) => self.accept(handle, fields.u8()).into(),
            (Some(Held::Listener(_)), 9) => in_state(State::Listen),
            (Some(Held::Listener(_)), 7 | 8) => self.close_listener(handle).into(),
            (Some(Held::Listener(_)), _) => outcome::INVALID.into(),
            (Some(Held::Record(id)), _) => self.on_connection(id, call, fields),
        }
    }

    fn on_connection(&mut self, id: usize, call: u8, fields: &mut Fields<'_>) -> Answer {
        let Some(record) = self.records.get_mut(&id) else { return outcome::NO_CONNECTION.into() };
        let state = record.conn.state();
        let closed = state == State::Closed;
        let open =
            matches!(state, State::SynSent | State::SynReceived | State::Established | State::CloseWait);
        let (answer, segments) = match call {
            4 => return self.send(id, fields.0),
            5 => return self.receive(id, fields.u32()),
            9 => return in_state(state),
            10 => (outcome::DONE, record.conn.set_nodelay(fields.u8() == 0)),
            6..=8 if closed => (ended(record.lost), Vec::new()),
            6 => (if open { outcome::DONE } else { outcome::CLOSING }, record.conn.close()),
            7 => {
                let again = record.released;
                record.released = true;
                (if again { outcome::CLOSING } else { outcome::DONE }, record.conn.release())
            }
            8 => (outcome::DONE, record.conn.abort()),
            _ => return outcome::UNSUPPORTED.into(),
        };
        self.worked(id, segments);
        answer.into()
    }

    fn open_passive(&mut self, handle: u8, port: u16) -> u8 {
        if self.handles.values().any(|held| matches!(held, Held::Listener(other) if *other == port)) {
            return outcome::EXISTS;
        }
        if self.is_alive(handle) {
            return outcome::EXISTS;
        }
        self.handles.insert(handle, Held::Listener(port));
        outcome::DONE
    }

    fn open_active(&mut self, handle: u8, fields: &mut Fields<'_>) -> u8 {
        let port = fields.u16();
        let len = fields.u8().into();
        let address: IpAddr = match fields.octets(len) {
            [a, b, c, d] => Ipv4Addr::new(*a, *b, *c, *d).into(),
            v6 => <[u8; 16]>::try_from(v6).map(Ipv6Addr::from).unwrap_or(Ipv6Addr::UNSPECIFIED).into(),
        };
        let peer = SocketAddr::new(address, fields.u16());
        if self.find(port, peer).is_some() || self.is_alive(handle) {
            return outcome::EXISTS;
        }
        if !is_somebody(address) || address.is_ipv6() != self.setup.own.is_ipv6() || peer.port() == 0 {
            return outcome::INVALID;
        }
        let id = self.record(port, peer, None);
        self.handles.insert(handle, Held::Record(id));
        let Some(record) = self.records.get_mut(&id) else { return outcome::INVALID };
        let segments = record.conn.connect();
        self.worked(id, segments);
        outcome::DONE
    }

    /// Whether the handle stands for a listener or for a connection that has not ended.
    fn is_alive(&self, handle: u8) -> bool {
        match self.handles.get(&handle) {
            Some(Held::Listener(_)) => true,
            Some(Held::Record(id)) => self.records.get(id).is_some_and(|r| r.conn.state() != State::Closed),
            None => false,
        }
    }

    fn accept(&mut self, handle: u8, taken: u8) -> u8 {
        if self.is_alive(taken) {
            return outcome::EXISTS;
        }
        let ready = |record: &Record| record.waits_at == Some(handle) && record.opened;
        let Some((id, record)) = self.records.iter_mut().find(|(_, record)| ready(record)) else {
            return outcome::WOULD_BLOCK;
        };
        record.waits_at = None;
        self.handles.insert(taken, Held::Record(*id));
        outcome::DONE
    }

    /// As pktkit's listeners: who waits to be accepted is reset.
    fn close_listener(&mut self, handle: u8) -> u8 {
        self.handles.remove(&handle);
        let waiting: Vec<usize> =
            self.records.iter().filter(|(_, r)| r.waits_at == Some(handle)).map(|(id, _)| *id).collect();
        for id in waiting {
            let segments = self.records.get_mut(&id).map(|record| record.conn.abort()).unwrap_or_default();
            self.worked(id, segments);
            self.forget(id);
        }
        outcome::DONE
    }

    fn send(&mut self, id: usize, octets: &[u8]) -> Answer {
        let Some(record) = self.records.get_mut(&id) else { return outcome::NO_CONNECTION.into() };
        match record.conn.state() {
            State::Closed => return ended(record.lost).into(),
            State::SynSent | State::SynReceived if !record.released => return outcome::WOULD_BLOCK.into(),
            State::Established | State::CloseWait => {}
            _ => return outcome::CLOSING.into(),
        }
        let (count, segments) = record.conn.write(octets);
        self.worked(id, segments);
        match count {
            0 if !octets.is_empty() => outcome::WOULD_BLOCK.into(),
            _ => Answer { value: count as u32, ..outcome::OCTETS.into() },
        }
    }

    fn receive(&mut self, id: usize, most: u32) -> Answer {
        let Some(record) = self.records.get_mut(&id) else { return outcome::NO_CONNECTION.into() };
        let mut octets = vec![0; (most as usize).min(self.setup.receive_buffer.max(1 << 16))];
        let count = if record.released { 0 } else { record.conn.read(&mut octets) };
        octets.truncate(count);
        let nothing = match record.conn.state() {
            _ if record.released => outcome::CLOSING,
            _ if most == 0 && record.conn.info().recv_queued > 0 => outcome::OCTETS,
            _ if record.ended => outcome::END_OF_STREAM,
            State::Closed => ended(record.lost),
            _ => outcome::WOULD_BLOCK,
        };
        // A read may have queued a window update.
        let segments = record.conn.take_outgoing();
        self.worked(id, segments);
        match count {
            0 => nothing.into(),
            _ => Answer { value: count as u32, octets, ..outcome::OCTETS.into() },
        }
    }
}

fn in_state(state: State) -> Answer {
    Answer { value: number(state).into(), ..outcome::IN_STATE.into() }
}

/// vtcp does not say how a connection was lost; that it was is known by the peer's FIN that never came.
fn ended(lost: bool) -> u8 {
    if lost { outcome::FAILED } else { outcome::NO_CONNECTION }
}
