//! Abstract segments: what a segment looks like from the receiver's variables.
//!
//! Both ends are classed: [`SeqClass`] says where the first octet lies, `overrun` whether the last one (the
//! FIN counted) lies past the window's edge. The vocabulary is that of RFC 9293 3.4 and 3.10.7.4, with
//! N = RCV.NXT, W = RCV.WND, L = SEG.LEN.

use core::fmt;

use lastack_core::types::{Flags, Segment, SeqNum, State};

/// Where a segment lies against `RCV.NXT` and the window's edge.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SeqClass {
    /// All of it left of N.
    Before,
    /// Starts left of N, ends inside the window.
    LeftOverlap,
    /// SEG.SEQ = N.
    Exact,
    /// N < SEG.SEQ < N+W.
    InWindow,
    /// SEG.SEQ >= N+W, or > N when W = 0.
    Beyond,
    /// Starts left of N, ends right of the window's edge.
    Spans,
}

/// Where SEG.ACK lies against the send variables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AckClass {
    /// The ACK bit is off.
    None,
    /// Below SND.UNA - MAX.SND.WND.
    Ancient,
    /// Below SND.UNA, but not ancient.
    Old,
    /// SEG.ACK = SND.UNA.
    Dup,
    /// SND.UNA < SEG.ACK =< SND.NXT.
    New,
    /// New, and it covers the FIN.
    NewFin,
    /// Above SND.NXT.
    Future,
    /// SYN-SENT only: ISS < SEG.ACK =< SND.NXT.
    SynAcked,
    /// SYN-SENT only: any other number.
    Bad,
}

impl SeqClass {
    /// All of them, left to right.
    pub const ALL: [SeqClass; 6] = [
        SeqClass::Before,
        SeqClass::LeftOverlap,
        SeqClass::Exact,
        SeqClass::InWindow,
        SeqClass::Beyond,
        SeqClass::Spans,
    ];

    /// The name in the table's print-outs.
    pub const fn name(self) -> &'static str {
        match self {
            SeqClass::Before => "before",
            SeqClass::LeftOverlap => "left-overlap",
            SeqClass::Exact => "exact",
            SeqClass::InWindow => "in-window",
            SeqClass::Beyond => "beyond",
            SeqClass::Spans => "spans",
        }
    }

    /// Passes the four-case test of RFC 9293 3.10.7.4, first step, save for text at a zero window.
    pub const fn is_inside(self) -> bool {
        matches!(self, SeqClass::LeftOverlap | SeqClass::Exact | SeqClass::InWindow)
    }
}

impl AckClass {
    /// All of them, low to high; the two of SYN-SENT last.
    pub const ALL: [AckClass; 9] = [
        AckClass::None,
        AckClass::Ancient,
        AckClass::Old,
        AckClass::Dup,
        AckClass::New,
        AckClass::NewFin,
        AckClass::Future,
        AckClass::SynAcked,
        AckClass::Bad,
    ];

    /// The name in the table's print-outs.
    pub const fn name(self) -> &'static str {
        match self {
            AckClass::None => "none",
            AckClass::Ancient => "ancient",
            AckClass::Old => "old",
            AckClass::Dup => "dup",
            AckClass::New => "new",
            AckClass::NewFin => "new-fin",
            AckClass::Future => "future",
            AckClass::SynAcked => "syn-acked",
            AckClass::Bad => "bad",
        }
    }
}

impl fmt::Display for SeqClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for AckClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The receive side that a segment is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RcvView {
    /// RCV.NXT.
    pub nxt: SeqNum,
    /// RCV.NXT + RCV.WND: the first number outside.
    pub edge: SeqNum,
}

/// The send side that a segment is held against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SndView {
    /// ISS.
    pub iss: SeqNum,
    /// SND.UNA.
    pub una: SeqNum,
    /// SND.NXT, the highest number sent plus one.
    pub nxt: SeqNum,
    /// The largest window the peer ever advertised, for the range check of RFC 5961 5.2.
    pub max_wnd: u32,
    /// The number after our FIN, when it has been sent.
    pub fin_end: Option<SeqNum>,
}

/// An abstract segment. Everything a guard may ask, nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Class {
    /// SYN, ACK, RST, FIN and URG as they are; other bits do not matter.
    pub flags: Flags,
    /// Where the first octet lies, and whether the whole fits.
    pub seq: SeqClass,
    /// The last octet (FIN counted) lies past the window's edge although the first lies inside it.
    pub overrun: bool,
    /// Where the acknowledgment lies.
    pub ack: AckClass,
    /// There is text.
    pub text: bool,
    /// RCV.WND is zero.
    pub zero_window: bool,
}

impl Class {
    /// SEG.LEN > 0.
    pub const fn takes_numbers(&self) -> bool {
        self.text || self.flags.syn() || self.flags.fin()
    }
}

/// Classes a segment's place in sequence space. `len` is SEG.LEN.
///
/// The window is given by its edge; an edge at or left of RCV.NXT is a window of zero.
pub fn seq_class(seq: SeqNum, len: u32, rcv: RcvView) -> (SeqClass, bool) {
    let wnd = window(rcv);
    let start = seq.diff(rcv.nxt);
    if start == 0 {
        return (SeqClass::Exact, len > wnd && wnd > 0);
    }
    if start > 0 {
        let start = start as u32;
        if start >= wnd {
            return (SeqClass::Beyond, false);
        }
        return (SeqClass::InWindow, len > wnd - start);
    }
    // Starts left of RCV.NXT: how much of it reaches past N?
    let left = start.unsigned_abs();
    if len <= left {
        (SeqClass::Before, false)
    } else if len - left <= wnd {
        (SeqClass::LeftOverlap, false)
    } else {
        (SeqClass::Spans, false)
    }
}

/// RCV.WND of a view, never negative.
pub fn window(rcv: RcvView) -> u32 {
    rcv.edge.diff(rcv.nxt).max(0) as u32
}

/// Classes an acknowledgment number against the send variables, for `state`.
pub fn ack_class(state: State, flags: Flags, ack: SeqNum, snd: SndView) -> AckClass {
    if !flags.ack() {
        return AckClass::None;
    }
    if state == State::SynSent {
        let good = ack.is_after(snd.iss) && ack.is_at_or_before(snd.nxt);
        return if good { AckClass::SynAcked } else { AckClass::Bad };
    }
    if ack.is_after(snd.nxt) {
        AckClass::Future
    } else if ack.is_after(snd.una) {
        if snd.fin_end == Some(ack) { AckClass::NewFin } else { AckClass::New }
    } else if ack == snd.una {
        AckClass::Dup
    } else if ack.is_before(snd.una.sub(snd.max_wnd)) {
        AckClass::Ancient
    } else {
        AckClass::Old
    }
}

/// Classes a whole segment.
pub fn classify(state: State, segment: &Segment<'_>, rcv: RcvView, snd: SndView) -> Class {
    let h = &segment.header;
    let (seq, overrun) = seq_class(h.seq, segment.len(), rcv);
    let bits =
        Flags::SYN.bits() | Flags::ACK.bits() | Flags::RST.bits() | Flags::FIN.bits() | Flags::URG.bits();
    Class {
        flags: Flags::from_bits(h.flags.bits() & bits),
        seq,
        overrun,
        ack: ack_class(state, h.flags, h.ack, snd),
        text: !segment.text.is_empty(),
        zero_window: window(rcv) == 0,
    }
}
