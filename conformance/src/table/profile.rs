//! What a stack says of itself where the RFCs leave a choice.

mod words;

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

impl Profile {
    /// Nothing is declared.
    pub const UNDECLARED: Profile = Profile {
        rst: Protection::Any,
        syn: Protection::Any,
        ack: Protection::Any,
        time_wait_rst: TimeWaitRst::Any,
        reopen: Choice::Any,
        half_duplex: Choice::Any,
        drop_synfin: Choice::Any,
        msl: None,
        rto_min: None,
        rto_max: None,
        r2: None,
        ack_delay: None,
        nagle: Choice::Any,
    };
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
