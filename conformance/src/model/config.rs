//! What does not change while a stack runs: its table, its set-up, its choices and times.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lastack_core::types::{Duration, State};

use super::edition::{Edition, Habit, Timing};
use crate::subject::{IpVersion, Setup};
use crate::table::rules::RuleId;
use crate::table::{Choice, Event, Profile, Protection, Switches, TimeWaitRst, TimerKind, rules};

/// RFC 9293 3.4.2: two minutes.
const MSL: Duration = Duration::from_secs(120);
/// RFC 6298 2.4: one second at least.
const RTO_MIN: Duration = Duration::from_secs(1);
/// RFC 6298 2.5: 60 s at least, where there is a cap.
const RTO_MAX: Duration = Duration::from_secs(60);
/// RFC 9293 3.8.3, MUST-23: three minutes at least for a SYN; SHLD-11: 100 s at least for text.
const R2: Duration = Duration::from_secs(180);
/// RFC 9293 3.8.6.3, MUST-40: less than half a second.
const ACK_DELAY: Duration = Duration::from_millis(200);

/// The rows that a stack has executed: one bit a row.
#[derive(Debug, Default)]
pub struct Footprint {
    rows: [AtomicU64; rules::COUNT.div_ceil(64)],
}

impl Footprint {
    /// The row fired.
    pub fn mark(&self, id: RuleId) {
        self.rows[id.index() / 64].fetch_or(1 << (id.index() % 64), Ordering::Relaxed);
    }

    /// The rows since the last time.
    pub fn take(&self) -> Vec<RuleId> {
        let words: Vec<u64> = self.rows.iter().map(|word| word.swap(0, Ordering::Relaxed)).collect();
        rules::all().filter(|id| words[id.index() / 64] >> (id.index() % 64) & 1 == 1).collect()
    }
}

/// What does not change while a stack runs.
#[derive(Clone, Debug)]
pub struct Config {
    /// The table.
    pub edition: Arc<Edition>,
    /// Who wants to know which rows fire.
    pub footprint: Option<Arc<Footprint>>,
    /// The set-up.
    pub setup: Setup,
    /// Which text the stack follows where RFCs leave a choice.
    pub switches: Switches,
    /// A RST in TIME-WAIT is ignored (RFC 1337 3).
    pub rfc_1337: bool,
    /// Maximum segment lifetime.
    pub msl: Duration,
    /// The first retransmission timeout.
    pub rto_min: Duration,
    /// The largest one.
    pub rto_max: Duration,
    /// How long a segment is sent again before the connection is given up.
    pub r2: Duration,
    /// How long an ACK of text waits, where ACKs are delayed.
    pub ack_delay: Duration,
}

impl Config {
    /// An edition of the table, run as `profile` says; what it leaves open is as the RFCs recommend.
    pub fn new(edition: Arc<Edition>, profile: &Profile, setup: Setup) -> Config {
        let delay = profile.ack_delay.filter(|delay| *delay > Duration::ZERO);
        Config {
            edition,
            footprint: None,
            setup,
            switches: Switches {
                rst_5961: profile.rst != Protection::Classic,
                syn_5961: profile.syn != Protection::Classic,
                may_12: profile.ack != Protection::Classic,
                half_duplex: profile.half_duplex == Choice::Yes,
                reopen: profile.reopen == Choice::Yes,
                keep_alive: true,
                ..Switches::default()
            },
            rfc_1337: profile.time_wait_rst == TimeWaitRst::Ignore,
            msl: profile.msl.unwrap_or(MSL),
            rto_min: profile.rto_min.unwrap_or(RTO_MIN),
            rto_max: profile.rto_max.unwrap_or(RTO_MAX),
            r2: profile.r2.unwrap_or(R2),
            ack_delay: delay.unwrap_or(ACK_DELAY),
        }
    }

    /// What a stack made so declares: the profile, and a word for everything that it leaves open.
    pub fn declared(profile: Profile) -> Profile {
        let chosen = |p: Protection| if p == Protection::Any { Protection::Rfc5961 } else { p };
        let choice = |c: Choice| if c == Choice::Any { Choice::No } else { c };
        Profile {
            rst: chosen(profile.rst),
            syn: chosen(profile.syn),
            ack: chosen(profile.ack),
            reopen: choice(profile.reopen),
            half_duplex: choice(profile.half_duplex),
            drop_synfin: Choice::No,
            nagle: choice(profile.nagle),
            msl: Some(profile.msl.unwrap_or(MSL)),
            rto_min: Some(profile.rto_min.unwrap_or(RTO_MIN)),
            rto_max: Some(profile.rto_max.unwrap_or(RTO_MAX)),
            r2: Some(profile.r2.unwrap_or(R2)),
            ack_delay: Some(profile.ack_delay.unwrap_or(Duration::ZERO)),
            ..profile
        }
    }

    /// The span of a timer as this edition's rows of the state have it; `None` is never.
    pub fn span(&self, state: State, timer: TimerKind, span: Duration) -> Option<Duration> {
        let is_its = |id: &RuleId| {
            let rule = id.rule();
            rule.event == Event::Timer(timer) && rule.states.has(state)
        };
        let row = rules::all().filter(is_its).find_map(|id| self.edition.row(id));
        match row.map_or(Timing::Right, |row| row.timing) {
            Timing::Right => Some(span),
            Timing::Never => None,
            Timing::Early => Some(Duration::from_micros(span.micros() / 10)),
        }
    }

    /// Whether the stack has this way.
    pub fn has(&self, habit: Habit) -> bool {
        self.edition.has(habit)
    }

    /// The most text that a packet of the interface's MTU holds behind headers without options.
    pub fn mss(&self) -> u16 {
        let headers = match self.setup.ip {
            IpVersion::V4 => 40,
            IpVersion::V6 => 60,
        };
        self.setup.mtu.saturating_sub(headers).max(1)
    }

    /// The peer's MSS where it does not say (RFC 9293 3.7.1, MUST-15).
    pub const fn default_mss(&self) -> u16 {
        match self.setup.ip {
            IpVersion::V4 => 536,
            IpVersion::V6 => 1220,
        }
    }
}
