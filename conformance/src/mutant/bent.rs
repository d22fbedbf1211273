//! The model with what it sends, hears, or tells its user, bent: wrong on the wire, right inside.

use lastack_core::types::wire;
use lastack_core::types::{
    Checksum, Duration, Endpoint, Flags, Header, Instant, Options, Segment, SeqNum, State,
};

use crate::model::Model;
use crate::resolve;
use crate::scenario::{Addr, STACK_PORT, user_octet};
use crate::subject::{
    Call, Description, Factory, Handle, IpVersion, Outcome, Packets, Polled, Setup, Subject, UserSignal,
    stack_addr,
};

/// Which of the packets that leave are bent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// SYN and SYN,ACK.
    Syn,
    /// Empty ACKs behind the first so many.
    Empty(u32),
    /// Text.
    Text,
    /// RST.
    Rst,
    /// FIN that is sent again.
    FinAgain,
    /// Of what is sent again the one of this number, from one.
    Again(u32),
}

/// What is done to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// Cut to 30 octets.
    Cut,
    /// A wrong IPv4 header checksum.
    IpChecksum,
    /// A wrong TCP checksum.
    TcpChecksum,
    /// This data offset.
    Offset(u8),
    /// No time to live.
    NoTtl,
    /// From another address.
    Source,
    /// To the broadcast address of the link.
    Destination,
    /// These option octets.
    Options(&'static [u8]),
    /// These control bits turned over.
    Flags(u16),
    /// The urgent pointer, and URG.
    Urgent,
    /// SEG.SEQ off by so many.
    Seq(i32),
    /// SEG.ACK off by so many.
    Ack(i32),
    /// The window smaller by so many.
    Window(u16),
    /// So many octets of the user's stream more.
    Longer(u32),
    /// Other octets.
    Octets,
    /// So many times.
    Times(u32),
    /// It does not leave.
    Drop,
}

/// One way to be bent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bend {
    /// Of what leaves.
    Sent(When, How),
    /// At this many milliseconds a segment of its own: control bits, SEQ from the number after the last
    /// segment, octets of text.
    Says(u64, Flags, i32, u8),
    /// The same with the SEQ of the first SYN.
    SaysOld(u64, Flags),
    /// The peer's windows are taken for 60,000 octets.
    BlindToWindow,
    /// The peer's MSS is taken for 1460.
    BlindToMss,
    /// RECEIVE hands over other octets.
    OtherOctets,
    /// RECEIVE says that the stream has ended when there is nothing to read.
    EndsEarly,
}

/// The model, bent.
#[derive(Clone, Debug)]
pub struct Bent {
    /// The model.
    pub model: Model,
    /// How.
    pub bend: Bend,
}

impl Factory for Bent {
    fn describe(&self) -> Description {
        self.model.describe()
    }

    fn make(&self) -> Box<dyn Subject> {
        Box::new(Stack {
            inner: self.model.make(),
            bend: self.bend,
            ip: IpVersion::V4,
            now: Instant::ZERO,
            began: None,
            said: false,
            seen: 0,
            first: None,
            last: None,
            top: None,
        })
    }
}

struct Stack {
    inner: Box<dyn Subject>,
    bend: Bend,
    ip: IpVersion,
    now: Instant,
    /// When the scenario began: the driver's first word about the time.
    began: Option<Instant>,
    /// The segment of its own has left.
    said: bool,
    /// Packets so far of the kind that is counted.
    seen: u32,
    /// SEQ of the first packet.
    first: Option<SeqNum>,
    /// The last header that left, and the number after its segment.
    last: Option<(Header, SeqNum)>,
    /// The number after all that left.
    top: Option<SeqNum>,
}

impl Stack {
    fn is_meant(&mut self, when: When, segment: &Segment<'_>) -> bool {
        let flags = segment.header.flags;
        let again = !segment.is_empty() && self.top.is_some_and(|top| segment.end().is_at_or_before(top));
        let of_kind = match when {
            When::Syn => return flags.syn(),
            When::Text => return !segment.text.is_empty(),
            When::Rst => return flags.rst(),
            When::FinAgain => return flags.fin() && again,
            When::Empty(_) => segment.is_empty() && !flags.rst(),
            When::Again(_) => again,
        };
        self.seen += u32::from(of_kind);
        match when {
            When::Empty(skipped) => of_kind && self.seen > skipped,
            When::Again(number) => of_kind && self.seen == number,
            _ => of_kind,
        }
    }

    fn send(&mut self, packet: &[u8], out: &mut Packets) {
        let Ok(segment) = wire::parse(packet) else { return out.push(packet) };
        let meant = match self.bend {
            Bend::Sent(when, how) => self.is_meant(when, &segment).then_some(how),
            _ => None,
        };
        let (mut header, mut text) = (segment.header, segment.text.to_vec());
        self.first = self.first.or(Some(header.seq));
        self.top = Some(self.top.map_or(segment.end(), |top| top.max(segment.end())));
        if let Some(how) = meant {
            self.bend(how, &mut header, &mut text);
        }
        self.last = Some((header, segment.end()));
        let times = match meant {
            Some(How::Times(times)) => times,
            Some(How::Drop) => 0,
            _ => 1,
        };
        for _ in 0..times {
            let segment = Segment { header, text: &text };
            let mut bent = Vec::new();
            if wire::emit(&segment, &mut bent).is_ok() {
                if meant == Some(How::Cut) {
                    bent.truncate(30);
                }
                out.push(&bent);
            }
        }
    }

    fn bend(&self, how: How, h: &mut Header, text: &mut Vec<u8>) {
        match how {
            How::IpChecksum => h.ip_checksum = Checksum::Literal(1),
            How::TcpChecksum => h.checksum = Checksum::Literal(1),
            How::Offset(words) => h.data_offset = Some(words),
            How::NoTtl => h.ttl = 0,
            How::Source => h.src.addr = resolve::address(Addr::Elsewhere, self.ip),
            How::Destination => h.dst.addr = resolve::address(Addr::DirectedBroadcast, self.ip),
            How::Options(octets) => h.options = Options::from_octets(octets).unwrap_or_default(),
            How::Flags(bits) => h.flags = Flags::from_bits(h.flags.bits() ^ bits),
            How::Urgent => {
                h.flags = h.flags | Flags::URG;
                h.urgent = 5;
            }
            How::Seq(off) => h.seq = h.seq.offset(off),
            How::Ack(off) => h.ack = h.ack.offset(off),
            How::Window(less) => h.window = h.window.saturating_sub(less),
            How::Longer(more) => {
                let first = self.first.unwrap_or(h.seq).add(1);
                let from = h.seq.add(text.len() as u32).steps_from(first);
                text.extend((from..from + more).map(user_octet));
            }
            How::Octets => text.iter_mut().for_each(|octet| *octet ^= 0x55),
            How::Cut | How::Times(_) | How::Drop => {}
        }
    }

    /// When the segment of its own leaves.
    fn says_at(&self) -> Option<Instant> {
        match self.bend {
            Bend::Says(millis, ..) | Bend::SaysOld(millis, _) if !self.said => {
                self.began.map(|began| began + Duration::from_millis(millis))
            }
            _ => None,
        }
    }

    fn say(&mut self, out: &mut Packets) {
        self.said = true;
        let src = Endpoint { addr: stack_addr(self.ip), port: STACK_PORT };
        let dst = Endpoint { addr: resolve::address(Addr::Peer(0), self.ip), port: 9000 };
        let zero = SeqNum::new(0);
        let fresh = (Header::new(src, dst, Flags::ACK, zero, zero), zero);
        let (last, end) = self.last.unwrap_or(fresh);
        let (flags, seq, octets) = match self.bend {
            Bend::Says(_, flags, off, octets) => (flags, end.offset(off), octets),
            Bend::SaysOld(_, flags) => (flags, self.first.unwrap_or(zero).add(1), 0),
            _ => return,
        };
        let header = Header { flags, seq, options: Options::NONE, ..last };
        let text = vec![0; usize::from(octets)];
        out.push_with(|packet| {
            let _ = wire::emit(&Segment { header, text: &text }, packet);
        });
    }
}

impl Subject for Stack {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        (self.ip, self.now, self.said, self.seen) = (setup.ip, Instant::ZERO, false, 0);
        (self.began, self.first, self.last, self.top) = (None, None, None, None);
        self.inner.reset(setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        let outcome = self.inner.call(handle, call, received);
        match (self.bend, call) {
            (Bend::OtherOctets, Call::Receive { .. }) => received.iter_mut().for_each(|octet| *octet ^= 0x55),
            (Bend::EndsEarly, Call::Receive { .. }) if outcome == Outcome::WouldBlock => {
                return Outcome::EndOfStream;
            }
            _ => {}
        }
        outcome
    }

    fn deliver(&mut self, packet: &[u8]) {
        let mut bent = Vec::new();
        if let Ok(segment) = wire::parse(packet) {
            let mut header = segment.header;
            if self.bend == Bend::BlindToWindow {
                header.window = 60_000;
            }
            if self.bend == Bend::BlindToMss && header.flags.syn() {
                header.options = wire::OptionsBuilder::new().mss(1460).build().unwrap_or_default();
            }
            let _ = wire::emit(&Segment { header, text: segment.text }, &mut bent);
        }
        self.inner.deliver(if bent.is_empty() { packet } else { &bent });
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        let mut sent = Packets::default();
        let polled = self.inner.poll(room, &mut sent);
        for packet in sent.iter() {
            self.send(packet, out);
        }
        if self.says_at().is_some_and(|at| at <= self.now) {
            self.say(out);
        }
        polled
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.inner.next_timer().into_iter().chain(self.says_at()).min()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.now = self.inner.advance(to);
        self.began = self.began.or(Some(self.now));
        self.now
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.inner.signals(handle, out);
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.inner.state(handle)
    }
}
