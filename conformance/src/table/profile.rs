//! What a stack says of itself where the RFCs leave a choice.

use lastack_core::types::Duration;

/// Which text a mechanism follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Protection {
    /// RFC 9293 without RFC 5961.
    Classic,
    /// RFC 5961.
    Rfc5961,
    /// Undeclared: either passes, and the report says which was seen.
    #[default]
    Any,
}

/// What a RST does in TIME-WAIT (RFC 1337).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeWaitRst {
    /// It closes, as RFC 9293 3.10.7.4 has it.
    Close,
    /// It is ignored, as RFC 1337 3 proposes.
    Ignore,
    /// Undeclared.
    #[default]
    Any,
}

/// A yes-or-no switch that may be undeclared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Choice {
    Yes,
    No,
    #[default]
    Any,
}

impl Choice {
    /// The concrete settings that this choice admits.
    pub const fn settings(self) -> &'static [bool] {
        match self {
            Choice::Yes => &[true],
            Choice::No => &[false],
            Choice::Any => &[false, true],
        }
    }
}

/// What a stack declares. Everything undeclared admits both outcomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// RST in a synchronized state: RFC 5961 3.2 or RFC 9293's classic text.
    pub rst: Protection,
    /// SYN in a synchronized state: RFC 5961 4.2 or the classic text.
    pub syn: Protection,
    /// Range check of SEG.ACK: RFC 5961 5.2 (MAY-12) or none.
    pub ack: Protection,
    /// RST in TIME-WAIT.
    pub time_wait_rst: TimeWaitRst,
    /// MAY-2: a SYN in TIME-WAIT may open a new connection.
    pub reopen: Choice,
    /// MAY-1: CLOSE closes both directions for the user.
    pub half_duplex: Choice,
    /// Segments with SYN and FIN are dropped at the door (a common filter, no RFC rule).
    pub drop_synfin: Choice,
    /// Maximum segment lifetime; TIME-WAIT lasts twice as long.
    pub msl: Option<Duration>,
    /// Smallest retransmission timeout.
    pub rto_min: Option<Duration>,
    /// Largest retransmission timeout.
    pub rto_max: Option<Duration>,
    /// R2: how long one segment is retransmitted before the connection is given up.
    pub r2: Option<Duration>,
    /// Longest delay of an acknowledgment; `Some(0)` is none.
    pub ack_delay: Option<Duration>,
    /// The Nagle algorithm is on.
    pub nagle: Choice,
}

/// One concrete reading of a profile: what a walk needs to know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Switches {
    /// RFC 5961 3.2.
    pub rst_5961: bool,
    /// RFC 5961 4.2.
    pub syn_5961: bool,
    /// RFC 5961 5.2, MAY-12.
    pub may_12: bool,
    /// MAY-1, SHLD-3.
    pub half_duplex: bool,
    /// MAY-2.
    pub reopen: bool,
    /// RFC 6191 2 (needs timestamps).
    pub rfc_6191: bool,
    /// Security compartments are checked.
    pub mls: bool,
    /// RFC 7323 timestamps were negotiated.
    pub timestamps: bool,
    /// Keep-alives are enabled.
    pub keep_alive: bool,
}

/// The profile in one line, what is undeclared left out: `rst=rfc5961 msl=5.000 nagle=no`.
impl core::fmt::Display for Profile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut words: Vec<String> = Vec::new();
        let protection = |p| match p {
            Protection::Classic => Some("classic"),
            Protection::Rfc5961 => Some("rfc5961"),
            Protection::Any => None,
        };
        let choice = |c| match c {
            Choice::Yes => Some("yes"),
            Choice::No => Some("no"),
            Choice::Any => None,
        };
        let time_wait_rst = match self.time_wait_rst {
            TimeWaitRst::Close => Some("close"),
            TimeWaitRst::Ignore => Some("ignore"),
            TimeWaitRst::Any => None,
        };
        for (name, value) in [
            ("rst", protection(self.rst)),
            ("syn", protection(self.syn)),
            ("ack", protection(self.ack)),
            ("time_wait_rst", time_wait_rst),
            ("reopen", choice(self.reopen)),
            ("half_duplex", choice(self.half_duplex)),
            ("drop_synfin", choice(self.drop_synfin)),
            ("nagle", choice(self.nagle)),
        ] {
            words.extend(value.map(|value| format!("{name}={value}")));
        }
        for (name, value) in [
            ("msl", self.msl),
            ("rto_min", self.rto_min),
            ("rto_max", self.rto_max),
            ("r2", self.r2),
            ("ack_delay", self.ack_delay),
        ] {
            words.extend(value.map(|value| format!("{name}={value}")));
        }
        if words.is_empty() { f.write_str("nothing declared") } else { f.write_str(&words.join(" ")) }
    }
}
