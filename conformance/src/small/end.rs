//! One end of a small world: a stack, and what its user has done and learnt. One input moves it; what that broke is
//! noted as a [`Fact`], to be judged with the other end's view.

use lastack_core::types::{SeqNum, State};

use super::flying::{Flying, Peer};
use super::machine::Input;
use super::setup::{Do, Side};
use super::{Door, Stack, View};
use crate::subject::{Call, Outcome, UserSignal};

/// The most incarnations of one end; none begins beyond.
pub const LIVES: u8 = 6;
/// The incarnation of segments that no sender of this world sent.
pub const STALE: u8 = 7;
/// A stack that sends more at once floods.
const FLOOD: usize = 32;

/// The octet of an end's stream: by its incarnation, 1 and up, and its place, 0 and up. Each is different, so that
/// what is delivered tells where it comes from.
pub const fn octet(from: Peer, life: u8, place: u8) -> u8 {
    (from as u8) << 7 | (life & 7) << 4 | (place & 15)
}

/// What happened to an end that no rule wants, or that may be wrong together with the other end's view.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fact {
    /// ESTABLISHED without an acknowledgment of its SYN.
    EarlyOpen,
    /// An octet of another incarnation was delivered.
    StaleText,
    /// Another octet than the next one was delivered.
    WrongText,
    /// Text was delivered after the end of the stream.
    TextAfterEnd,
    /// The FIN was sent with two numbers, or text behind it.
    FinMoved,
    /// A RST that the peer never sent ended the connection.
    ForgedReset,
    /// A RST answered a RST.
    ResetForReset,
    /// RCV.NXT went back.
    AckBack,
    /// A new ISS lies below the numbers of the incarnation before.
    OldIss,
    /// TIME-WAIT was left out, or ended before its time.
    CutLinger,
    /// An OPEN came to nothing and its caller was not told.
    SilentEnd,
    /// A RST ended a connection that waited for the ACK of its FIN.
    ResetInClose,
    /// SEND was refused although the user has not closed.
    SendRefused,
    /// It sent without end.
    Floods,
}

/// A set of facts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Facts(u16);

impl Facts {
    /// Whether it is in it.
    pub const fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u16) != 0
    }

    fn note(&mut self, fact: Fact, is_so: bool) {
        self.0 |= u16::from(is_so) << fact as u16;
    }
}

/// What an end's user has done and learnt.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct User {
    /// Calls of its script that are made.
    pub calls: u8,
    /// Crashes of its end.
    pub crashes: u8,
    /// Incarnations so far.
    pub life: u8,
    /// The peer's incarnation whose SYN was taken.
    pub peer_life: u8,
    /// Octets that SEND took, by incarnation.
    pub submitted: [u8; LIVES as usize + 1],
    /// Octets that were delivered in this incarnation.
    pub delivered: u8,
    /// OPEN, active, was called in this incarnation.
    pub asked: bool,
    /// It was told `connection open`.
    pub open: bool,
    /// The error that it was told.
    pub told: Option<UserSignal>,
    /// It was told the end of the peer's stream.
    pub ended: bool,
    /// It has called CLOSE.
    pub closed: bool,
    /// It has called ABORT, ever.
    pub aborted: bool,
    /// The number of its FIN.
    fin: Option<SeqNum>,
    /// SND.NXT of the incarnation before.
    past: Option<SeqNum>,
    /// What went wrong.
    pub facts: Facts,
}

/// One end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct End<S> {
    /// Its stack.
    pub stack: S,
    /// Its user.
    pub user: User,
}

impl<S: Stack> End<S> {
    /// The end before anything has happened.
    pub fn new(side: &Side<S::Config, S>) -> End<S> {
        End { stack: side.stack.clone(), user: User::default() }
    }

    /// The call that its user would make next.
    pub fn next_call(&self, side: &Side<S::Config, S>) -> Option<Do> {
        let script = &side.script;
        let calls = if self.user.crashes > 0 { script.after_crash } else { script.first };
        calls.get(usize::from(self.user.calls)).copied()
    }

    /// The end after one input, and what it sends; `None` where nothing comes of it.
    pub fn step(
        &self,
        peer: Peer,
        side: &Side<S::Config, S>,
        input: Input,
        arriving: Option<&Flying>,
    ) -> Option<(End<S>, Vec<Flying>)> {
        let config = &side.config;
        let before = self.stack.view(config);
        let mut end = self.clone();
        let mut arrived = None;
        match input {
            Input::Call => end.call(peer, side)?,
            Input::Fire => end.stack.fire(config),
            Input::Crash => {
                end.stack = end.stack.restarted(config);
                let User { crashes, life, submitted, aborted, facts, .. } = self.user;
                end.user = User { crashes: crashes + 1, life, submitted, aborted, facts, ..User::default() };
            }
            Input::Arrive(_) | Input::ArriveCorrupt(_) => {
                let mut segment = arriving?.clone();
                if matches!(input, Input::ArriveCorrupt(_)) {
                    if !side.doors.contains(&Door::BlindToChecksum) {
                        return None;
                    }
                    segment.text.first_mut().map(|octet| *octet ^= 0x0f)?;
                }
                side.doors.iter().for_each(|door| door.pass(&mut segment, &before));
                end.stack.arrive(config, &segment);
                arrived = Some(segment);
            }
        }
        // A life begins before its octets are told apart.
        end.turn_over(&before, &end.stack.view(config), arrived.as_ref());
        end.read(peer, side);
        let mut sent = Vec::new();
        while let Some(segment) = end.stack.leave(config) {
            sent.push(segment);
            if sent.len() == FLOOD {
                end.user.facts.note(Fact::Floods, true);
                break;
            }
        }
        end.listen_to_signals();
        end.stack.normalise(config);
        let after = end.stack.view(config);
        end.note(input, &before, &after, arrived.as_ref(), &sent);
        if end.user.life > LIVES {
            return None;
        }
        sent.iter_mut().for_each(|segment| segment.life = end.user.life);
        Some((end, sent))
    }

    fn call(&mut self, peer: Peer, side: &Side<S::Config, S>) -> Option<()> {
        let next = self.next_call(side)?;
        let user = &mut self.user;
        let life = usize::from(user.life.min(LIVES));
        let at = user.submitted[life];
        let text = [octet(peer, user.life, at), octet(peer, user.life, at + 1)];
        let call = match next {
            Do::Listen => Call::OpenPassive { port: peer.port() },
            Do::Open => Call::OpenActive { port: peer.port(), remote: peer.other().socket() },
            Do::Send => Call::Send(&text[..1]),
            Do::SendTwo => Call::Send(&text),
            Do::Receive => Call::Receive { max: 1 },
            Do::Close => Call::Close,
            Do::Abort => Call::Abort,
        };
        // SEND and CLOSE belong to a connection: of a listener to one that its user was told of.
        let has_peer = self.stack.view(&side.config).iss.is_some() && (user.asked || user.open);
        if matches!(next, Do::Send | Do::SendTwo | Do::Close | Do::Abort) && !has_peer {
            return None;
        }
        let mut received = Vec::new();
        match self.stack.call(&side.config, call, &mut received) {
            Outcome::Done => {}
            Outcome::Octets(taken) => match next {
                Do::Send | Do::SendTwo => user.submitted[life] += taken as u8,
                _ => self.take(peer, &received),
            },
            Outcome::EndOfStream if next == Do::Receive => user.ended = true,
            Outcome::Closing if matches!(next, Do::Send | Do::SendTwo) && !user.closed => {
                user.facts.note(Fact::SendRefused, true);
            }
            _ => return None,
        }
        let user = &mut self.user;
        user.calls += 1;
        user.closed |= next == Do::Close;
        user.aborted |= next == Do::Abort;
        user.asked |= next == Do::Open;
        if matches!(next, Do::Open | Do::Listen) {
            (user.open, user.told, user.ended, user.closed) = (false, None, false, false);
            user.asked = next == Do::Open;
        }
        Some(())
    }

    /// An incarnation ends or begins; a SYN of the peer's is taken.
    fn turn_over(&mut self, before: &View, after: &View, arrived: Option<&Flying>) {
        let user = &mut self.user;
        if before.iss.is_some() && before.iss != after.iss {
            user.past = Some(before.nxt);
        }
        if after.iss.is_some() && before.iss != after.iss {
            user.life += 1;
            (user.peer_life, user.delivered, user.ended, user.fin) = (0, 0, false, None);
            user.open = false;
            let is_old = |iss: SeqNum| user.past.is_some_and(|past| iss.is_before(past));
            let is_old = after.iss.is_some_and(is_old);
            user.facts.note(Fact::OldIss, is_old);
        }
        let begins = before.irs != after.irs || before.iss != after.iss;
        let opens = after.state.is_synchronized() && !before.state.is_synchronized();
        match arrived {
            Some(syn) if begins && after.irs.is_some() => user.peer_life = syn.life,
            // Who confirms an open is whom it is with, where the SYN was an old one with the same number.
            Some(ack) if opens && ack.life != STALE => {
                user.peer_life = (user.peer_life % STALE).max(ack.life)
            }
            _ => {}
        }
    }

    /// The user takes what there is.
    fn read(&mut self, peer: Peer, side: &Side<S::Config, S>) {
        for door in &side.doors {
            if let Door::Spills(octets) = door {
                self.stack.spill(*octets);
            }
        }
        while side.reads && !self.user.ended && self.stack.view(&side.config).state.is_synchronized() {
            let mut received = Vec::new();
            match self.stack.call(&side.config, Call::Receive { max: 255 }, &mut received) {
                Outcome::Octets(taken) if taken > 0 => self.take(peer, &received),
                Outcome::EndOfStream => self.user.ended = true,
                _ => break,
            }
        }
    }

    fn take(&mut self, peer: Peer, received: &[u8]) {
        let user = &mut self.user;
        for &octet_taken in received {
            let right = octet(peer.other(), user.peer_life, user.delivered);
            let same_life = octet_taken >> 4 == right >> 4 && user.peer_life != STALE;
            user.facts.note(Fact::StaleText, !same_life);
            user.facts.note(Fact::WrongText, same_life && octet_taken != right);
            user.facts.note(Fact::TextAfterEnd, user.ended);
            user.delivered += 1;
        }
    }

    fn listen_to_signals(&mut self) {
        let mut signals = Vec::new();
        self.stack.signals(&mut signals);
        for signal in signals {
            match signal {
                UserSignal::Open => self.user.open = true,
                UserSignal::Reset | UserSignal::Refused | UserSignal::TimedOut => {
                    self.user.told = Some(signal);
                }
                _ => {}
            }
        }
    }

    /// What one input has broken.
    fn note(&mut self, input: Input, before: &View, after: &View, arrived: Option<&Flying>, sent: &[Flying]) {
        let user = &mut self.user;
        let facts = &mut user.facts;
        let is_open = |state| matches!(state, State::Established | State::CloseWait);
        let is_reset = arrived.is_some_and(|segment| segment.flags.rst());
        let same = before.iss.is_some() && before.iss == after.iss;
        let is_gone = before.iss.is_some() && after.iss.is_none();

        let acks_syn = arrived.is_some_and(|segment| {
            segment.flags.ack() && after.iss.is_some_and(|iss| segment.ack.is_after(iss))
        });
        let opens = is_open(after.state) && !before.state.is_synchronized();
        facts.note(Fact::EarlyOpen, opens && !(acks_syn && after.irs.is_some()));
        facts.note(Fact::AckBack, same && before.irs == after.irs && after.rcv_nxt.is_before(before.rcv_nxt));
        facts.note(Fact::ResetForReset, is_reset && sent.iter().any(|segment| segment.flags.rst()));
        let forged = arrived.is_some_and(|segment| segment.life == STALE) && is_reset;
        facts.note(Fact::ForgedReset, forged && is_gone && before.state.is_synchronized());
        let closing = matches!(before.state, State::Closing | State::LastAck);
        facts.note(Fact::ResetInClose, is_reset && closing && is_gone);

        let arrives = arrived.is_some_and(|segment| !segment.flags.syn());
        let lingers = before.state == State::TimeWait && arrives;
        let closes = matches!(before.state, State::FinWait1 | State::FinWait2 | State::Closing);
        facts.note(Fact::CutLinger, is_gone && (lingers || closes && arrived.is_some() && !is_reset));
        let unasked = !matches!(input, Input::Call | Input::Crash);
        facts.note(Fact::SilentEnd, user.asked && !user.open && user.told.is_none() && is_gone && unasked);

        for segment in sent {
            let end = segment.seq.add(segment.text.len() as u32);
            let fin = user.fin;
            let moves =
                |fin| !segment.text.is_empty() && end.is_after(fin) || segment.flags.fin() && end != fin;
            user.facts.note(Fact::FinMoved, fin.is_some_and(moves) && same);
            if segment.flags.fin() {
                user.fin = Some(end);
            }
        }
    }
}
