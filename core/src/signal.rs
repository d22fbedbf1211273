use core::fmt;

/// What a user is told without having asked (RFC 9293 3.9.1.8 and the signals of 3.10).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Signal {
    /// The connection is ESTABLISHED.
    Open,
    /// `connection closing`: the peer's FIN has come.
    PeerClosed,
    /// The peer does not answer; R1 retransmissions have been made (SHLD-9).
    NoAnswer,
    /// `connection reset`.
    Reset,
    /// `connection refused`.
    Refused,
    /// `connection aborted due to user timeout`: R2 or the user timeout is over.
    TimedOut,
    /// The connection ended as it should.
    Closed,
}

impl Signal {
    const ALL: [Signal; 7] = [
        Signal::Open,
        Signal::PeerClosed,
        Signal::NoAnswer,
        Signal::Reset,
        Signal::Refused,
        Signal::TimedOut,
        Signal::Closed,
    ];
}

/// The RFC's words.
impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Open => "connection open",
            Signal::PeerClosed => "connection closing",
            Signal::NoAnswer => "no answer from the peer",
            Signal::Reset => "error: connection reset",
            Signal::Refused => "error: connection refused",
            Signal::TimedOut => "error: connection aborted due to user timeout",
            Signal::Closed => "connection closed",
        })
    }
}

/// Signals that the user has not been told yet; each at most once, in the order in which a connection can
/// have them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Signals(u8);

impl Signals {
    pub(crate) fn raise(&mut self, signal: Signal) {
        self.0 |= 1 << signal as u8;
    }
}

impl Iterator for Signals {
    type Item = Signal;

    fn next(&mut self) -> Option<Signal> {
        let signal = *Signal::ALL.get(self.0.trailing_zeros() as usize)?;
        self.0 &= self.0 - 1;
        Some(signal)
    }
}
