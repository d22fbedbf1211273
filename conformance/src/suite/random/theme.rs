//! What a random history is about: how likely each kind of move is.

use super::rng::Rng;
use crate::suite::{by_name, name_of};

/// What a history is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Theme {
    /// A peer in step, data both ways.
    #[default]
    Honest,
    /// Segments get lost, repeated and reordered in both directions.
    Loss,
    /// Windows close, shrink and open.
    Window,
    /// Both directions close.
    Teardown,
    /// The same handle and the same pair of sockets again.
    Reuse,
    /// Segments that no peer in step sends: nearly valid, hostile, stale.
    Hostile,
    /// Calls that make little sense, options in the middle, a closed handle.
    Calls,
    /// Timers, and a full transmit queue.
    Clock,
    /// Text beyond many gaps, in every order, and what fills them.
    Holes,
}

impl Theme {
    /// All of them.
    pub const ALL: [Theme; 9] = [
        Theme::Honest,
        Theme::Loss,
        Theme::Window,
        Theme::Teardown,
        Theme::Reuse,
        Theme::Hostile,
        Theme::Calls,
        Theme::Clock,
        Theme::Holes,
    ];

    const NAMES: [(Theme, &'static str); 9] = [
        (Theme::Honest, "honest"),
        (Theme::Loss, "loss"),
        (Theme::Window, "window"),
        (Theme::Teardown, "teardown"),
        (Theme::Reuse, "reuse"),
        (Theme::Hostile, "hostile"),
        (Theme::Calls, "calls"),
        (Theme::Clock, "clock"),
        (Theme::Holes, "holes"),
    ];

    /// In print.
    pub fn name(self) -> &'static str {
        name_of(&Theme::NAMES, self)
    }

    /// The theme with this name.
    pub fn from_name(name: &str) -> Option<Theme> {
        by_name(&Theme::NAMES, name)
    }

    /// A move, each as likely as this theme has it.
    pub(super) fn draw(self, rng: &mut Rng) -> Move {
        let at = rng.weighted(MOVES.iter().map(|row| u64::from(row.1[self as usize])));
        MOVES[at].0
    }
}

/// One or a few events that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Move {
    /// ACK of everything.
    Ack,
    /// ACK of nothing new.
    AckAgain,
    /// Three of them.
    AckThrice,
    /// ACK of a part of what is in flight.
    AckPart,
    /// Another window.
    Window,
    /// Window 0.
    Shut,
    /// Text in order.
    Text,
    /// Text of a whole segment, or one octet more or less.
    FullText,
    /// Text up to the window's edge.
    Fill,
    /// Text up to the edge, and beyond it.
    Overrun,
    /// Text that was received before, perhaps with more behind it.
    TextAgain,
    /// Text beyond a gap.
    TextAhead,
    /// The gap is filled.
    FillGap,
    /// Text beyond many gaps.
    Islands,
    /// FIN in order, perhaps with text before it.
    Fin,
    /// The FIN that was taken, once more.
    FinAgain,
    /// FIN beyond a gap.
    FinAhead,
    /// The FIN is lost; what follows shows that it was sent.
    FinLost,
    /// RST in order.
    Rst,
    /// The peer's SYN once more.
    SynAgain,
    /// A SYN of a peer that has begun anew.
    SynNew,
    /// The peer's SYN,ACK once more.
    SynAck,
    /// A segment of an incarnation before.
    Stale,
    /// Any control bits, near the edges.
    Nearly,
    /// Anything.
    Wild,
    /// A broken packet, or strange options.
    Broken,
    /// From or to another socket.
    Elsewhere,
    /// SEND.
    Send,
    /// SEND of more than a window.
    SendMuch,
    /// SEND of nothing.
    SendNothing,
    /// RECEIVE of all.
    Receive,
    /// RECEIVE of a part, or into nothing.
    ReceiveSome,
    /// The sending direction is closed.
    Shutdown,
    /// CLOSE.
    Close,
    /// ABORT.
    Abort,
    /// STATUS.
    Status,
    /// An option is set.
    Set,
    /// OPEN on some handle.
    Open,
    /// ACCEPT.
    Accept,
    /// Some call on some handle.
    AnyCall,
    /// Less than half a second.
    Moment,
    /// About a retransmission timeout.
    Rto,
    /// Many of them.
    Long,
    /// About 2 MSL, or about R2.
    TwoMsl,
    /// The transmit queue is full, or nearly.
    QueueFull,
    /// The transmit queue is empty.
    QueueFree,
    /// The connection ends in some way, and the same sockets open another one.
    Reopen,
    /// Both ends close in order.
    CloseBoth,
}

/// Columns in the order of [`Theme::ALL`].
#[rustfmt::skip]
const MOVES: [(Move, [u8; 9]); 48] = {
    use Move::*;
    [
    //             honest loss window teardown reuse hostile calls clock holes
    (Ack,         [20,    12,   8,     14,      8,    8,      8,    10,     6]),
    (AckAgain,    [ 2,    12,   4,      4,      2,    4,      2,     4,     1]),
    (AckThrice,   [ 0,     8,   1,      1,      0,    1,      0,     2,     0]),
    (AckPart,     [ 3,     8,   4,      2,      1,    2,      1,     3,     1]),
    (Window,      [ 2,     2,  14,      2,      1,    2,      1,     3,     1]),
    (Shut,        [ 1,     1,  12,      2,      1,    2,      1,     4,     1]),
    (Text,        [18,    14,  10,      8,      6,    6,      6,     6,     8]),
    (FullText,    [ 4,     3,   6,      1,      1,    1,      1,     1,     1]),
    (Fill,        [ 2,     2,  10,      2,      1,    2,      2,     2,     1]),
    (Overrun,     [ 0,     1,   5,      1,      0,    3,      0,     0,     1]),
    (TextAgain,   [ 0,    10,   2,      3,      1,    3,      0,     2,     8]),
    (TextAhead,   [ 0,    10,   2,      2,      1,    2,      0,     1,    10]),
    (FillGap,     [ 0,    10,   2,      2,      1,    2,      0,     1,    24]),
    (Islands,     [ 0,     1,   0,      0,      0,    1,      0,     0,    14]),
    (Fin,         [ 2,     3,   2,     16,      5,    4,      3,     4,     4]),
    (FinAgain,    [ 0,     4,   1,     10,      2,    3,      1,     4,     2]),
    (FinAhead,    [ 0,     4,   1,      4,      1,    2,      0,     0,     5]),
    (FinLost,     [ 0,     4,   1,      6,      1,    1,      0,     1,     2]),
    (Rst,         [ 1,     0,   0,      1,      5,    4,      1,     1,     1]),
    (SynAgain,    [ 0,     3,   0,      1,      5,    4,      0,     1,     1]),
    (SynNew,      [ 0,     0,   0,      1,      5,    5,      0,     0,     0]),
    (SynAck,      [ 0,     3,   0,      1,      3,    3,      0,     0,     0]),
    (Stale,       [ 0,     1,   0,      1,      7,    5,      0,     0,     0]),
    (Nearly,      [ 0,     0,   1,      2,      1,   24,      1,     1,     0]),
    (Wild,        [ 0,     0,   0,      0,      0,   10,      0,     0,     0]),
    (Broken,      [ 0,     2,   0,      0,      0,    5,      0,     0,     0]),
    (Elsewhere,   [ 0,     0,   0,      0,      1,    5,      1,     0,     0]),
    (Send,        [18,    16,  14,      8,      6,    6,      8,    10,     6]),
    (SendMuch,    [ 4,     4,  10,      2,      1,    1,      2,     4,     0]),
    (SendNothing, [ 0,     0,   1,      0,      0,    0,      4,     0,     0]),
    (Receive,     [12,     6,  10,      4,      3,    4,      6,     3,     5]),
    (ReceiveSome, [ 3,     2,  12,      2,      1,    1,      6,     1,     4]),
    (Shutdown,    [ 2,     2,   2,      8,      2,    2,      5,     3,     2]),
    (Close,       [ 2,     2,   2,     14,      6,    3,      6,     5,     3]),
    (Abort,       [ 1,     0,   0,      2,      6,    1,      4,     1,     0]),
    (Status,      [ 1,     0,   0,      1,      1,    1,      5,     1,     0]),
    (Set,         [ 1,     1,   1,      1,      1,    0,     12,     6,     0]),
    (Open,        [ 0,     0,   0,      0,      8,    1,     10,     0,     0]),
    (Accept,      [ 0,     0,   0,      0,      4,    1,      5,     0,     0]),
    (AnyCall,     [ 0,     0,   0,      0,      3,    1,     16,     1,     0]),
    (Moment,      [10,     8,   6,      6,      4,    5,      4,    10,     4]),
    (Rto,         [ 2,    10,   6,      6,      3,    3,      3,    14,     3]),
    (Long,        [ 1,     2,   3,      2,      1,    1,      2,    10,     0]),
    (TwoMsl,      [ 0,     1,   0,      6,      6,    1,      1,     8,     0]),
    (QueueFull,   [ 0,     1,   1,      1,      1,    1,      2,    10,     1]),
    (QueueFree,   [ 0,     1,   1,      1,      1,    1,      2,    10,     1]),
    (Reopen,      [ 1,     0,   0,      2,     16,    1,      3,     1,     0]),
    (CloseBoth,   [ 1,     1,   1,      4,      8,    1,      2,     3,     0]),
    ]
};
