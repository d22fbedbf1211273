//! The clock: quiet at one instant, then on to the next that matters.

use arrayvec::ArrayVec;
use lastack_core::types::{Duration, Instant, State};

use super::end::{End, context};
use super::{Over, Polling};
use crate::subject::{Handle, Polled, Subject as _};
use crate::trace::Happening;
use crate::verdict::Kind;

/// Polls at one instant that bring nothing.
const POLLS_MAX: usize = 400;
/// Polls of a stack that is quiet already, under [`Polling::Often`].
const POLLS_MORE: usize = 100;
/// Packets at one instant, and one for every octet that SEND has taken: a peer's MSS may be 1.
const PACKETS_MAX: usize = 4_000;
/// Stops of the clock within one wait, and for every second of it: a stack may have a ticker.
const STOPS_MAX: usize = 20_000;
const STOPS_PER_SECOND: usize = 20;
/// Within so short a time no timer of a stack fires, once more was not due.
const MOMENT: Duration = Duration::from_millis(2);
/// The longest wait.
const WAIT_MAX: Duration = Duration::from_secs(100_000);

impl End<'_> {
    /// Polls until the stack is quiet at this instant.
    ///
    /// # Errors
    /// The stack showed a finding.
    pub(crate) fn settle(&mut self) -> Result<(), Over> {
        let (mut sent, mut idle) = (0, 0);
        let most = PACKETS_MAX + self.sent_octets.iter().map(|(_, octets)| *octets as usize).sum::<usize>();
        let room = if self.polling == Polling::OnePacket { self.room.min(1) } else { self.room };
        let mut again = if self.polling == Polling::Often { POLLS_MORE } else { 0 };
        while idle < POLLS_MAX {
            self.packets.clear();
            let polled = self.subject.poll(room, &mut self.packets);
            self.still_there()?;
            let packets = core::mem::take(&mut self.packets);
            let mut over = Ok(());
            for packet in packets.iter() {
                if over.is_err() {
                    // Judged already; the trace shows the rest.
                    self.packet_seen(packet);
                    if let Some(sent) = &mut self.sent {
                        sent.push(packet);
                    }
                    continue;
                }
                over = self.packet_out(packet);
                sent += 1;
                if sent > most {
                    break;
                }
            }
            idle += usize::from(packets.is_empty());
            self.packets = packets;
            over?;
            if sent > most {
                break;
            }
            // Without room nothing more comes; what has been made already may wait for some.
            self.backlog = polled == Polled::More && room == 0;
            if polled == Polled::Settled || self.backlog {
                if again > 0 {
                    again -= 1;
                    continue;
                }
                return self.quiet();
            }
        }
        let got = format!("{sent} packets and no rest at {} s", self.clock());
        self.summary.finding =
            Some(self.own_finding(Kind::NeverQuiet, "NEVER-QUIET", "quiet at one instant", got));
        Err(Over)
    }

    /// The stack is quiet: its own words, its signals, and what falls due.
    fn quiet(&mut self) -> Result<(), Over> {
        if self.room > 0 {
            self.monitors.quiet(self.now, &mut self.breaches);
        }
        if !self.judged {
            self.breaches.clear();
            return Ok(());
        }
        if self.room > 0 && !self.breaches.is_empty() {
            self.collect_breaches();
        }
        let mut words: ArrayVec<(Handle, State), 8> = ArrayVec::new();
        for i in 0..self.handles.len() {
            let (handle, last) = self.handles[i];
            if let Some(state) = self.subject.state(handle) {
                words.push((handle, state));
                if last != Some(state) {
                    self.handles[i].1 = Some(state);
                    self.note(Happening::Word { handle, state }, String::new());
                }
            }
            self.signals.clear();
            self.subject.signals(handle, &mut self.signals);
            for s in 0..self.signals.len() {
                let signal = self.signals[s];
                self.note(Happening::Signal { handle, signal }, String::new());
                let ctx = context!(self);
                let judged = self.oracle.told(&ctx, handle, signal);
                self.judge(judged)?;
            }
        }
        let ctx = context!(self);
        self.oracle.words(&ctx, &words);
        let judged = self.oracle.settle(&ctx);
        self.note_situations();
        self.judge(judged)
    }

    /// A clock that is real has moved on since the last event. What came in the meantime is no answer to the next
    /// one.
    pub(super) fn catch_up(&mut self) -> Result<(), Over> {
        if self.description.capabilities.virtual_time {
            return Ok(());
        }
        let reached = self.subject.advance(self.now).max(self.now);
        let moved = reached.since(self.now) > MOMENT;
        self.now = reached;
        if moved { self.settle() } else { Ok(()) }
    }

    /// The next instant that matters: the stack's next timer, or what the oracle knows to fall due.
    pub fn next_stop(&mut self) -> Instant {
        let mut stop = Instant::NEVER;
        // A timer that is due already and fires nothing is no reason to stand still.
        let (now, stuck) = (self.now, self.stuck);
        if let Some(timer) = self.subject.next_timer().filter(|t| *t > now || !stuck) {
            stop = timer.max(now);
        }
        if self.judged {
            let ctx = context!(self);
            let due = self.oracle.next_deadline(&ctx);
            if due > now {
                stop = stop.min(due);
            }
        }
        stop
    }

    /// Moves the clock to this instant, which is not before now, and lets the stack work.
    ///
    /// # Errors
    /// The stack showed a finding.
    pub(crate) fn move_to(&mut self, stop: Instant) -> Result<(), Over> {
        self.stuck = stop == self.now;
        let reached = self.subject.advance(stop);
        if self.description.capabilities.virtual_time {
            self.now = reached.max(stop);
        } else if reached > stop {
            // What is there by now may have been there in time.
            self.now = stop;
            self.settle()?;
            self.now = reached;
        } else {
            self.now = reached.max(self.now);
        }
        self.settle()
    }

    /// Moves the clock without a poll, to where a packet arrives or a call is made.
    pub fn advance(&mut self, to: Instant) {
        if to > self.now {
            self.stuck = false;
            self.now = self.subject.advance(to).max(to);
        }
    }

    /// Moves the clock, stopping wherever something is due.
    pub(super) fn wait(&mut self, span: Duration) -> Result<(), Over> {
        let end = self.now + span.min(WAIT_MAX);
        let before = self.note_owed();
        let seconds = usize::try_from(span.min(WAIT_MAX).micros() / 1_000_000).unwrap_or(0);
        let stops = STOPS_MAX + STOPS_PER_SECOND * seconds;
        for _ in 0..stops {
            if self.now >= end {
                self.note_passed(&before);
                return Ok(());
            }
            let stop = self.next_stop().min(end);
            self.move_to(stop)?;
        }
        let got = format!("more than {stops} timers within {span} s");
        self.summary.finding =
            Some(self.own_finding(Kind::NeverQuiet, "NEVER-QUIET", "rest between timers", got));
        Err(Over)
    }
}
