//! Views of hand-made traces: ladder and lines as snapshots, the capture read back.

#[path = "common/traces.rs"]
mod traces;

use lastack::scenario::{STACK_PORT, ScriptCall};
use lastack::subject::Outcome;
use lastack::trace::Direction;
use lastack::trace::ladder::{Options, WIDTH, ladder};
use lastack::trace::line::{Numbers, lines};
use lastack::trace::pcapng::capture;
use lastack_core::types::{Flags, State};
use traces::{Script, Seg, open_and_close};

const HEAD: Options<'_> = Options { numbers: Numbers::Absolute, stack: "smoltcp 0.14.0", states: &[] };

/// Both ends walk the states that RFC 9293's Fig. 6 and Fig. 12 show.
#[test]
fn a_connection_reads_as_in_the_figures() {
    insta::assert_snapshot!(ladder(&open_and_close(), &HEAD));
}

#[test]
fn relative_numbers_count_from_each_ends_isn() {
    let options = Options { numbers: Numbers::Relative, ..HEAD };
    insta::assert_snapshot!(ladder(&open_and_close(), &options));
}

#[test]
fn one_line_a_happening() {
    insta::assert_snapshot!(lines(&open_and_close(), Numbers::Absolute).join("\n"));
}

/// Where the judge knows better than the stack says, the ladder shows the judge's state and the word.
#[test]
fn a_state_that_differs_from_the_stacks_word_is_remarked() {
    let mut script = Script::default();
    script.arrives(Seg(Flags::RST, 101, 0, 0, 0), "RST-EXACT").word(State::Established);
    let states = [Some(State::Closed), None];
    let text = ladder(&script.trace, &Options { states: &states, ..HEAD });
    let row = text.lines().nth(1).unwrap_or_default();
    assert!(row.contains("CLOSED       <--"), "{text}");
    assert!(text.contains("stack says"), "{text}");
}

/// Long numbers, long notes, packets of other sockets and packets that are none: within the width, ASCII.
#[test]
fn nothing_breaks_the_columns() {
    let mut script = Script::default();
    let big = u32::MAX - 5;
    let all = Flags::ALL_DEFINED;
    let note =
        "UNACCEPTABLE-SEQ; a remark \u{2264} that is longer than the last column can ever hold on one line";
    script
        .call(ScriptCall::OpenPassive { port: STACK_PORT }, Outcome::NoConnection, note)
        .arrives(Seg(all, big, big, 1460, 65535), note)
        .packet(Direction::ToStack, 9001, Seg(Flags::SYN, big, 0, 0, 65535), "")
        .wait(1_234_567_890_123)
        .arrives(
            Seg(Flags::ACK, big, big, 0, 65535),
            "A-RULE-NAME-THAT-IS-LONGER-THAN-THE-WHOLE-COLUMN-CAN-BE",
        )
        .octets(Direction::FromStack, &[0x45, 0, 0], "");
    let text = ladder(&script.trace, &HEAD);
    for line in text.lines() {
        assert!(line.is_ascii() && line.len() <= WIDTH && line == line.trim_end(), "{line:?}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_trace_without_entries_is_its_head() {
    assert_eq!(ladder(&Script::default().trace, &HEAD).lines().count(), 1);
}

/// A pcapng block, as a reader of the format finds it.
struct Block {
    kind: u32,
    body: Vec<u8>,
}

fn u16_at(octets: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(octets[at..at + 2].try_into().expect("two octets"))
}

fn u32_at(octets: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(octets[at..at + 4].try_into().expect("four octets"))
}

/// Splits a file into blocks; both lengths of each must agree and be a multiple of four.
fn blocks(mut file: &[u8]) -> Vec<Block> {
    let mut out = Vec::new();
    while !file.is_empty() {
        let len = u32_at(file, 4) as usize;
        assert_eq!(len % 4, 0);
        assert_eq!(u32_at(file, len - 4) as usize, len);
        out.push(Block { kind: u32_at(file, 0), body: file[8..len - 4].to_vec() });
        file = &file[len..];
    }
    out
}

/// Code and value of each option up to the end mark, which must be there.
fn options(mut body: &[u8]) -> Vec<(u16, Vec<u8>)> {
    let mut out = Vec::new();
    loop {
        let (code, len) = (u16_at(body, 0), usize::from(u16_at(body, 2)));
        if code == 0 {
            assert_eq!((len, body.len()), (0, 4));
            return out;
        }
        out.push((code, body[4..4 + len].to_vec()));
        body = &body[4 + len.next_multiple_of(4)..];
    }
}

/// Every packet of the trace is in the file with its octets, its microsecond, its direction and its note.
#[test]
fn a_capture_reads_back() {
    let trace = open_and_close();
    let file = blocks(&capture(&trace, "smoltcp 0.14.0"));
    assert_eq!((file[0].kind, u32_at(&file[0].body, 0)), (0x0a0d_0d0a, 0x1a2b_3c4d));
    let writer = format!("lastack {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(options(&file[0].body[16..]), [(4, writer.into_bytes())]);
    assert_eq!((file[1].kind, u16_at(&file[1].body, 0)), (1, 101));

    let mut packets = file[2..].iter();
    for entry in trace.entries().iter().filter(|entry| !trace.packet(entry).is_empty()) {
        let block = packets.next().expect("a block for every packet");
        let (body, octets) = (&block.body, trace.packet(entry));
        assert_eq!(block.kind, 6);
        let micros = u64::from(u32_at(body, 4)) << 32 | u64::from(u32_at(body, 8));
        assert_eq!(micros, entry.at.micros());
        assert_eq!(u32_at(body, 12) as usize, octets.len());
        assert_eq!(u32_at(body, 16) as usize, octets.len());
        assert_eq!(&body[20..20 + octets.len()], octets);
        let found = options(&body[20 + octets.len().next_multiple_of(4)..]);
        let comment = found.iter().find(|(code, _)| *code == 1).map(|(_, text)| text.clone());
        let comment = String::from_utf8(comment.unwrap_or_default()).expect("comments are text");
        assert!(comment.contains(&entry.note), "{comment:?} has no {:?}", entry.note);
        let from_peer = octets[20..22] == 9000u16.to_be_bytes();
        let direction = u32::from(!from_peer) + 1;
        assert!(found.contains(&(2, direction.to_le_bytes().to_vec())), "{found:?}");
    }
    assert!(packets.next().is_none());
}

/// What happens between packets is not lost: it stands in a comment.
#[test]
fn calls_stand_in_the_next_packets_comment() {
    let file = capture(&open_and_close(), "");
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("CLOSE [0]: done; CALL-CLOSE"), "{text}");
    assert!(text.contains("stack says [0]: TIME-WAIT"), "{text}");
}
