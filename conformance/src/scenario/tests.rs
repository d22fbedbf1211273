//! What the text says, word for word, and what it says of mistakes.

use lastack_core::types::{Duration, Flags};

use super::build::{
    IRS, OLD_RCV_NXT, RCV_EDGE, RCV_NXT, SND_NXT, SND_UNA, accept, ack, call, connect, listen, literal,
    receive, room, seg, send, set, syn, wait_millis,
};
use super::parse::parse;
use super::{Addr, Event, OddOptions, Scenario, ScriptCall, Size, Trick};
use crate::subject::{IpVersion, Setup, SocketOption};

/// The value is written as this text, and this text is read as the value.
#[track_caller]
fn same(scenario: &Scenario, text: &str) {
    assert_eq!(scenario.to_string(), text);
    assert_eq!(parse(text).as_ref(), Ok(scenario));
}

#[track_caller]
fn reads_as(line: &str, event: impl Into<Event>) {
    let scenario = parse(&format!("lastack scenario 1\n{line}\n")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(scenario.events, [event.into()]);
}

#[track_caller]
fn fails(text: &str, message: &str) {
    match parse(text) {
        Ok(scenario) => panic!("was read as\n{scenario}"),
        Err(error) => assert_eq!(error.to_string(), message),
    }
}

#[test]
fn a_default_scenario_is_its_first_line() {
    same(&Scenario::default(), "lastack scenario 1\n");
}

#[test]
fn a_handshake_reads_as_prose() {
    let events = [
        call(0, listen(8000)),
        syn().scale(7).event(),
        ack().event(),
        call(0, accept(1)),
        call(1, send(5)),
        seg(Flags::PSH | Flags::FIN | Flags::ACK).ack(SND_NXT.minus(5)).text(10).window(0).event(),
        wait_millis(1500),
        call(1, ScriptCall::Close),
    ];
    same(
        &Scenario::new(Setup::default(), events),
        "\
lastack scenario 1
call 0 listen 8000
< S seq IRS <mss 1460,wscale 7>
< .
call 0 accept 1
call 1 send 5
< FP. ack SND.NXT-5 len 10 win 0
wait 1.5s
call 1 close
",
    );
}

#[test]
fn every_line_of_the_set_up() {
    let setup = Setup {
        ip: IpVersion::V6,
        recv_buffer: 0,
        send_buffer: u32::MAX,
        nagle: Some(false),
        ack_delay: Some(true),
        mtu: 576,
        iss: Some(u32::MAX),
        user_timeout: Some(Duration::from_micros(1)),
        keep_alive: Some(Duration::from_micros(u64::MAX)),
    };
    same(
        &Scenario { setup, seed: u64::MAX, ..Scenario::default() },
        "\
lastack scenario 1
ip 6
recv_buffer 0
send_buffer 4294967295
nagle off
ack_delay on
mtu 576
iss 4294967295
user_timeout 0.000001s
keep_alive 18446744073709.551615s
seed 18446744073709551615
",
    );
}

#[test]
fn every_call() {
    let events = [
        call(255, connect(1)),
        call(0, ScriptCall::OpenActive { port: 0, remote: Addr::Broadcast, remote_port: 0 }),
        call(0, receive(u32::MAX)),
        call(0, ScriptCall::ShutdownWrite),
        call(0, ScriptCall::Abort),
        call(0, ScriptCall::Status),
        call(0, set(SocketOption::Nagle(true))),
        call(0, set(SocketOption::AckDelay(false))),
        call(0, set(SocketOption::UserTimeout(None))),
        call(0, set(SocketOption::KeepAlive(Some(Duration::ZERO)))),
        room(0),
        room(255),
    ];
    same(
        &Scenario::new(Setup::default(), events),
        "\
lastack scenario 1
call 255 connect 1 peer0:9000
call 0 connect 0 broadcast:0
call 0 receive 4294967295
call 0 shutdown
call 0 abort
call 0 status
call 0 set nagle on
call 0 set ack_delay off
call 0 set user_timeout off
call 0 set keep_alive 0s
room 0
room any
",
    );
}

#[test]
fn strange_segments() {
    let events = [
        seg(Flags::NONE).event(),
        seg(Flags::from_bits(0xfff)).seq(RCV_EDGE.plus(i32::MAX)).urgent(1).event(),
        seg(Flags::from_bits(0x500)).ack(literal(u32::MAX)).trick(Trick::BadChecksum).event(),
        ack().ack(literal(0)).size(Size::Window(i16::MIN)).trick(Trick::DataOffset(255)).event(),
        ack().seq(OLD_RCV_NXT).size(Size::Mss(0)).trick(Trick::CutAt(0)).event(),
        seg(Flags::RST).seq(RCV_NXT.minus(i32::MIN)).ack(SND_UNA).trick(Trick::ReservedBits(63)).event(),
        syn().seq(IRS).odd(OddOptions::LengthPast).from(Addr::Peer(255), 0).to(Addr::Multicast, 9).event(),
        ack().odd(OddOptions::Padding).to(Addr::DirectedBroadcast, 8000).event(),
    ];
    same(
        &Scenario::new(Setup::default(), events),
        "\
lastack scenario 1
< -
< SFRP.UEC+0xf00 seq RCV.EDGE+2147483647 urg 1
< +0x500 ack 4294967295 badsum
< . ack 0 len window-32768 offset 255
< . seq OLD.RCV.NXT len mss cut 0
< R seq RCV.NXT-2147483648 ack SND.UNA reserved 63
< S seq IRS <mss 1460,length-past> from peer255:0 to multicast:9
< . <padding> to directed:8000
",
    );
}

#[test]
fn a_person_may_write_it_otherwise() {
    reads_as("<  .   win 1  seq RCV.NXT+0\tlen mss+0 # a comment", ack().window(1).size(Size::Mss(0)));
    reads_as("<.FP < wscale 2 , mss 3 >", seg(Flags::FIN | Flags::PSH | Flags::ACK).mss(3).scale(2));
    reads_as("< S ack 0 win 4096 from peer0:9000 to stack:8000", seg(Flags::SYN).ack(literal(0)));
    reads_as("wait 1500ms", wait_millis(1500));
    reads_as("wait 2.5ms", super::build::wait_micros(2500));
    reads_as("wait 1500000us", wait_millis(1500));
    reads_as("room 255", room(255));
}

#[test]
fn comments_line_ends_and_a_byte_order_mark_do_not_matter() {
    let expected = Scenario::new(Setup { mtu: 576, ..Setup::default() }, [room(1)]);
    let dos = "\u{feff}# why\r\n\r\nlastack scenario 1\r\nmtu 576 # small\r\nroom 1";
    assert_eq!(parse(dos), Ok(expected));
}

#[test]
fn an_error_names_the_line_the_place_and_what_was_expected() {
    fails("", "line 1, column 1: expected `lastack scenario 1`, found the end of the text\n  \n  ^");
    fails(
        "\nlastack scenario 2\n",
        "\
line 2, column 18: expected `lastack scenario 1`, found `2`
  lastack scenario 2
                   ^",
    );
    fails(
        "lastack scenario 1\ncall 0 send 5\ncall 0 snd 5\n",
        "\
line 3, column 8: expected `listen`, `connect`, `accept`, `send`, `receive`, `shutdown`, `close`, `abort`, \
`status` or `set`, found `snd`
  call 0 snd 5
         ^",
    );
    fails(
        "lastack scenario 1\ncall 0 send # 5",
        "\
line 2, column 12: expected a number from 0 to 4294967295, found the end of the line
  call 0 send # 5
             ^",
    );
}

#[test]
fn columns_count_characters_and_a_long_line_is_shown_around_its_caret() {
    fails(
        "lastack scenario 1\n\tcall 0 send \u{e9}\u{e9} what",
        "\
line 2, column 14: expected a number from 0 to 4294967295, found `\u{e9}\u{e9}`
   call 0 send \u{e9}\u{e9} what
               ^",
    );
    fails(
        "lastack scenario 1\n< S\u{e9}F \u{e9} .",
        "\
line 2, column 4: expected flags: each of `SFRP.UEC` at most once, or `-`, and reserved bits as `+0x500`, \
         found `\u{e9}`
  < S\u{e9}F \u{e9} .
     ^",
    );
    let message = |text: &str| parse(text).map(|_| ()).map_err(|e| (e.column, e.excerpt, e.caret));
    let long = format!("lastack scenario 1\n<{} . nonsense {}", " ".repeat(3000), "x".repeat(900));
    let excerpt = format!("{}. nonsense {}", " ".repeat(48), "x".repeat(41));
    assert_eq!(message(&long), Err((3005, excerpt, 50)));
}

/// The message of the error in `line`, which is the second of its text, and the column.
#[track_caller]
fn message(line: &str) -> (usize, String) {
    match parse(&format!("lastack scenario 1\n{line}\n")) {
        Ok(scenario) => panic!("was read as\n{scenario}"),
        Err(error) => {
            assert_eq!(error.line, 2);
            (error.column, format!("expected {}, found {}", error.expected, error.found))
        }
    }
}

#[test]
fn numbers_out_of_range() {
    let wrong = |line, column, text: &str| assert_eq!(message(line), (column, text.to_owned()));
    wrong("mtu 65536", 5, "expected a number from 0 to 65535, found `65536`");
    wrong("mtu -1", 5, "expected a number from 0 to 65535, found `-1`");
    wrong("mtu +1", 5, "expected a number from 0 to 65535, found `+1`");
    wrong("room 256", 6, "expected a number from 0 to 255, found `256`");
    wrong(
        "seed 18446744073709551616",
        6,
        "expected a number from 0 to 18446744073709551615, found `18446744073709551616`",
    );
    wrong("< . seq 4294967296", 9, "expected a number from 0 to 4294967295, found `4294967296`");
    wrong(
        "< . seq RCV.NXT+2147483648",
        16,
        "expected a number from -2147483648 to 2147483647, found `+2147483648`",
    );
    wrong("< . len mss-32769", 12, "expected a number from -32768 to 32767, found `-32769`");
    wrong("< . from peer256:1", 14, "expected a number from 0 to 255, found `256`");
    wrong("< . from peer:1", 14, "expected a number from 0 to 255, found `:`");
    wrong("< . from peer1:", 16, "expected a number from 0 to 65535, found the end of the line");
}

#[test]
fn unknown_missing_and_second_words() {
    let wrong = |line, column, text: &str| assert_eq!(message(line), (column, text.to_owned()));
    wrong(
        "> . seq 1",
        1,
        "expected an event (`call`, `<`, `wait`, `room`, `app`, `fault`, `crash`, `B`) or a line of the set-up (`ip`, `mtu`, `seed`, ...), \
         found `>`",
    );
    wrong("wait", 5, "expected a span of time, as `1.5s`, `200ms` or `1us`, found the end of the line");
    wrong("wait 1.0000001s", 6, "expected a span of time, as `1.5s`, `200ms` or `1us`, found `1.0000001s`");
    wrong("< . win 1 win 1", 11, "expected no second `win`, found `win`");
    wrong("< . <mss 1> <mss 1>", 13, "expected no second `<`, found `<`");
    wrong("< . <mss 1,mss 1>", 12, "expected no second `mss`, found `mss`");
    wrong("< . <padding,unknown>", 14, "expected at most one kind of strange options, found `unknown`");
    wrong("< . <mss 1 wscale 1>", 12, "expected `,` or `>`, found `wscale`");
    wrong(
        "< . cut 1 badsum",
        11,
        "expected at most one of `badsum`, `offset`, `cut` and `reserved`, found `badsum`",
    );
    wrong(
        "< S.S",
        5,
        "expected flags: each of `SFRP.UEC` at most once, or `-`, and reserved bits as `+0x500`, found `S`",
    );
    wrong(
        "< . seq SND.UN",
        9,
        "expected a number, or an anchor and an offset as `RCV.NXT+3`, found `SND.UN`",
    );
    wrong("call 0 close now", 14, "expected the end of the line, found `now`");
}

#[test]
fn the_set_up_stands_first_and_once() {
    fails(
        "lastack scenario 1\nroom 1\nmtu 9",
        "\
line 3, column 1: expected the set-up before the first event, found `mtu`
  mtu 9
  ^",
    );
    fails(
        "lastack scenario 1\nip 4\nip 4",
        "\
line 3, column 1: expected no second `ip`, found `ip`
  ip 4
  ^",
    );
}

#[test]
fn limits_are_errors_that_say_so() {
    let long = format!("lastack scenario 1\n#{}", "x".repeat(4096));
    let error = parse(&long).map(|_| ()).map_err(|e| (e.line, e.expected.to_string(), e.found.to_string()));
    assert_eq!(error, Err((2, "a line of at most 4096 octets".into(), "4097 octets".into())));

    let mut many = format!("lastack scenario 1\n{}", "room 1\n".repeat(100_000));
    assert_eq!(parse(&many).map(|s| s.events.len()), Ok(100_000));
    many.push_str("room 1");
    let error = parse(&many).map(|_| ()).map_err(|e| (e.line, e.expected.to_string(), e.found.to_string()));
    assert_eq!(error, Err((100_002, "at most 100000 events".into(), "one more".into())));
}

#[test]
fn ten_megabytes_of_nonsense_are_one_short_error() {
    for nonsense in ["\u{1b}[2J", "\u{202e}<", "call ", "\r"] {
        let error = match parse(&nonsense.repeat(10_000_000 / nonsense.len())) {
            Ok(scenario) => panic!("was read as\n{scenario}"),
            Err(error) => error.to_string(),
        };
        assert!(error.len() < 1000, "{} octets", error.len());
        assert!(!error.contains(['\u{1b}', '\u{202e}', '\r']), "{error}");
    }
}

#[test]
fn zeros_and_nothing_are_an_ordinary_scenario() {
    assert_eq!(Scenario::from_bytes(&[]), Scenario::default());
    assert_eq!(Scenario::from_bytes(&[0; 30]), Scenario::default());
    let listens = Scenario::new(Setup::default(), [call(0, listen(8000)), call(0, listen(8000))]);
    assert_eq!(Scenario::from_bytes(&[0; 48 + 40 + 1]), listens);
    let mut bytes = [0; 48 + 40];
    bytes[48] = 1;
    assert_eq!(Scenario::from_bytes(&bytes).events, [ack().event()]);
}

/// The layout is a contract with every corpus: these octets mean this for ever.
#[test]
fn the_layout_of_version_1() {
    let event = seg(Flags::FIN | Flags::ACK).seq(RCV_EDGE.minus(1)).text(0x0102).window(0).mss(0x0304);
    let scenario =
        Scenario { seed: 7, ..Scenario::new(Setup { mtu: 1501, ..Setup::default() }, [event.event()]) };
    let bytes = scenario.to_bytes();
    let mut expected = [0_u8; 88];
    expected[0] = 1;
    expected[12] = 1;
    expected[37] = 7;
    let record = &mut expected[48..];
    record[0] = 1;
    record[9] = 0x01;
    record[11] = 1;
    record[12..16].fill(0xff);
    record[22..24].copy_from_slice(&[0x02, 0x01]);
    record[25] = 0x10;
    record[28..31].copy_from_slice(&[1, 0x04, 0x03]);
    assert_eq!(bytes, expected);
}

#[test]
fn unknown_versions_and_kinds_are_read_as_known_ones() {
    let mut bytes = Scenario::new(Setup::default(), [wait_millis(3)]).to_bytes();
    bytes[0] = 200;
    bytes[48] += 4;
    assert_eq!(Scenario::from_bytes(&bytes).events, [wait_millis(3)]);

    // Enumerations too: two more IP versions, one more anchor than there are.
    let setup = Setup { ip: IpVersion::V6, ..Setup::default() };
    let mut bytes = Scenario::new(setup, [ack().event()]).to_bytes();
    bytes[1] += 2;
    bytes[48 + 11] += 9;
    assert_eq!(Scenario::from_bytes(&bytes), Scenario::new(setup, [ack().event()]));
}

#[test]
fn bytes_are_read_up_to_the_limit() {
    let events = vec![room(1); 5000];
    assert_eq!(Scenario::from_bytes(&Scenario::new(Setup::default(), events).to_bytes()).events.len(), 4096);
}

#[test]
fn the_example_of_the_documentation_is_a_scenario() {
    let lines = include_str!("text.rs").lines().map(|line| line.trim_start_matches("//!").trim_start());
    let example = lines.skip_while(|line| *line != "```text").skip(1).take_while(|line| *line != "```");
    let scenario = parse(&example.collect::<Vec<_>>().join("\n")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(scenario.events.len(), 9);
}
