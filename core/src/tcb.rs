use alloc::boxed::Box;

use crate::buffer::SendBuffer;
use crate::config::Config;
use crate::reassembly::ReceiveBuffer;
use crate::rto::Rto;
use crate::signal::Signals;
use crate::types::{Duration, Endpoint, Instant, SeqNum, State};

mod window;

pub(crate) use window::{SHIFT_MAX, shift_for, syn_window};

/// The name that a host gives a connection or a listener (RFC 9293 3.9.1.1: local connection name).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Name(pub(crate) u32);

/// What a passive OPEN asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Listen {
    pub port: u16,
    /// The only remote socket that may connect; `None` is any.
    pub remote: Option<Endpoint>,
}

/// How a connection came to be (MUST-11: SYN-RECEIVED remembers it).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Origin {
    /// From SYN-SENT.
    Active,
    /// From LISTEN: this record was the listener, and may be again.
    Listened(Listen),
    /// From LISTEN: that listener goes on.
    Forked(Name),
}

/// The send sequence space (RFC 9293 3.3.1).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct SendSpace {
    pub iss: SeqNum,
    pub una: SeqNum,
    /// The number after the highest ever sent; retransmission does not take it back.
    pub nxt: SeqNum,
    /// Counted from UNA, scaled.
    pub wnd: u32,
    pub wl1: SeqNum,
    pub wl2: SeqNum,
    /// MAX.SND.WND (3.8.6.2.1; RFC 5961 5.2).
    pub max_wnd: u32,
    /// Eff.snd.MSS (3.7.1).
    pub mss: u32,
    /// Snd.Wind.Shift (RFC 7323 2.2).
    pub shift: u8,
}

/// The receive sequence space (RFC 9293 3.3.1).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct ReceiveSpace {
    pub irs: SeqNum,
    pub nxt: SeqNum,
    /// RCV.NXT + RCV.WND: the right edge as it was told to the peer; it never goes back (SHLD-14).
    pub edge: SeqNum,
    /// The MSS that this end announced.
    pub mss: u32,
    /// Rcv.Wind.Shift (RFC 7323 2.2).
    pub shift: u8,
    /// The peer's FIN, where it came before the text in front of it.
    pub fin: Option<SeqNum>,
    /// Text taken since the last ACK, in octets.
    pub unacked: u32,
}

/// This end's FIN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fin {
    /// The user has not closed.
    None,
    /// It follows the queued text.
    Queued,
    /// It was sent with this number.
    Sent(SeqNum),
}

/// What has to be sent, apart from text and FIN, which follow from the buffers.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Owed {
    /// SYN in SYN-SENT, SYN,ACK later.
    pub syn: bool,
    /// The front of the retransmission queue.
    pub front: bool,
    /// One octet, or the FIN, beyond a closed window.
    pub probe: bool,
    /// Text that silly-window avoidance held back, however little.
    pub override_sws: bool,
    /// `<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>`, unless another segment carries it.
    pub ack: bool,
}

/// The timers of RFC 9293 3.10.8 and 3.8; each holds the instant at which it expires.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Timers {
    /// Retransmission, zero-window probe or SWS override: never two of them at once.
    pub retransmission: Option<Instant>,
    /// Delayed ACK.
    pub ack: Option<Instant>,
    /// 2 MSL.
    pub time_wait: Option<Instant>,
    /// When the peer last made progress, or the first unanswered segment left: R2 and the user timeout
    /// count from here. `None` while nothing is unanswered.
    pub unanswered_since: Option<Instant>,
}

/// What the user can change on one connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Options {
    pub nagle: bool,
    pub ack_delay: Option<Duration>,
    pub user_timeout: Option<Duration>,
}

impl Options {
    pub fn new(config: &Config) -> Options {
        Options { nagle: config.nagle, ack_delay: config.ack_delay, user_timeout: config.user_timeout }
    }
}

/// A transmission control block: one connection, from SYN-SENT or SYN-RECEIVED to TIME-WAIT.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Tcb {
    pub local: Endpoint,
    pub remote: Endpoint,
    pub state: State,
    pub origin: Origin,
    pub snd: SendSpace,
    pub rcv: ReceiveSpace,
    pub outgoing: SendBuffer,
    pub incoming: ReceiveBuffer,
    pub fin: Fin,
    /// Window scaling: offered before the peer's SYN has come, agreed afterwards (RFC 7323 2.2).
    pub scaling: bool,
    /// The user has closed and does not read any more (MAY-1).
    pub reading_closed: bool,
    pub owed: Owed,
    pub timers: Timers,
    pub rto: Rto,
    /// The segment being timed: the number after its last, and when it left (RFC 6298 3).
    pub timed: Option<(SeqNum, Instant)>,
    /// Retransmissions since the peer last made progress.
    pub retransmissions: u32,
    /// Probes since the window closed.
    pub probes: u32,
    /// Challenge ACKs in the span that began then.
    pub challenges: (u16, Instant),
    pub options: Options,
    pub signals: Signals,
    /// The connection in TIME-WAIT that this one took the place of (MAY-2, condition 2).
    pub displaced: Option<Box<Tcb>>,
}

impl Tcb {
    /// A TCB whose SYN is owed. SND.UNA is ISS; SND.NXT becomes ISS+1 when the SYN is sent (3.10.1, 3.10.7.2).
    pub fn new(config: &Config, local: Endpoint, remote: Endpoint, origin: Origin, iss: SeqNum) -> Tcb {
        let mss = u32::from(config.mss(local.addr));
        Tcb {
            local,
            remote,
            state: State::SynSent,
            origin,
            snd: SendSpace {
                iss,
                una: iss,
                nxt: iss,
                wnd: 0,
                wl1: SeqNum::default(),
                wl2: iss,
                max_wnd: 0,
                mss,
                shift: 0,
            },
            rcv: ReceiveSpace {
                irs: SeqNum::default(),
                nxt: SeqNum::default(),
                edge: SeqNum::default(),
                mss,
                shift: 0,
                fin: None,
                unacked: 0,
            },
            outgoing: SendBuffer::default(),
            incoming: ReceiveBuffer::default(),
            fin: Fin::None,
            scaling: config.window_scale,
            reading_closed: false,
            owed: Owed { syn: true, ..Owed::default() },
            timers: Timers::default(),
            rto: Rto::new(config.rto_min, config.rto_max),
            timed: None,
            retransmissions: 0,
            probes: 0,
            challenges: (0, Instant::ZERO),
            options: Options::new(config),
            signals: Signals::default(),
            displaced: None,
        }
    }

    /// Whether our SYN was acknowledged.
    pub fn syn_is_acked(&self) -> bool {
        self.snd.una != self.snd.iss
    }

    /// Whether our FIN was sent and acknowledged.
    pub fn fin_is_acked(&self) -> bool {
        matches!(self.fin, Fin::Sent(fin) if self.snd.una.is_after(fin))
    }

    /// Something takes a sequence number and is not acknowledged.
    pub fn in_flight(&self) -> bool {
        self.snd.una != self.snd.nxt
    }

    /// The number of the first octet in the send buffer.
    pub fn text_base(&self) -> SeqNum {
        self.snd.una.add(u32::from(!self.syn_is_acked()))
    }

    /// Text that was sent and is not acknowledged, in octets.
    pub fn text_in_flight(&self) -> u32 {
        let end = match self.fin {
            Fin::Sent(fin) => fin,
            _ => self.snd.nxt,
        };
        if !self.in_flight() { 0 } else { end.steps_from(self.text_base()) }
    }

    /// Text that was never sent, in octets: D of 3.8.6.2.1.
    pub fn unsent(&self) -> u32 {
        self.outgoing.len().saturating_sub(self.text_in_flight())
    }

    /// Owes a challenge ACK, unless the throttle holds it back (RFC 5961 7).
    pub fn challenge(&mut self, config: &Config, now: Instant) {
        if let Some(limit) = config.challenge_limit {
            let (count, since) = self.challenges;
            let fresh = count == 0 || now.since(since) >= limit.span;
            self.challenges = if fresh { (1, now) } else { (count.saturating_add(1), since) };
            if self.challenges.0 > limit.count {
                return;
            }
        }
        self.owed.ack = true;
    }

    /// Flushes the queues and stops what belongs to them (3.10.7.4, on entering TIME-WAIT: other timers off).
    pub fn start_time_wait(&mut self, config: &Config, now: Instant) {
        self.state = State::TimeWait;
        self.timers = Timers { time_wait: Some(now + config.msl.times(2)), ..Timers::default() };
        self.outgoing.flush();
    }

    /// The earliest instant at which a timer expires.
    pub fn next_timer(&self, config: &Config) -> Option<Instant> {
        let timers = &self.timers;
        [timers.retransmission, timers.ack, timers.time_wait, self.give_up_at(config)]
            .into_iter()
            .flatten()
            .min()
    }

    /// When R2 or the user timeout is over (3.8.3; 3.10.8).
    pub fn give_up_at(&self, config: &Config) -> Option<Instant> {
        let since = self.timers.unanswered_since?;
        let r2 = if self.syn_is_acked() { config.r2 } else { config.r2_syn };
        Some(since + self.options.user_timeout.map_or(r2, |timeout| timeout.min(r2)))
    }
}
