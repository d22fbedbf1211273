//! What monitors remember of one connection beside the ledger.

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Flags, Instant, Segment, SeqNum};

use super::arrival::{is_odd_text, must_reset};
use super::karn::Doubled;
use super::second::{self, Run};
use super::{Clockwork, Facts};
use crate::ledger::{Connection, Incarnation};
use crate::scenario::Stream;

mod edges;

/// Room for recent arrivals.
const RECENT: usize = 12;
/// Room for the peer's different FINs.
const FINS: usize = 4;
/// Room for retransmission intervals.
pub(super) const INTERVALS: usize = 3;

/// A segment that arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// SEG.SEQ.
    pub seq: SeqNum,
    /// SEG.SEQ + SEG.LEN.
    pub end: SeqNum,
    /// SEG.ACK, when the ACK bit is on.
    pub ack: Option<SeqNum>,
    /// Control bits.
    pub flags: Flags,
    /// It has options.
    pub options: bool,
    /// Its length can be read in more than one way.
    pub odd: bool,
    /// It is an empty ACK with current numbers on a connection that is surely established and owes nothing.
    pub current_ack: bool,
}

/// When the oldest unacknowledged number was sent, while nothing disturbs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// SND.UNA.
    pub number: SeqNum,
    /// When it was last sent.
    pub at: Instant,
    /// Calls and other disturbances until then.
    pub stirs: u32,
    /// It was sent for the first time.
    pub first: bool,
}

/// Repetitions at one instant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Repeats {
    /// Which instant.
    pub at: Instant,
    /// How many emissions said nothing new.
    pub count: u32,
    /// The highest number sent at this instant, plus one.
    pub top: Option<SeqNum>,
}

/// Text that was sent again at one instant, without an arrival or a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Resent {
    /// Which instant.
    pub at: Instant,
    /// Octets.
    pub octets: u32,
}

/// The memory of one connection.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// Of which epoch the counts below are.
    epoch: u32,
    /// Arrivals since the stack was last quiet.
    pub arrivals: u32,
    /// RSTs among them.
    pub rsts: u32,
    /// The last one.
    pub last: Option<Arrival>,
    /// Empty answers since then that said nothing new.
    pub empty_answers: u32,
    /// The latest arrivals, RSTs aside.
    pub recent: ArrayVec<Arrival, RECENT>,
    /// Arrivals in all.
    arrivals_ever: u32,
    /// When anything last arrived.
    pub last_arrival: Option<Instant>,
    /// When something last arrived that no stack has a reason to refuse.
    pub heard: Option<Instant>,
    /// When something last arrived that took numbers.
    pub last_long_arrival: Option<Instant>,
    /// Calls (and the like) and arrivals until the stack's last SYN.
    pub at_last_syn: Option<(u32, u32)>,
    /// The stack's last SYN had timestamps.
    pub own_timestamps: bool,
    /// FINs of the peer.
    pub fins: ArrayVec<SeqNum, FINS>,
    /// The number after the peer's last octet of text.
    text_end: Option<SeqNum>,
    /// The peer sent octets that are not its stream's: options that a wrong data offset makes text of.
    pub odd_text: bool,
    /// The same was open in the incarnation before; see [`Watch::stream_end_is_open`].
    open_before: bool,
    /// Incarnations so far: the ledger knows the last two.
    pub lives: u32,
    /// The stack reset the established connection; the epoch.
    own_rst: Option<u32>,
    /// The peer reset the established connection at RCV.NXT; the epoch.
    peer_rst: Option<u32>,
    /// The peer's right edge as it is now, the excusing reading.
    pub edge_now: Option<SeqNum>,
    /// The same, the reading that leaves the least.
    edge_low: Option<SeqNum>,
    /// The epoch in which `edge_now` last moved left.
    edge_epoch: Option<u32>,
    /// The largest SND.WND that the stack may hold. A segment too old to move it moves SND.UNA all the same, and
    /// the edge with it (3.10.7.4, fifth).
    window: u32,
    /// The largest window that the stack surely knows of.
    pub window_max: u32,
    /// Since when the peer's window may be closed.
    pub closed_since: Option<Instant>,
    /// Since when it may have been so by a SYN: that excuses, but accuses nobody.
    shut_by_syn: Option<Instant>,
    /// The highest SEG.SEQ whose window may have been taken: no older segment moves it (SND.WL1).
    window_seq: Option<SeqNum>,
    /// When text last left for the first time.
    pub new_text_at: Option<Instant>,
    /// The timer of the stack's SYN has expired.
    pub syn_timed_out: bool,
    /// What a timer has sent again, and when.
    pub resent: Resent,
    /// See [`Timing`].
    pub timing: Option<Timing>,
    /// The latest intervals between transmissions of that number.
    pub intervals: ArrayVec<Duration, INTERVALS>,
    /// See [`Doubled`].
    pub doubled: Option<Doubled>,
    /// See [`Repeats`].
    pub repeats: Repeats,
    /// See [`Run`].
    pub unacknowledged: Option<Run>,
}

impl Watch {
    pub(super) fn new(work: &Clockwork) -> Watch {
        Watch {
            epoch: work.epoch,
            arrivals: 0,
            rsts: 0,
            last: None,
            empty_answers: 0,
            recent: ArrayVec::new(),
            arrivals_ever: 0,
            last_arrival: None,
            heard: None,
            last_long_arrival: None,
            at_last_syn: None,
            own_timestamps: false,
            fins: ArrayVec::new(),
            text_end: None,
            odd_text: false,
            open_before: false,
            lives: 0,
            own_rst: None,
            peer_rst: None,
            edge_now: None,
            edge_low: None,
            edge_epoch: None,
            window: 0,
            window_max: 0,
            closed_since: None,
            shut_by_syn: None,
            window_seq: None,
            new_text_at: None,
            syn_timed_out: false,
            resent: Resent::default(),
            timing: None,
            intervals: ArrayVec::new(),
            doubled: None,
            repeats: Repeats::default(),
            unacknowledged: None,
        }
    }

    /// Starts the counts anew when the stack has been quiet since.
    pub(super) fn refresh(&mut self, work: &Clockwork) {
        if self.epoch != work.epoch {
            self.epoch = work.epoch;
            self.arrivals = 0;
            self.rsts = 0;
            self.last = None;
            self.empty_answers = 0;
            self.repeats = Repeats::default();
        }
    }

    /// A segment arrives; `connection` does not know it yet.
    pub(super) fn arrival(
        &mut self,
        at: Instant,
        segment: &Segment<'_>,
        connection: &Connection,
        stream: Stream,
        work: &Clockwork,
    ) {
        self.refresh(work);
        let h = &segment.header;
        let now = connection.now.as_ref();
        let arrival = Arrival {
            seq: h.seq,
            end: segment.end(),
            ack: h.flags.ack().then_some(h.ack),
            flags: h.flags,
            options: !h.options.as_octets().is_empty(),
            odd: h.data_offset.is_some(),
            current_ack: now.is_some_and(|n| n.surely_current(segment)),
        };
        self.arrivals += 1;
        self.arrivals_ever += 1;
        self.last = Some(arrival);
        self.last_arrival = Some(at);
        if now.is_some_and(|n| n.surely_takes(segment) && n.acks_in_range(segment)) {
            self.heard = Some(at);
        }
        if !segment.is_empty() {
            self.last_long_arrival = Some(at);
        }
        self.timing = None;
        self.intervals.clear();
        self.doubled = self.doubled.and_then(|doubled| doubled.after_arrival(segment));
        self.unacknowledged = second::follow(self.unacknowledged, segment, connection, work.stirs);
        if h.flags.rst() {
            self.rsts += 1;
            if now.is_some_and(|n| must_reset(segment, n)) {
                self.peer_rst = Some(work.epoch);
            }
            return;
        }
        // One of each kind: while nothing can leave, answers to all of them may wait.
        let key = |a: &Arrival| (a.seq, a.end, a.ack, a.odd);
        self.recent.retain(|a| key(a) != key(&arrival));
        if self.recent.is_full() {
            self.recent.remove(0);
        }
        self.recent.push(arrival);
        if !segment.text.is_empty() {
            let end = arrival.end.sub(u32::from(h.flags.fin()));
            self.text_end = Some(self.text_end.map_or(end, |e| e.max(end)));
            self.odd_text |= is_odd_text(segment, connection, stream);
        }
        if h.flags.fin() && !self.fins.is_full() && !self.fins.contains(&arrival.end.sub(1)) {
            self.fins.push(arrival.end.sub(1));
        }
    }

    /// The stack emitted this; `connection` does not know it yet.
    pub(super) fn emission(
        &mut self,
        at: Instant,
        segment: &Segment<'_>,
        connection: &Connection,
        facts: &Facts,
        work: &Clockwork,
    ) {
        let h = &segment.header;
        if h.flags.syn() && !h.flags.rst() {
            self.syn_emission(segment, connection, work);
        }
        if h.flags.rst() || h.flags.syn() {
            self.unacknowledged = None;
        }
        let now = connection.now.as_ref().filter(|_| !connection.begins_anew(segment));
        // A RST in answer to something may be older than the connection's establishment.
        if h.flags.rst() && self.arrivals == 0 && now.is_some_and(|n| n.surely_established) {
            self.own_rst = Some(work.epoch);
        }
        if facts.empty && !facts.says_new {
            self.empty_answers += 1;
        }
        let timer = self.arrivals == 0 && work.stirs == work.stirs_at_quiet;
        self.syn_timed_out |= h.flags.syn() && facts.again && timer;
        if !segment.text.is_empty() {
            if facts.again && timer {
                let octets = if self.resent.at == at { self.resent.octets } else { 0 };
                self.resent = Resent { at, octets: octets.saturating_add(segment.text.len() as u32) };
            } else if !facts.again {
                self.new_text_at = Some(at);
            }
        }
        self.count_repeat(at, segment, facts);
        self.time(at, segment, now, facts, work);
    }

    /// More came while nothing could leave than [`Watch::recent`] holds: this may answer any of it.
    pub(super) fn has_forgotten(&self) -> bool {
        (self.arrivals - self.rsts) as usize > RECENT
    }

    /// The stack itself had reset the connection, and has been quiet since.
    pub(super) fn dead_by_own_rst(&self) -> bool {
        self.own_rst.is_some_and(|epoch| epoch != self.epoch)
    }

    /// The peer had reset the connection, and the stack has been quiet since.
    pub(super) fn dead_by_reset(&self) -> bool {
        self.peer_rst.is_some_and(|epoch| epoch != self.epoch)
    }

    /// The peer sent FINs with several numbers, or text beyond its FIN: where its stream ends, nobody can say.
    pub(super) fn stream_end_is_open(&self) -> bool {
        let Some((first, others)) = self.fins.split_first() else { return self.open_before };
        self.open_before || !others.is_empty() || self.text_end.is_some_and(|end| first.is_before(end))
    }

    /// Whoever reads now reads a stream of which all is known.
    pub(super) fn is_one_stream(&self) -> bool {
        self.lives <= 2 && !self.stream_end_is_open()
    }

    /// Nothing arrived and nobody called since the last SYN.
    pub(super) fn nothing_since_syn(&self, work: &Clockwork) -> bool {
        self.at_last_syn == Some((work.stirs, self.arrivals_ever))
    }

    fn syn_emission(&mut self, segment: &Segment<'_>, connection: &Connection, work: &Clockwork) {
        self.at_last_syn = Some((work.stirs, self.arrivals_ever));
        self.own_timestamps = crate::ledger::Offer::of(segment).timestamps;
        let anew = connection.begins_anew(segment);
        // Where every incarnation has the same numbers, the SYN that it answers tells.
        if anew || self.last.is_some_and(|arrival| arrival.flags.syn()) {
            (self.own_rst, self.peer_rst) = (None, None);
        }
        if anew {
            self.edge_now = None;
            self.window_seq = None;
            self.edge_low = None;
            self.edge_epoch = None;
            self.window = 0;
            self.window_max = 0;
            self.syn_timed_out = false;
            self.heard = None;
            self.closed_since = None;
            self.shut_by_syn = None;
            self.timing = None;
            self.intervals.clear();
            self.doubled = None;
            // A SYN that is being answered may have had a FIN of its own.
            self.lives += 1;
            self.open_before = self.stream_end_is_open();
            self.fins.retain(|f| connection.offers.iter().any(|o| o.end.sub(1) == *f));
            let texts = connection.offers.iter().filter(|o| o.end != o.seq.add(1));
            let ends = texts.map(|o| o.end.sub(u32::from(self.fins.contains(&o.end.sub(1)))));
            self.text_end = ends.reduce(SeqNum::max);
        }
    }

    fn count_repeat(&mut self, at: Instant, segment: &Segment<'_>, facts: &Facts) {
        if self.repeats.at != at {
            self.repeats = Repeats { at, ..Repeats::default() };
        }
        let end = segment.end();
        let new = if segment.is_empty() {
            facts.says_new
        } else {
            self.repeats.top.is_none_or(|top| top.is_before(end))
        };
        if new {
            if !segment.is_empty() {
                self.repeats.top = Some(end);
            }
        } else {
            self.repeats.count += 1;
        }
    }

    fn time(
        &mut self,
        at: Instant,
        segment: &Segment<'_>,
        now: Option<&Incarnation>,
        facts: &Facts,
        work: &Clockwork,
    ) {
        let h = &segment.header;
        if h.flags.rst() || segment.is_empty() {
            return;
        }
        self.doubled = self.doubled.zip(now).and_then(|(doubled, now)| doubled.after_emission(segment, now));
        let una = match now {
            Some(now) if !h.flags.syn() || now.stack.iss == Some(h.seq) => now.snd_una(),
            _ => h.seq,
        };
        if !(h.seq.is_at_or_before(una) && una.is_before(segment.end())) {
            return;
        }
        if now.is_some_and(|n| n.stack.iss != Some(h.seq) && n.acked_surely != una) {
            // Nobody knows which number the stack takes for the oldest.
            self.timing = None;
            return;
        }
        match self.timing.filter(|t| t.number == una && t.stirs == work.stirs && facts.again) {
            Some(timing) if timing.at == at => return,
            Some(timing) => {
                if self.intervals.is_full() {
                    self.intervals.remove(0);
                }
                let interval = at.since(timing.at);
                self.intervals.push(interval);
                let open = now.filter(|now| !self.may_be_closed(now));
                self.doubled = open.and_then(|now| Doubled::by_timeout(at, interval, segment, now));
            }
            None => self.intervals.clear(),
        }
        self.timing = Some(Timing { number: una, at, stirs: work.stirs, first: !facts.again });
    }
}
