use core::fmt;

use lastack_core::types::wire::{self, WireError};
use lastack_core::types::{Checksum, Duration, Endpoint, Flags, Header, Instant, Segment, SeqNum, State};

use super::Problem;
use crate::subject::{Call, Handle, Outcome, Packets, Polled, Setup, Subject};

/// How often a stack may be polled at one instant.
const POLLS_MAX: u32 = 1_000;
/// Room for packets in every poll that is not about room.
const ROOM: usize = 64;
/// The clock's step where the stack announces nothing.
const STEP: Duration = Duration::from_millis(10);
/// Steps of the clock in one wait.
const STEPS_MAX: u32 = 10_000;
const SEED: u64 = 1;

/// A segment that came, with its own text.
pub struct Came {
    pub header: Header,
    pub text: Vec<u8>,
}

impl fmt::Display for Came {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Segment { header: self.header, text: &self.text }, f)
    }
}

/// A stack between one peer and one user, and everything that it sent.
pub struct Bench<'a> {
    pub stack: Endpoint,
    pub peer: Endpoint,
    subject: &'a mut dyn Subject,
    now: Instant,
    sent: Packets,
    /// How many of `sent` were looked at.
    read: usize,
    last: Option<String>,
    problems: Vec<Problem>,
    /// The clock is virtual: it goes where it is told, and the stack knows its timers.
    virtual_time: bool,
}

impl<'a> Bench<'a> {
    pub fn new(subject: &'a mut dyn Subject, stack: Endpoint, peer: Endpoint, virtual_time: bool) -> Self {
        Bench {
            stack,
            peer,
            subject,
            now: Instant::ZERO,
            sent: Packets::default(),
            read: 0,
            last: None,
            problems: Vec::new(),
            virtual_time,
        }
    }

    /// The remarks, and what was sent from the first `reset` on.
    pub fn finish(self) -> (Vec<Problem>, Packets) {
        (self.problems, self.sent)
    }

    pub fn remark(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn reset(&mut self, setup: &Setup) -> Result<(), Problem> {
        (self.now, self.last) = (Instant::ZERO, None);
        self.subject.reset(setup, SEED).map_err(|reason| Problem::SetupRefused { reason })
    }

    pub fn call(&mut self, handle: Handle, call: Call<'_>) -> Outcome {
        self.subject.call(handle, call, &mut Vec::new())
    }

    /// RECEIVE behind an octet that was there before, which it must leave alone.
    pub fn receive(&mut self, handle: Handle) -> (Outcome, Vec<u8>) {
        let mut received = vec![b'!'];
        let outcome = self.subject.call(handle, Call::Receive { max: 100 }, &mut received);
        if received.first() == Some(&b'!') {
            received.remove(0);
        }
        (outcome, received)
    }

    pub fn state(&mut self, handle: Handle) -> Option<State> {
        self.subject.state(handle)
    }

    /// The last segment that came, as print.
    pub fn last(&self) -> Option<String> {
        self.last.clone()
    }

    /// A segment from the peer.
    pub fn deliver(&mut self, flags: Flags, seq: SeqNum, ack: SeqNum, text: &[u8]) {
        let mut header = Header::new(self.peer, self.stack, flags, seq, ack);
        header.window = 4096;
        let mut packet = Vec::new();
        if wire::emit(&Segment { header, text }, &mut packet).is_ok() {
            self.subject.deliver(&packet);
        }
    }

    /// Polls until the stack is quiet at this instant.
    pub fn settle(&mut self) -> Result<(), Problem> {
        let start = self.sent.len();
        for _ in 0..POLLS_MAX {
            if self.subject.poll(ROOM, &mut self.sent) == Polled::Settled {
                return Ok(());
            }
        }
        Err(Problem::NeverSettles { polls: POLLS_MAX, packets: self.sent.len() - start })
    }

    /// One poll that must send nothing.
    pub fn poll_without_room(&mut self) -> Result<(), Problem> {
        let before = self.sent.len();
        self.subject.poll(0, &mut self.sent);
        match self.sent.len() - before {
            0 => Ok(()),
            sent => Err(Problem::RoomIgnored { sent }),
        }
    }

    /// Lets the stack work until a wanted segment comes, at most for `span`.
    pub fn wait_for(
        &mut self,
        span: Duration,
        wanted: impl Fn(&Segment<'_>) -> bool,
    ) -> Result<Option<Came>, Problem> {
        let deadline = self.now + span;
        for _ in 0..STEPS_MAX {
            self.settle()?;
            if let Some(came) = self.look(&wanted)? {
                return Ok(Some(came));
            }
            if self.now >= deadline {
                break;
            }
            let due = self.subject.next_timer().filter(|&at| at > self.now);
            self.advance(due.unwrap_or(self.now + STEP).min(deadline))?;
        }
        Ok(None)
    }

    pub fn advance(&mut self, to: Instant) -> Result<(), Problem> {
        let reached = self.subject.advance(to);
        // A clock that is real comes back early when something is there.
        if reached < to && self.virtual_time {
            return Err(Problem::ClockStands { asked: to, reached });
        }
        self.now = reached.max(self.now);
        Ok(())
    }

    /// Reads what has come since; stops at the first wanted segment.
    fn look(&mut self, wanted: &impl Fn(&Segment<'_>) -> bool) -> Result<Option<Came>, Problem> {
        while let Some(packet) = self.sent.get(self.read) {
            self.read += 1;
            let segment = match wire::parse(packet) {
                Ok(segment) => segment,
                // Other protocols on the link are none of our business.
                Err(WireError::NotTcp { .. } | WireError::ExtensionHeader { .. }) => continue,
                Err(error) => return Err(Problem::Unreadable { error }),
            };
            self.last = Some(segment.to_string());
            check_packet(&segment, self.stack, self.peer)?;
            if wanted(&segment) {
                return Ok(Some(Came { header: segment.header, text: segment.text.to_vec() }));
            }
        }
        Ok(None)
    }

    /// Text is in flight, so a deadline must be near.
    pub fn check_timer(&mut self) {
        match self.subject.next_timer() {
            None if !self.virtual_time => {}
            None => self.remark(Problem::NoTimer),
            Some(at) if at < self.now => self.remark(Problem::TimerPast { now: self.now, at }),
            Some(_) => {}
        }
    }
}

/// Checksums, addresses and ports.
fn check_packet(segment: &Segment<'_>, stack: Endpoint, peer: Endpoint) -> Result<(), Problem> {
    let h = &segment.header;
    if let Checksum::Literal(got) = h.ip_checksum {
        return Err(Problem::Ipv4Checksum { got, segment: segment.to_string() });
    }
    if let Checksum::Literal(got) = h.checksum {
        return Err(Problem::TcpChecksum { got, segment: segment.to_string() });
    }
    if (h.src, h.dst) != (stack, peer) {
        return Err(Problem::WrongEndpoints { want: [stack, peer], got: [h.src, h.dst] });
    }
    Ok(())
}
