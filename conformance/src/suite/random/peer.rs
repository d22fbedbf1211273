//! The peer's moves: in step, behind a bad network, restarted, hostile.

use lastack_core::types::Flags;

use super::maker::Maker;
use super::theme::{Move, Theme};
use crate::reach::{GAP, TEXT};
use crate::scenario::build::*;
use crate::scenario::{Anchor, Num, OddOptions, Route, SegmentSpec, Size};
use crate::suite::rows::{BREAKS, Break, ROUTES};

const PA: Flags = Flags::PSH.with(Flags::ACK);
const FA: Flags = Flags::FIN.with(Flags::ACK);
const SA: Flags = Flags::SYN.with(Flags::ACK);
const RA: Flags = Flags::RST.with(Flags::ACK);
const UA: Flags = Flags::URG.with(Flags::ACK);

/// Further than any window.
const FAR: i32 = 1 << 22;
/// Half the number space away, where signed differences turn round: outside every window, by any arithmetic. Of an
/// acknowledgment such a distance tells nothing, old or new.
const HALF: [i32; 3] = [i32::MIN, i32::MIN + 1, i32::MAX];
/// The furthest end of text beyond many gaps: 40 gaps of five octets, and five behind each; and one gap more.
const ISLANDS_MAX: u16 = 41 * 2 * TEXT;
/// Windows that a peer may have.
const WINDOWS: [u16; 8] = [1, 5, 10, 536, 1_000, 4_096, 4_096, 65_535];

impl Maker<'_> {
    /// Whether the move is one of the peer's; then it is made.
    pub fn peer_move(&mut self, what: Move) -> bool {
        self.flow_move(what) || self.text_move(what) || self.fin_move(what) || self.odd_move(what)
    }

    /// A segment of this connection with the peer's window.
    pub fn seg(&self, flags: Flags) -> SegmentSpec {
        seg(flags).window(self.peer.window)
    }

    /// What the peer has seen of the stack's text: mostly all, sometimes nothing new.
    fn acking(&mut self) -> Num {
        let unseen = if self.theme == Theme::Loss { 3 } else { 1 };
        if self.rng.chance(unseen, 8) {
            return SND_UNA;
        }
        self.peer.in_flight = 0;
        SND_NXT
    }

    fn emit(&mut self, flags: Flags, seq: Num, text: Size) {
        let acking = self.acking();
        self.push(self.seg(flags).seq(seq).size(text).ack(acking).event());
    }

    fn flow_move(&mut self, what: Move) -> bool {
        match what {
            Move::Ack => {
                self.peer.in_flight = 0;
                self.push(self.seg(Flags::ACK).event());
            }
            Move::AckAgain => self.push(self.seg(Flags::ACK).ack(SND_UNA).event()),
            Move::AckThrice => {
                for _ in 0..3 {
                    self.push(self.seg(Flags::ACK).ack(SND_UNA).event());
                }
            }
            Move::AckPart => {
                // Of what surely left: behind a small window some of it may wait.
                let sent = self.peer.in_flight.min(self.peer.window);
                let part = self.rng.below(sent.into()) as u16;
                self.peer.in_flight -= part;
                self.push(self.seg(Flags::ACK).ack(SND_UNA.plus(part.into())).event());
            }
            Move::Window => {
                self.peer.window = self.rng.pick(&WINDOWS);
                let acking = self.acking();
                self.push(self.seg(Flags::ACK).ack(acking).event());
            }
            Move::Shut => {
                self.peer.window = 0;
                let acking = self.acking();
                self.push(self.seg(Flags::ACK).ack(acking).event());
            }
            _ => return false,
        }
        true
    }

    fn text_move(&mut self, what: Move) -> bool {
        // Behind its FIN an honest peer has nothing to say but what it said.
        let over = self.peer.fin && (self.theme != Theme::Hostile || self.rng.chance(31, 32));
        let more = if over { Size::Octets(0) } else { Size::Octets(TEXT) };
        match what {
            Move::Text if over => self.emit(Flags::ACK, RCV_NXT, more),
            Move::Text => {
                let octets = self.rng.pick(&[1, TEXT, TEXT, 100]);
                self.emit(PA, RCV_NXT, Size::Octets(octets));
            }
            Move::FullText => {
                let more = self.rng.pick(&[-1_i16, 0, 0, 1]);
                self.emit(PA, RCV_NXT, if over { Size::Octets(0) } else { Size::Mss(more) });
            }
            Move::Fill => self.emit(PA, RCV_NXT, if over { Size::Octets(0) } else { Size::Window(0) }),
            Move::Overrun => {
                let beyond = self.rng.pick(&[1_i16, 1, 10]);
                self.emit(PA, RCV_NXT, if over { Size::Octets(0) } else { Size::Window(beyond) });
            }
            Move::TextAgain => {
                // Seen before, and perhaps something new behind it.
                let new = if over || self.rng.chance(1, 2) { 0 } else { TEXT };
                self.emit(PA, RCV_NXT.minus(TEXT.into()), Size::Octets(TEXT + new));
            }
            Move::TextAhead if over && self.peer.ahead == 0 => self.emit(Flags::ACK, RCV_NXT, more),
            Move::TextAhead => {
                self.peer.ahead = self.peer.ahead.max(GAP + TEXT);
                self.emit(PA, RCV_NXT.plus(GAP.into()), Size::Octets(TEXT));
            }
            Move::FillGap => self.fill_gap(),
            Move::Islands if self.peer.islands.is_some() => self.fill_gap(),
            Move::Islands if over || self.peer.fin_ahead => self.emit(Flags::ACK, RCV_NXT, Size::Octets(0)),
            Move::Islands => self.islands(),
            _ => return false,
        }
        true
    }

    /// Text beyond many gaps: from the first one on, from the last one on, or every second one first. What the
    /// stack has no room for it may drop.
    fn islands(&mut self) {
        let many = self.rng.pick(&[2_u16, 5, 12, 40]);
        let (gap, text) = (self.rng.pick(&[1_u16, 1, 2, TEXT]), self.rng.pick(&[1_u16, 1, 2, TEXT]));
        let step = gap + text;
        let order = self.rng.below(3);
        for turn in 0..many {
            let place = match order {
                0 => turn,
                1 => many - 1 - turn,
                _ => (2 * turn) % many + u16::from(many.is_multiple_of(2) && 2 * turn >= many),
            };
            let seq = RCV_NXT.plus((gap + place * step).into());
            self.emit(PA, seq, Size::Octets(text));
        }
        self.peer.ahead = self.peer.ahead.max(many * step);
        self.peer.islands = Some((gap, step));
    }

    /// One of many gaps is filled, or all that is left.
    fn fill_island(&mut self, gap: u16, step: u16) {
        let last = self.peer.ahead <= step || self.rng.chance(1, 8);
        if !last {
            self.peer.ahead -= step;
            return self.emit(PA, RCV_NXT, Size::Octets(gap));
        }
        // Whatever was dropped, this reaches beyond all of it.
        self.emit(PA, RCV_NXT, Size::Octets(ISLANDS_MAX));
        (self.peer.ahead, self.peer.islands) = (0, None);
    }

    /// What is missing comes: the gap alone, or all of it.
    pub fn fill_gap(&mut self) {
        if self.peer.ahead == 0 {
            return self.emit(Flags::ACK, RCV_NXT, Size::Octets(0));
        }
        if let Some((gap, step)) = self.peer.islands {
            return self.fill_island(gap, step);
        }
        let octets = self.rng.pick(&[GAP, GAP, GAP + TEXT]);
        self.peer.ahead = self.peer.ahead.saturating_sub(GAP + TEXT);
        self.emit(PA, RCV_NXT, Size::Octets(octets));
        if self.peer.ahead == 0 && self.peer.fin_ahead {
            (self.peer.fin, self.peer.fin_ahead) = (true, false);
        }
    }

    fn fin_move(&mut self, what: Move) -> bool {
        match what {
            Move::Fin | Move::FinAgain | Move::FinLost if self.peer.ahead > 0 => self.fill_gap(),
            Move::Fin => self.fin(),
            Move::FinAgain => {
                let seq = if self.peer.fin { RCV_NXT.minus(1) } else { RCV_NXT };
                self.peer.fin = true;
                self.emit(FA, seq, Size::Octets(0));
            }
            Move::FinAhead if self.peer.fin => self.emit(FA, RCV_NXT.minus(1), Size::Octets(0)),
            Move::FinAhead if self.peer.islands.is_some() => self.fill_gap(),
            Move::FinAhead => {
                (self.peer.ahead, self.peer.fin_ahead) = (GAP + TEXT, true);
                self.emit(FA, RCV_NXT.plus(GAP.into()), Size::Octets(TEXT));
            }
            Move::FinLost if !self.peer.fin => {
                // An ACK behind the FIN comes first, then the FIN once more.
                self.emit(Flags::ACK, RCV_NXT.plus(1), Size::Octets(0));
                self.millis(600);
                self.fin();
            }
            Move::FinLost => self.emit(FA, RCV_NXT.minus(1), Size::Octets(0)),
            _ => return false,
        }
        true
    }

    /// FIN in order; the same one where it was sent before.
    pub fn fin(&mut self) {
        if self.peer.fin {
            return self.emit(FA, RCV_NXT.minus(1), Size::Octets(0));
        }
        let octets = self.rng.pick(&[0, 0, TEXT]);
        self.peer.fin = true;
        self.emit(FA, RCV_NXT, Size::Octets(octets));
    }

    /// After what nobody expects, time to answer: else what follows would be answered first, and the answer
    /// that is missing charged to it.
    fn odd_move(&mut self, what: Move) -> bool {
        let odd = self.odd_segment(what);
        if odd && what != Move::Rst {
            self.millis(600);
        }
        odd
    }

    fn odd_segment(&mut self, what: Move) -> bool {
        match what {
            Move::Rst => {
                let acking = self.rng.chance(1, 2);
                self.push(self.seg(if acking { RA } else { Flags::RST }).event());
            }
            Move::SynAgain => {
                let syn = self.syn(IRS);
                self.push(syn.event());
            }
            Move::SynNew => {
                let syn = self.syn(RCV_NXT.plus(FAR));
                self.push(syn.event());
            }
            Move::SynAck => {
                let spec = self.syn(IRS).flags(SA).ack(SND_NXT);
                self.push(spec.event());
            }
            Move::Stale => self.stale(),
            Move::Nearly => {
                let spec = self.nearly();
                self.push(spec.event());
            }
            Move::Wild => self.wild(),
            Move::Broken => self.broken(),
            Move::Elsewhere => {
                let at = self.rng.below(ROUTES.len() as u64) as usize;
                let route = ROUTES.get(at).map_or(Route::MAIN, |(_, route)| *route);
                let spec = self.nearly().route(route);
                self.push(spec.event());
            }
            _ => return false,
        }
        true
    }

    /// The peer's SYN with the options that it has.
    pub fn syn(&self, seq: Num) -> SegmentSpec {
        let spec = self.seg(Flags::SYN).seq(seq).mss(self.peer.mss);
        // Who offers a common shift offers SACK, too.
        let spec =
            if matches!(self.peer.scale, Some(0 | 7)) { spec.odd(OddOptions::SackPermitted) } else { spec };
        self.peer.scale.map_or(spec, |shift| spec.scale(shift))
    }

    /// A late copy from an incarnation before, or of this one's first octets.
    fn stale(&mut self) {
        let flags = self.rng.pick(&[Flags::ACK, PA, FA, Flags::RST, RA, SA]);
        let seq = if flags.syn() { IRS } else { self.rng.pick(&[OLD_RCV_NXT, OLD_RCV_NXT, IRS.plus(1)]) };
        let ack = self.rng.pick(&[OLD_SND_NXT, OLD_SND_NXT, ISS.plus(1), SND_UNA]);
        let text = if flags == PA { TEXT } else { 0 };
        self.push(self.seg(flags).seq(seq).ack(ack).text(text).event());
    }

    /// Any control bits near some edge, most likely one thing wrong.
    fn nearly(&mut self) -> SegmentSpec {
        let all = [
            Flags::ACK,
            PA,
            FA,
            Flags::RST,
            RA,
            Flags::SYN,
            SA,
            UA,
            Flags::FIN,
            Flags::NONE,
            PA | Flags::FIN,
            Flags::ACK,
        ];
        let flags = self.rng.pick(&all);
        let seqs = [RCV_NXT, RCV_NXT, RCV_NXT, RCV_EDGE, IRS];
        let near = [0, 0, 0, 0, -1, 1, -5, 5];
        let acks = [SND_NXT, SND_NXT, SND_NXT, SND_UNA, ISS];
        let near = if self.rng.chance(1, 64) { &HALF[..] } else { &near[..] };
        let seq = self.rng.pick(&seqs).plus(self.rng.pick(near));
        let ack = self.rng.pick(&acks).plus(self.rng.pick(&[0, 0, 0, 0, 0, -1, 1, 5]));
        let text = self.rng.pick(&[0, 0, 0, 1, TEXT, 2 * TEXT]);
        let text = if self.peer.fin && self.rng.chance(63, 64) { 0 } else { text };
        let spec = self.seg(flags).seq(seq).text(text);
        let spec = if flags.ack() { spec.ack(ack) } else { spec };
        let spec = if flags.has(Flags::URG) { spec.urgent(self.rng.pick(&[0, 1, TEXT])) } else { spec };
        if self.rng.chance(1, 8) { spec.window(self.rng.pick(&WINDOWS)) } else { spec }
    }

    /// Every field from all that it can hold.
    fn wild(&mut self) {
        let anchors = [
            Anchor::Literal,
            Anchor::Iss,
            Anchor::SndUna,
            Anchor::SndNxt,
            Anchor::Irs,
            Anchor::RcvNxt,
            Anchor::RcvEdge,
            Anchor::OldSndNxt,
            Anchor::OldRcvNxt,
        ];
        let offsets = [0, 1, -1, 10, -10, 1_000, -1_000, 1 << 16, FAR, -FAR, 1 << 30, -(1 << 30)];
        let sizes = [
            Size::Octets(0),
            Size::Octets(0),
            Size::Octets(1),
            Size::Octets(TEXT),
            Size::Octets(1_460),
            Size::Window(-1),
            Size::Window(0),
            Size::Window(1),
            Size::Mss(0),
        ];
        let flags = Flags::from_bits(self.rng.below(64) as u16);
        let away = if self.rng.chance(1, 8) { &HALF[..] } else { &offsets[..] };
        let seq = Num::new(self.rng.pick(&anchors), self.rng.pick(away));
        let ack = Num::new(self.rng.pick(&anchors), self.rng.pick(&offsets));
        let text = if self.peer.fin { Size::Octets(0) } else { self.rng.pick(&sizes) };
        let urgent = self.rng.pick(&[0, 0, 1, u16::MAX]);
        self.push(self.seg(flags).seq(seq).ack(ack).size(text).urgent(urgent).event());
    }

    /// A segment in step, broken, or with options that nobody expects.
    fn broken(&mut self) {
        let flags = self.rng.pick(&[Flags::ACK, PA, FA, Flags::RST, Flags::SYN, SA]);
        let spec = match flags.syn() {
            true => self.syn(IRS).flags(flags),
            false => self.seg(flags).text(if flags == PA && !self.peer.fin { TEXT } else { 0 }),
        };
        let at = self.rng.below(BREAKS.len() as u64) as usize;
        let spec = match BREAKS.get(at).map(|(_, what)| *what) {
            Some(Break::Trick(trick)) => spec.trick(trick),
            Some(Break::Options(odd)) => spec.odd(odd),
            // Thousands of segments of one octet would say nothing new.
            Some(Break::Mss(mss)) => spec.mss(mss.max(64)),
            Some(Break::Scale(shift)) => spec.scale(shift),
            Some(Break::UrgentPointer(urgent)) => spec.urgent(urgent),
            None => spec,
        };
        self.push(spec.event());
    }
}
