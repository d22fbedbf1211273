//! Lessons that are figures: attacks on the reference, in virtual time, counted over many worlds.
//!
//! The short form stands in tests and comes back the same on every machine; the long one is for whoever wants the
//! figures of a large attack. What a machine adds (seconds, memory of the process) is in the long form only.

mod blind;
mod flood;
mod isn;
mod queues;
mod target;

use super::list::{Kind, Lesson};

const fn lesson(
    name: &'static str,
    title: &'static str,
    says: &'static str,
    tells: &'static str,
    measure: fn(bool) -> String,
) -> Lesson {
    Lesson { name, title, says, without: "", tells, kind: Kind::Measurement(measure) }
}

/// The lessons that are measured, and the two whose scene is a listener's queue.
pub const MEASUREMENTS: &[Lesson] = &[
    lesson(
        "syn-queue-full",
        "What a full SYN queue does",
        "When the backlog is full new connections are refused.",
        "RFC 9293 has no backlog. A SYN for which there is no room is dropped without an answer, so that the client tries \
         again, or answered by a cookie, which needs no room (RFC 4987 3.6). A RST would end the open for good.",
        queues::syn_queue,
    ),
    lesson(
        "accept-queue-full",
        "What a full accept queue does",
        "The backlog of listen() is one queue.",
        "There are two: of handshakes that are not done and of connections that nobody has accepted. While the second is full \
         the reference drops SYNs; handshakes that it has begun it finishes.",
        queues::accept_queue,
    ),
    lesson(
        "isn-guessing",
        "Who can guess the next ISN can speak for somebody else",
        "Initial sequence numbers are random.",
        "Not by RFC 9293: they follow a clock of 4 microseconds, and a keyed hash of both sockets is added (3.4.1; RFC 6528 \
         3). The attacker sees the ISN of a connection of its own, knows the clock up to a millisecond, and acknowledges \
         a SYN,ACK that it never sees, with up to 1000 tries.",
        isn::measure,
    ),
    lesson(
        "blind-attacks",
        "What RFC 5961 is worth",
        "An attacker off the path would have to guess a number of 32 bits.",
        "It has to hit the window: of 65,535 octets there are 65,538 in the sequence space. The attacker knows both sockets \
         and sends RSTs, SYNs or text one window apart (text with two ACK numbers, half the space apart). Under RFC 5961 \
         a RST needs the very number, a SYN resets nothing, and the ACK of text must lie within a window too. The \
         same number of packets, then, does next to nothing; what they would need for certain stands in the last column.",
        blind::measure,
    ),
    lesson(
        "syn-flood",
        "SYN cookies against a flood of spoofed SYNs",
        "Cookies make a server immune, as it keeps nothing before the third message.",
        "A listener with 128 places gets 1000 SYNs a second from addresses that never answer; ten times a second an honest \
         client opens, and tries again after 1, 3 and 7 s. Each defence alone (RFC 4987 3): places given up after 3 s and \
         not after 180; 4096 places; a filter that knows nine spoofed sources of ten; cookies when no place is free. \
         Immune is too much said: the cookie names one of eight sizes, is never sent again, and costs two hashes.",
        flood::measure,
    ),
];

/// The columns of a table, aligned: the first to the left, the others to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|row| row.get(c)).map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cell = |(c, cell): (usize, &String)| match c {
            0 => format!("{cell:<w$}", w = widths[c]),
            _ => format!("  {cell:>w$}", w = widths[c]),
        };
        let line: String = row.iter().enumerate().map(cell).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
