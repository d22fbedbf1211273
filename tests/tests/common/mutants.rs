//! smoltcp with one thing broken on the wire, or at the user's side: what a check of the oracle is there for.
//!
//! All break RFC 9293, but for [`Flaw::Modest`], [`Flaw::AcksTwice`], [`Flaw::AcksByHalves`],
//! [`Flaw::RecutsText`] and [`Flaw::LateText`].

use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{
    Call, Description, Factory, Handle, Outcome, Packets, Polled, Setup, SocketOption, Subject, UserSignal,
};
use lastack::table::Profile;
use lastack_core::types::wire;
use lastack_core::types::{Duration, Flags, Header, Instant, Segment, SeqNum, State};

/// One way to be broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// smoltcp as it is.
    None,
    /// No empty ACK leaves.
    NoAcks,
    /// An empty ACK acknowledges one octet too many.
    WrongAck,
    /// An empty ACK has a SEQ seven too high.
    WrongSeq,
    /// An empty ACK has SEQ=SND.UNA, as if nothing were in flight.
    OldSeq,
    /// A RST has a SEQ one too high.
    WrongRst,
    /// The peer's window is taken for 60,000 octets.
    BlindToWindow,
    /// Text segments hold three octets too many.
    Longwinded,
    /// Text segments have the FIN bit.
    FinTooSoon,
    /// A RST is answered by a RST.
    AnswersRst,
    /// A RST is answered by an ACK.
    AcksRst,
    /// Everything leaves so many milliseconds late.
    Late(u64),
    /// SEND is refused.
    RefusesSend,
    /// Nothing is sent twice.
    NoResend,
    /// No text leaves while the peer's window is 0.
    NoProbes,
    /// No text leaves.
    NoText,
    /// No FIN leaves.
    NoFin,
    /// The window is 0 once the handshake is over.
    ShutsWindow,
    /// TIME-WAIT is left at once.
    NoTimeWait,
    /// The user timeout is not heard of.
    NoUserTimeout,
    /// One second after a RST has come an ACK leaves.
    SpeaksAfterEnd,
    /// After every segment but a SYN the user is told this.
    Tells(UserSignal),
    /// Half the window is advertised, which is allowed.
    Modest,
    /// An empty ACK is answered by an empty ACK.
    AcksAcks,
    /// An empty ACK leaves twice, which is allowed.
    AcksTwice,
    /// Before an empty ACK one with the number halfway there leaves, which is allowed.
    AcksByHalves,
    /// Text that is sent again leaves in two halves, which is allowed.
    RecutsText,
    /// Text leaves so many milliseconds late; of what a small window lets go, that is allowed.
    LateText(u64),
}

/// Makes smoltcp with a flaw, and with what `profile` names declared anew.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// What is broken.
    pub flaw: Flaw,
    /// Which smoltcp.
    pub base: Smoltcp,
    /// As on the command line: `msl=1s`.
    pub profile: &'static str,
}

impl Factory for Mutant {
    fn describe(&self) -> Description {
        let description = self.base.describe();
        let profile: Profile = description.profile.with_text(self.profile).expect("a profile of the test");
        Description { profile, ..description }
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack {
            inner: self.base.make(),
            flaw: self.flaw,
            now: Instant::ZERO,
            out: Packets::default(),
            late: Vec::new(),
            handles: Vec::new(),
            last: None,
            una: SeqNum::new(0),
            highest: None,
            shut: false,
            heard: false,
        })
    }
}

struct Stack {
    inner: Box<dyn Subject>,
    flaw: Flaw,
    now: Instant,
    out: Packets,
    /// What leaves later, and when.
    late: Vec<(Instant, Vec<u8>)>,
    handles: Vec<Handle>,
    /// The last header that left, and the number after its segment.
    last: Option<(Header, SeqNum)>,
    /// The peer's last acknowledgment.
    una: SeqNum,
    /// The number after all that left.
    highest: Option<SeqNum>,
    /// The peer's window is 0.
    shut: bool,
    /// A segment other than SYN has come since the user was last told something.
    heard: bool,
}

impl Stack {
    fn later(&mut self, span: Duration, packet: Vec<u8>) {
        self.late.push((self.now + span, packet));
    }

    /// An empty segment with these bits in answer to whatever came last.
    fn spontaneous(&self, flags: Flags) -> Option<Vec<u8>> {
        let (last, end) = self.last?;
        emit(&Segment { header: Header { flags, seq: end, ..last }, text: &[] })
    }

    /// What the flaw makes of a packet; nothing, and it does not leave.
    fn bend(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let Ok(segment) = wire::parse(packet) else { return Some(packet.to_vec()) };
        let mut h = segment.header;
        let mut text = segment.text.to_vec();
        let empty = segment.is_empty() && !h.flags.rst();
        let again = self.highest.is_some_and(|highest| segment.end().is_at_or_before(highest));
        match self.flaw {
            Flaw::NoAcks if empty => return None,
            Flaw::WrongAck if empty => h.ack = h.ack.add(1),
            Flaw::WrongSeq if empty => h.seq = h.seq.add(7),
            Flaw::OldSeq if empty => h.seq = self.una,
            Flaw::WrongRst if h.flags.rst() => h.seq = h.seq.add(1),
            Flaw::Longwinded if !text.is_empty() => text.extend([1, 2, 3]),
            Flaw::FinTooSoon if !text.is_empty() => h.flags = h.flags | Flags::FIN,
            Flaw::NoResend if again && !segment.is_empty() => return None,
            Flaw::NoProbes if self.shut && !text.is_empty() => return None,
            Flaw::NoText if !text.is_empty() => return None,
            Flaw::NoFin if h.flags.fin() => return None,
            Flaw::ShutsWindow if !h.flags.syn() => h.window = 0,
            Flaw::Modest => h.window /= 2,
            Flaw::RecutsText if again && text.len() > 1 => {
                let half = text.len() / 2;
                text.drain(..half);
                h.seq = h.seq.add(half as u32);
            }
            _ => {}
        }
        let end = segment.end();
        self.highest = Some(self.highest.map_or(end, |highest| highest.max(end)));
        self.last = Some((h, end));
        emit(&Segment { header: h, text: &text })
    }

    /// How late a packet leaves.
    fn delay(&self, packet: &[u8]) -> Duration {
        let millis = match (self.flaw, wire::parse(packet)) {
            (Flaw::Late(millis), _) => millis,
            (Flaw::LateText(millis), Ok(segment)) if !segment.text.is_empty() => millis,
            _ => 0,
        };
        Duration::from_millis(millis)
    }

    /// What leaves before a packet, besides it.
    fn ahead(&self, packet: &[u8]) -> Option<Vec<u8>> {
        let segment = wire::parse(packet).ok()?;
        let h = segment.header;
        let again = self.highest.is_some_and(|highest| segment.end().is_at_or_before(highest));
        let empty = segment.is_empty() && h.flags == Flags::ACK;
        match self.flaw {
            Flaw::AcksTwice if empty => Some(packet.to_vec()),
            Flaw::AcksByHalves if empty => {
                let before = self.last.map(|(last, _)| last).filter(|last| last.flags.ack())?;
                let half = h.ack.diff(before.ack).max(0) as u32 / 2;
                // The right edge stays where it is.
                let (ack, window) = (h.ack.sub(half), h.window + half as u16);
                emit(&Segment { header: Header { ack, window, ..h }, text: &[] })
            }
            Flaw::RecutsText if again => {
                let text = &segment.text[..segment.text.len() / 2];
                emit(&Segment { header: h, text }).filter(|_| !text.is_empty())
            }
            _ => None,
        }
    }

    /// Where TIME-WAIT is left at once: ABORT, and nobody hears of it.
    fn leave_time_wait(&mut self) {
        for handle in self.handles.clone() {
            if self.inner.state(handle) == Some(State::TimeWait) {
                self.inner.call(handle, Call::Abort, &mut Vec::new());
                self.inner.poll(usize::MAX, &mut Packets::default());
            }
        }
    }
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        (self.now, self.last, self.highest, self.shut) = (Instant::ZERO, None, None, false);
        self.heard = false;
        self.late.clear();
        self.handles.clear();
        let mut setup = *setup;
        if self.flaw == Flaw::NoUserTimeout {
            setup.user_timeout = None;
        }
        self.inner.reset(&setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.handles.push(handle);
        match (self.flaw, call) {
            (Flaw::RefusesSend, Call::Send(_)) => return Outcome::Closing,
            (Flaw::NoUserTimeout, Call::Set(SocketOption::UserTimeout(_))) => return Outcome::Done,
            _ => {}
        }
        self.inner.call(handle, call, received)
    }

    fn deliver(&mut self, packet: &[u8]) {
        let Ok(segment) = wire::parse(packet) else { return self.inner.deliver(packet) };
        let mut header = segment.header;
        self.shut = header.window == 0;
        self.heard = !header.flags.syn();
        if header.flags.ack() {
            self.una = header.ack;
        }
        let (answer, millis) = match self.flaw {
            Flaw::AnswersRst if header.flags.rst() => (self.spontaneous(Flags::RST), 0),
            Flaw::AcksRst if header.flags.rst() => (self.spontaneous(Flags::ACK), 0),
            Flaw::SpeaksAfterEnd if header.flags.rst() => (self.spontaneous(Flags::ACK), 1_000),
            Flaw::AcksAcks if segment.is_empty() && header.flags == Flags::ACK => {
                (self.spontaneous(Flags::ACK), 0)
            }
            _ => (None, 0),
        };
        if let Some(answer) = answer {
            self.later(Duration::from_millis(millis), answer);
        }
        if self.flaw == Flaw::BlindToWindow {
            header.window = 60_000;
        }
        match emit(&Segment { header, text: segment.text }) {
            Some(packet) => self.inner.deliver(&packet),
            None => self.inner.deliver(packet),
        }
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let mut sent = std::mem::take(&mut self.out);
        sent.clear();
        let polled = self.inner.poll(room, &mut sent);
        for packet in sent.iter() {
            let delay = self.delay(packet);
            if let Some(ahead) = self.ahead(packet) {
                self.later(delay, ahead);
            }
            if let Some(bent) = self.bend(packet) {
                self.later(delay, bent);
            }
        }
        self.out = sent;
        if self.flaw == Flaw::NoTimeWait {
            self.leave_time_wait();
        }
        let now = self.now;
        self.late.retain(|(due, packet)| {
            if *due <= now {
                out.push(packet);
            }
            *due > now
        });
        polled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        let late = self.late.iter().map(|(due, _)| *due).min();
        [self.inner.next_timer(), late].into_iter().flatten().min()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.now = self.inner.advance(to);
        self.now
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.inner.signals(handle, out);
        if let Flaw::Tells(signal) = self.flaw
            && self.heard
        {
            out.push(signal);
            self.heard = false;
        }
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.inner.state(handle)
    }
}

fn emit(segment: &Segment<'_>) -> Option<Vec<u8>> {
    let mut packet = Vec::new();
    wire::emit(segment, &mut packet).ok()?;
    Some(packet)
}
