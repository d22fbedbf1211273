//! All lessons, in the order in which they are told.

use super::searches::{self, Search};
use super::world::World;

/// One lesson.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// Its name on the command line.
    pub name: &'static str,
    /// In a few words.
    pub title: &'static str,
    /// What textbooks say.
    pub says: &'static str,
    /// What was taken away.
    pub without: &'static str,
    /// What happens, and why; and where RFC 9293 says something else than textbooks.
    pub tells: &'static str,
    /// How it is told.
    pub kind: Kind,
}

/// How a lesson is told.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A shortest trace that breaks a property, found by a search.
    Search(&'static Search),
    /// What two models do on a link that loses nothing.
    Fair(&'static World),
    /// What a scenario shows.
    #[cfg(feature = "reference")]
    Demonstration(&'static [super::demonstrations::Scene]),
    /// A figure over many worlds, in a short form or, when that is wanted, a long one.
    #[cfg(feature = "reference")]
    Measurement(fn(long: bool) -> String),
}

const fn search(
    name: &'static str,
    title: &'static str,
    says: &'static str,
    without: &'static str,
    tells: &'static str,
    search: &'static Search,
) -> Lesson {
    Lesson { name, title, says, without, tells, kind: Kind::Search(search) }
}

/// The lessons that a search tells.
pub const SEARCHES: &[Lesson] = &[
    search(
        "two-way-ghost",
        "With two messages an old SYN opens a ghost",
        "The handshake takes three messages, so that both ends know that the other one is there and has their number.",
        "B is ESTABLISHED as soon as it has a SYN.",
        "Copies of a SYN and of a segment of text come out of the network after their connection has ended. B takes \
         the SYN for a new open and the text for its text. Nobody is at the other end. The third message is what an \
         old SYN cannot bring: it acknowledges a number that B has chosen just now.",
        &searches::GHOST,
    ),
    search(
        "two-way-deadlock",
        "With two messages a lost answer blocks the open for ever",
        "If the reply to a two-message open is lost, one end is open and the other is not.",
        "B is ESTABLISHED as soon as it has a SYN, and does not keep its SYN,ACK until it is acknowledged.",
        "B takes the connection for open and sends text. A has no SYN of B, so it can place neither the text nor \
         the bare ACKs that its own repeated SYN earns. Each repeats itself for ever.",
        &searches::DEADLOCK,
    ),
    search(
        "fixed-isn",
        "With a fixed ISN old text enters the new connection",
        "Sequence numbers begin at a number that a clock gives, one tick every 4 ms.",
        "Every connection begins at the same number.",
        "A aborts, so that nothing waits for old segments to die, and opens the same port pair again. The text of the \
         first connection has the number that the second one expects. With a clock the new numbers lie above all old \
         ones. The clock of RFC 9293 ticks about every 4 microseconds, not milliseconds (3.4.1): at a tick of 4 ms a \
         fast sender overtakes it. And since RFC 6528 a secret hash of the sockets is added.",
        &searches::FIXED_ISN,
    ),
    search(
        "three-message-close",
        "A close in three messages cuts off who still has something to say",
        "Closing takes four messages, because each direction is closed by itself; a FIN and an ACK can never share \
         a segment.",
        "The stack answers a FIN by its own FIN at once, without waiting for CLOSE.",
        "A is done, B's user is not, but B's stack has closed for it: SEND is refused. With half-close B is in \
         CLOSE-WAIT and may send for as long as it likes. That is why there are four messages; but where B's user \
         has closed already, FIN and ACK do share a segment and three are enough (RFC 9293 3.6; Fig. 5, note 2).",
        &searches::THREE_MESSAGES,
    ),
    search(
        "last-ack-lost",
        "Without TIME-WAIT a lost last ACK turns a clean close into a reset",
        "TIME-WAIT is there so that the last ACK can be sent again.",
        "Who has both FINs is CLOSED at once; nobody is left in TIME-WAIT.",
        "B's FIN comes again, because its ACK was lost. A has forgotten the connection and can only answer by a \
         RST. B, whose text and FIN have all arrived, cannot tell that from a failure. (Where segments may overtake \
         each other no loss is needed: B's late ACK of A's FIN meets nobody, too.)",
        &searches::LAST_ACK_LOST,
    ),
    search(
        "old-duplicates",
        "Without TIME-WAIT old text enters the next connection of the same ports",
        "TIME-WAIT is there so that old duplicates die before the port pair is used again.",
        "Who has both FINs is CLOSED at once. (The ISN is fixed with and without the rule, so that TIME-WAIT alone \
         protects.)",
        "A closes, opens the same port pair again, and a copy of its old text comes at the right place. For 2 MSL \
         TIME-WAIT refuses that OPEN; after them no copy is left.",
        &searches::OLD_DUPLICATES,
    ),
    search(
        "time-wait-assassination",
        "A RST kills TIME-WAIT (RFC 1337)",
        "In TIME-WAIT a connection waits for 2 MSL.",
        "A RST at RCV.NXT closes TIME-WAIT. This is no mutilated rule: it is what RFC 9293 3.10.7.4 says; the rule \
         in place is RFC 1337's.",
        "An old segment reaches the end that has forgotten, which answers by a RST; it has just the number that \
         TIME-WAIT obeys. From there on A is as in the two lessons before. RFC 1337 lets TIME-WAIT ignore a RST.",
        &searches::ASSASSINATION,
    ),
    search(
        "time-wait-war",
        "Two ends in TIME-WAIT that take the RFC at its word never stop",
        "In TIME-WAIT only the peer's FIN can come; it is acknowledged.",
        "TIME-WAIT acknowledges every acceptable segment. Again no mutilation: so RFC 9293 3.10.7.4, fifth step, can \
         be read; no stack is known to do so.",
        "Both ends close at once and both are in TIME-WAIT. An ACK too many is acknowledged, and that ACK too, for \
         ever; and each restarts the timer that would end it. A search of the unbroken table found this.",
        &searches::TIME_WAIT_WAR,
    ),
    search(
        "no-rst-in-syn-sent",
        "Without RST in SYN-SENT a half-open connection is never discovered",
        "After a crash the end that still believes in the connection is told so by a RST.",
        "A bad ACK in SYN-SENT is dropped and not answered by a RST.",
        "A has crashed and opens again. B's answer says what B believes. A could refute it and does not; A's SYN and \
         B's answer go to and fro until A gives up, and B keeps a dead connection.",
        &searches::NO_RST_IN_SYN_SENT,
    ),
    search(
        "syn-ignored",
        "A stack that ignores a SYN in ESTABLISHED locks a restarted peer out",
        "A SYN on an open connection is an attack or a mistake and is thrown away.",
        "A SYN in the window of a synchronized connection gets no answer.",
        "A has crashed and opens again from the same port. Its SYN is the only news that B can get of that, and A \
         needs the challenge ACK to find out that B is half-open: only its RST frees the port pair (RFC 9293 \
         3.5.1). Some stacks in the field are silent here.",
        &searches::SYN_IGNORED,
    ),
    search(
        "rst-in-window",
        "A RST that only has to hit the window can be guessed",
        "A RST is valid if its number lies in the window.",
        "RST is taken anywhere in the window: RFC 793's rule, without RFC 5961.",
        "Somebody who sees nothing of the connection needs one number in the window, not one number in 2^32; the \
         lesson blind-attacks counts the tries. With RFC 5961 only RCV.NXT itself is obeyed; any other number in the \
         window earns a challenge ACK, which the true peer would answer by the right RST.",
        &searches::RST_IN_WINDOW,
    ),
    search(
        "ack-of-unsent",
        "A stack that believes an ACK of what it never sent loses text",
        "An ACK above SND.NXT is ignored.",
        "SND.UNA follows any ACK.",
        "The numbers between are now taken for sent and acknowledged, and what the user sends next begins behind \
         them: the peer waits for octets that nobody will ever send.",
        &searches::ACK_OF_UNSENT,
    ),
    search(
        "early-fin",
        "A FIN that overtakes its text ends the stream too early",
        "TCP delivers everything in order.",
        "A FIN is acted on when it comes, and not when everything before it has come.",
        "B's user is told the end of the stream while an octet is on its way. A FIN has a number like an octet, so \
         it has to wait for its turn like one.",
        &searches::EARLY_FIN,
    ),
    search(
        "forgotten-origin",
        "SYN-RECEIVED has to know where it came from",
        "After a RST in SYN-RECEIVED the end goes back to LISTEN.",
        "SYN-RECEIVED always goes back to LISTEN, also when an active OPEN led there.",
        "Both opened, B gave up. A's caller asked for a connection and now has a listener, unasked; nobody tells it. \
         RFC 9293 has two ways back: to LISTEN after a passive OPEN, to CLOSED with an error after an active one \
         (MUST-11).",
        &searches::FORGOTTEN_ORIGIN,
    ),
    search(
        "no-answer",
        "A segment outside the window needs an answer",
        "Segments outside the window are dropped.",
        "What fails the sequence test is dropped without the ACK.",
        "Both open at once. Each SYN,ACK repeats a SYN that was taken already, so it lies left of the window, and \
         both are dropped without a word, now and at every repetition. RFC 9293 wants an ACK for what it drops, and \
         that ACK is what completes the open.",
        &searches::NO_ANSWER,
    ),
    search(
        "no-segmentation",
        "Without segmentation long text does not fit through the link",
        "TCP cuts the stream into segments.",
        "A does not look at the MSS that B announces.",
        "The packet is longer than the link carries (here: one octet of text) and is lost, and so is every \
         repetition. The MSS option tells how much one packet may carry (RFC 9293 3.7.1).",
        &searches::NO_SEGMENTATION,
    ),
    search(
        "no-acknowledgement",
        "Without acknowledgments nobody knows what was lost",
        "The receiver acknowledges what it has.",
        "Text counts as acknowledged when it is sent, so nothing is kept for a second try.",
        "One loss and the octet is gone, and no end knows.",
        &searches::NO_ACKNOWLEDGEMENT,
    ),
    search(
        "no-timer",
        "Without a retransmission timer a loss is for ever",
        "What is not acknowledged in time is sent again.",
        "The retransmission timer never fires.",
        "A keeps the octet and waits for the ACK, B waits for the octet. Neither can know what the other waits for; \
         only time can.",
        &searches::NO_TIMER,
    ),
    search(
        "no-window",
        "Without a window a fast sender overruns a slow reader",
        "The window tells how much the receiver has room for.",
        "B has room for one octet and announces 1000.",
        "The second octet finds no room, but it was acknowledged, so A will not send it again. With a true window \
         the second octet waits at A.",
        &searches::NO_WINDOW,
    ),
    search(
        "no-probe",
        "Without window probes a lost update stops everything",
        "A closed window opens by an update.",
        "A closed window is not probed.",
        "B's user reads, the ACK that says so is lost. ACKs without text are not sent again, so A waits for an \
         update and B for text. A must ask from time to time (MUST-36, MUST-37).",
        &searches::NO_PROBE,
    ),
    search(
        "no-reordering",
        "Without reordering text comes out as the network brings it",
        "Segments may overtake each other; numbers put them in order again.",
        "B takes every text for the next one.",
        "Two segments, the second one first.",
        &searches::NO_REORDERING,
    ),
    search(
        "no-deduplication",
        "Without numbers to compare a copy is delivered twice",
        "Duplicates are recognised by their numbers and dropped.",
        "B takes old text again.",
        "The network needs not be at fault: every retransmission whose ACK was late is such a copy.",
        &searches::NO_DEDUPLICATION,
    ),
    search(
        "no-checksum",
        "Without a checksum a flipped bit is delivered",
        "A segment with a wrong checksum is dropped.",
        "B does not look at the checksum.",
        "The octet is taken, acknowledged and wrong. With the checksum the segment is as good as lost, and a loss is \
         repaired (MUST-2, MUST-3).",
        &searches::NO_CHECKSUM,
    ),
];
