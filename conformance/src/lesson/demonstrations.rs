//! Lessons that a scenario tells: what happens, on the reference, under the judge's eyes.

use super::list::{Kind, Lesson};
use super::world::World;
use crate::small::Do;
use crate::subject::reference::Reference;

/// Scenes, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// What it shows, where there are several.
    pub title: &'static str,
    /// The stack.
    pub stack: Reference,
    /// The scenario's lines behind the first.
    pub script: &'static str,
}

const fn lesson(
    name: &'static str,
    title: &'static str,
    says: &'static str,
    tells: &'static str,
    scenes: &'static [Scene],
) -> Lesson {
    Lesson { name, title, says, without: "", tells, kind: Kind::Demonstration(scenes) }
}

/// A lesson that two models tell by themselves.
const fn fair(
    name: &'static str,
    title: &'static str,
    says: &'static str,
    tells: &'static str,
    world: &'static World,
) -> Lesson {
    Lesson { name, title, says, without: "", tells, kind: Kind::Fair(world) }
}

/// Both open, and both close.
const BOTH: World = World::new(&[Do::Open, Do::Close], &[Do::Open, Do::Close]);

/// A listener becomes its connection, so that one state is to be seen from LISTEN on.
const fn scene(script: &'static str) -> Scene {
    Scene { title: "", stack: Reference::Single, script }
}

/// A listener that goes on.
const fn forking(title: &'static str, script: &'static str) -> Scene {
    Scene { title, stack: Reference::Forking, script }
}

/// Without RFC 5961, RFC 1337 and MAY-2.
const fn classic(title: &'static str, script: &'static str) -> Scene {
    Scene { title, stack: Reference::ForkingClassic, script }
}

/// The lessons that a scenario tells.
pub const DEMONSTRATIONS: &[Lesson] = &[
    lesson(
        "fourth-message",
        "A fourth message adds nothing",
        "Three messages are enough to open.",
        "The third message tells B that A has B's number, which is the last thing that one of them did not know. Another \
         ACK says the same again: no state changes and nobody answers.",
        &[scene("call 0 listen 8000\n< S seq IRS\n< .\n< .\n")],
    ),
    lesson(
        "text-in-third",
        "The third message may carry text",
        "Text follows after the handshake.",
        "The third message is a segment like any other, and A is ESTABLISHED when it sends it. Its text is delivered as \
         soon as its ACK has opened B.",
        &[scene("call 0 listen 8000\n< S seq IRS\n< P. len 5\ncall 0 receive 100\n")],
    ),
    lesson(
        "text-on-syn",
        "Text on a SYN waits for ESTABLISHED",
        "A SYN cannot carry data.",
        "It can (RFC 9293 3.4: such text is legitimate). But nobody knows yet whether the SYN is an old one, so the text \
         is kept and not delivered before the ACK of the SYN,ACK has come. A listener need not keep it; then the \
         SYN,ACK covers the SYN alone and the text comes again. That is why hardly anybody sends it; Fast Open (RFC 7413) is \
         the licensed exception.",
        &[scene("call 0 listen 8000\n< S seq IRS len 5\ncall 0 receive 100\n< .\ncall 0 receive 100\n")],
    ),
    lesson(
        "syn-ack-again",
        "A SYN,ACK is sent again after 1, 2, 4 and 8 seconds, and then given up",
        "The server repeats its SYN,ACK five times, after 1, 2, 4, 8 and 16 seconds, and gives up after 31 or 63.",
        "The first number is the smallest RTO and the doubling is RFC 6298's (5.5). How often is a choice, here a user \
         timeout of 20 s. RFC 9293 counts no repetitions: it asks for three minutes at least (3.8.3, MUST-23), \
         against which the usual five repetitions are too few.",
        &[scene("user_timeout 20s\n\ncall 0 listen 8000\n< S seq IRS\nwait 40s\n")],
    ),
    lesson(
        "half-close",
        "Who has closed may still receive",
        "After close() a socket is gone.",
        "CLOSE says that there is nothing more to send. The peer may go on, and its text is delivered in FIN-WAIT-1 and \
         FIN-WAIT-2 (RFC 9293 3.6, case 1).",
        &[scene(
            "call 1 connect 8000 peer0:9000\n< S. seq IRS\ncall 1 close\n< .\n< P. len 10\ncall 1 receive 100\n< F.\n",
        )],
    ),
    lesson(
        "one-number-each",
        "SYN and FIN take one number each",
        "Sequence numbers count octets.",
        "They count octets, SYNs and FINs, so that those can be acknowledged and sent again like text. Counted from \
         each end's ISN: the SYN is 0, the first octet 1, the FIN the number behind the last octet; and the ACK is \
         one more.",
        &[scene(
            "call 1 connect 8000 peer0:9000\n< S. seq IRS\ncall 1 send 3\n< .\ncall 1 close\n< .\n< F.\n",
        )],
    ),
    lesson(
        "fin-with-ack",
        "A FIN that acknowledges a FIN leads straight to TIME-WAIT",
        "FIN and ACK can never share a segment, so FIN-WAIT-1 is followed by FIN-WAIT-2.",
        "They share one as soon as the peer's user closes before its stack has answered (RFC 9293 Fig. 5, note 2). The \
         segment's ACK leads to FIN-WAIT-2 and its FIN at once to TIME-WAIT.",
        &[scene("call 1 connect 8000 peer0:9000\n< S. seq IRS\ncall 1 close\n< F.\n")],
    ),
    fair(
        "simultaneous",
        "Both may open, and both may close, at the same time",
        "There is a client that opens and a server that waits.",
        "TCP knows only ends. Two SYNs that cross make one connection, not two (MUST-10); each end answers a SYN by its \
         SYN,ACK. Two FINs that cross lead through CLOSING, and both ends wait in TIME-WAIT.",
        &BOTH,
    ),
    lesson(
        "server-closes-first",
        "The end that closes first waits, also if it is the server",
        "TIME-WAIT is the client's.",
        "It belongs to whoever sends the first FIN. A server that closes first keeps a record of each connection for 2 MSL. \
         Its port stays open for everybody else: the pair of sockets is in TIME-WAIT, not the port.",
        &[forking(
            "",
            "call 0 listen 8000\n< S seq IRS\n< .\ncall 0 accept 1\ncall 1 close\n< .\n< F.\n\
             < S seq 5000 from peer1:9001 to stack:8000\n",
        )],
    ),
    lesson(
        "port-pair",
        "A pair of sockets cannot be used again for 2 MSL, and the ways round it",
        "An address is in use until TIME-WAIT is over.",
        "RFC 9293's MSL is two minutes (3.4.2), so the pair rests for four; what stacks choose is mostly shorter. The way \
         round is MAY-2: a SYN above every number of the old incarnation may open the next one at once, as no \
         old segment can be taken for a new one. With timestamps (RFC 6191; the reference has none) a newer \
         timestamp does the same for any number.",
        &[
            classic(
                "Without MAY-2 a SYN in TIME-WAIT is refused",
                "call 0 listen 8000\n< S seq IRS\n< .\ncall 0 accept 1\ncall 1 close\n< .\n< F.\nwait 10s\n\
                 < S seq RCV.NXT+70000\nwait 240s\n< S seq 900\n",
            ),
            forking(
                "With MAY-2 one above the old numbers opens",
                "call 0 listen 8000\n< S seq IRS\n< .\ncall 0 accept 1\ncall 1 close\n< .\n< F.\nwait 10s\n\
                 < S seq RCV.NXT+70000\n",
            ),
        ],
    ),
    lesson(
        "time-wait-restarts",
        "Another FIN starts TIME-WAIT anew",
        "TIME-WAIT lasts for 2 MSL.",
        "It lasts for 2 MSL from the last ACK of the peer's FIN. The FIN that comes again after 200 s says that this ACK \
         was lost; after 240 s the connection is still there, and 240 s after the FIN it is gone. (By the letter of \
         3.10.7.4 a repeated FIN is left of the window and ends in the first step; the fifth step says what is \
         meant.)",
        &[scene(
            "call 1 connect 8000 peer0:9000\n< S. seq IRS\ncall 1 close\n< F.\nwait 200s\n< F. seq RCV.NXT-1\n\
             wait 100s\n< F. seq RCV.NXT-1\nwait 241s\n",
        )],
    ),
    lesson(
        "crash",
        "A half-open connection is discovered",
        "If one end crashes the other one does not notice.",
        "Not as long as both are silent. The first segment tells: here the restarted peer opens again, the stack answers \
         what it believes, and the peer, which knows nothing of that, answers by a RST with just the number that is \
         believed (RFC 9293 3.5.1, Fig. 9).",
        &[scene("call 0 listen 8000\n< S seq IRS\n< .\n< S seq RCV.NXT+9000\n< R seq RCV.NXT\n")],
    ),
];
