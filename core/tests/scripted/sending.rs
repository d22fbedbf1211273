//! What leaves when: segments and PSH (RFC 9293 3.7.1, 3.9.1.2), Nagle (3.7.4), the sender's silly-window avoidance
//! (3.8.6.2.1), windows that shrink (3.8.6), closed ones and their probes (3.8.6.1).

use crate::rig::Rig;
use lastack_core::types::State;
use lastack_core::{Config, SendError, Signal};

/// The peer's MSS is 100 and its window this large.
fn with_window(window: u32, change: impl FnOnce(&mut Config)) -> Rig {
    let syn_ack = format!("<SEQ=100><ACK=301><CTL=SYN,ACK><WND={window}><MSS=100>");
    Rig::established_by(&syn_ack, change)
}

/// Text in flight as it leaves: number and length.
fn text(seq: u32, len: u32) -> String {
    format!("<SEQ={seq}><ACK=101><CTL=ACK><LEN={len}>")
}

/// The same with PSH: nothing is queued behind it (MUST-61).
fn last(seq: u32, len: u32) -> String {
    format!("<SEQ={seq}><ACK=101><CTL=PSH,ACK><LEN={len}>")
}

/// An ACK of the peer with this window.
fn ack(ack: u32, window: u32) -> String {
    format!("<SEQ=101><ACK={ack}><CTL=ACK><WND={window}>")
}

#[test]
fn text_leaves_in_full_segments() {
    let mut rig = with_window(1000, |_| ());
    assert_eq!(rig.send(250), Ok(250));
    // The rest is less than a segment and something is in flight: it waits (Nagle).
    assert_eq!(rig.says(), [text(301, 100), text(401, 100)]);
    rig.hears(&ack(401, 1000));
    assert!(rig.says().is_empty());
    rig.hears(&ack(501, 1000));
    assert_eq!(rig.says(), [last(501, 50)]);
}

/// 3.7.4: Nagle may be turned off, by configuration and by the user.
#[test]
fn nagle_can_be_turned_off() {
    let mut rig = with_window(1000, |config| config.nagle = false);
    assert_eq!(rig.send(150), Ok(150));
    assert_eq!(rig.says(), [text(301, 100), last(401, 50)]);
    rig.host.set_nagle(rig.name, true);
    assert_eq!(rig.send(10), Ok(10));
    assert!(rig.says().is_empty());
    rig.host.set_nagle(rig.name, false);
    assert_eq!(rig.says(), [last(451, 10)]);
}

/// Text that Nagle holds back takes the FIN behind it along; a FIN alone goes at once.
#[test]
fn the_last_text_waits_with_its_fin() {
    let mut rig = with_window(1000, |_| ());
    assert_eq!(rig.send(10), Ok(10));
    assert_eq!(rig.says(), [last(301, 10)]);
    assert_eq!(rig.send(10), Ok(10));
    rig.host.close(rig.name).expect("it is open");
    assert!(rig.says().is_empty());
    rig.hears(&ack(311, 1000));
    assert_eq!(rig.says(), ["<SEQ=311><ACK=101><CTL=FIN,PSH,ACK><LEN=10>"]);
    let mut rig = with_window(1000, |_| ());
    assert_eq!(rig.send(10), Ok(10));
    rig.says();
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=311><ACK=101><CTL=FIN,ACK>"]);
}

/// 3.8.6.2.1, rules 1 to 3: a full segment; all that is queued; half the largest window.
#[test]
fn silly_windows_are_avoided() {
    // 60 of 100: more than half of the largest window there was.
    let mut rig = with_window(60, |_| ());
    assert_eq!(rig.send(100), Ok(100));
    assert_eq!(rig.says(), [text(301, 60)]);
    // 29 is less than half, 30 is half.
    rig.hears(&ack(361, 29));
    assert!(rig.says().is_empty());
    rig.hears(&ack(361, 30));
    assert_eq!(rig.says(), [text(361, 30)]);
    rig.hears(&ack(391, 20));
    assert_eq!(rig.says(), [last(391, 10)], "all that is queued");
}

/// Rule 3 counts with nothing in flight only, where Nagle is on.
#[test]
fn half_a_window_waits_for_what_is_in_flight() {
    let mut rig = with_window(60, |_| ());
    assert_eq!(rig.send(30), Ok(30));
    assert_eq!(rig.says(), [last(301, 30)]);
    assert_eq!(rig.send(40), Ok(40));
    assert!(rig.says().is_empty());
    let mut rig = with_window(60, |config| config.nagle = false);
    assert_eq!(rig.send(30), Ok(30));
    rig.says();
    assert_eq!(rig.send(40), Ok(40));
    assert_eq!(rig.says(), [text(331, 30)]);
}

/// 3.8.6.2.1, rule 4: the override timeout, 0.2 s here, lets go what is held back with nothing in flight.
#[test]
fn text_held_back_is_let_go_at_last() {
    let mut rig = with_window(60, |_| ());
    assert_eq!(rig.send(100), Ok(100));
    rig.says();
    rig.after_ms(5_000);
    rig.hears(&ack(361, 29));
    assert_eq!(rig.until(6)[..1], [format!("5.200 {}", text(361, 29))]);
    // Not before: and one override is for one segment.
    rig.hears(&ack(390, 5));
    assert!(rig.says().is_empty());
}

/// The window in bytes: text up to its right edge and not beyond it, whatever is in flight.
#[test]
fn the_window_is_kept() {
    let mut rig = with_window(250, |config| config.nagle = false);
    assert_eq!(rig.send(400), Ok(400));
    // 50 of the last are left: less than a segment, less than half of the window.
    assert_eq!(rig.says(), [text(301, 100), text(401, 100)]);
    rig.hears(&ack(401, 150));
    assert!(rig.says().is_empty());
    rig.hears(&ack(401, 200));
    assert_eq!(rig.says(), [text(501, 100)]);
    rig.hears(&ack(601, 1000));
    assert_eq!(rig.says(), [last(601, 100)]);
}

/// A FIN takes a number of the window too (3.4).
#[test]
fn a_fin_needs_room() {
    let mut rig = with_window(100, |_| ());
    assert_eq!(rig.send(100), Ok(100));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), [last(301, 100)]);
    rig.hears(&ack(401, 1));
    assert_eq!(rig.says(), ["<SEQ=401><ACK=101><CTL=FIN,ACK>"]);
    // Sent again, too: the window has shrunk to the text.
    let mut rig = with_window(200, |_| ());
    assert_eq!(rig.send(50), Ok(50));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,PSH,ACK><LEN=50>"]);
    rig.hears(&ack(301, 50));
    assert_eq!(rig.until(1), [format!("1.000 {}", last(301, 50))]);
    rig.hears(&ack(301, 51));
    assert_eq!(rig.until(3), ["3.000 <SEQ=301><ACK=101><CTL=FIN,PSH,ACK><LEN=50>"]);
}

/// MUST-34, SHLD-14..16: the peer takes its window back. New text waits; what was sent beyond the edge is sent again
/// as far as the window goes, and the connection stays.
#[test]
fn a_window_may_shrink() {
    let mut rig = with_window(200, |_| ());
    assert_eq!(rig.send(300), Ok(300));
    assert_eq!(rig.says(), [text(301, 100), text(401, 100)]);
    rig.hears(&ack(301, 50));
    assert!(rig.says().is_empty());
    assert_eq!(rig.until(1), [format!("1.000 {}", text(301, 50))]);
    rig.hears(&ack(351, 250));
    assert_eq!(rig.says(), [last(501, 100)]);
}

/// MUST-35, MUST-36, SHLD-29, SHLD-30: a window that is closed from the beginning is probed with one octet, first after
/// one RTO, then ever more rarely; MUST-37: as long as it is answered the connection stays.
#[test]
fn a_closed_window_is_probed() {
    let mut rig = with_window(0, |_| ());
    assert_eq!(rig.send(50), Ok(50));
    assert!(rig.says().is_empty());
    assert_eq!(rig.until(1), [format!("1.000 {}", text(301, 1))]);
    let mut seconds = Vec::new();
    for second in 2..1_000 {
        if !rig.until(second).is_empty() {
            seconds.push(second);
        }
        rig.answers(&ack(301, 0), &[]);
    }
    assert_eq!(seconds[..7], [3, 7, 15, 31, 63, 123, 183], "60 s is the largest");
    rig.is_in(State::Established);
    // It opens: the octet of the probe is sent again at once, and all that follows.
    rig.hears(&ack(301, 1000));
    assert_eq!(rig.says(), [text(301, 1)]);
    rig.hears(&ack(302, 1000));
    assert_eq!(rig.says(), [last(302, 49)]);
}

/// The next closing begins with one RTO again.
#[test]
fn probes_begin_anew() {
    let mut rig = with_window(0, |_| ());
    assert_eq!(rig.send(50), Ok(50));
    assert_eq!(rig.until(9).len(), 3, "at 1, 3 and 7 seconds");
    rig.hears(&ack(301, 1000));
    rig.says();
    rig.hears(&ack(302, 1000));
    assert_eq!(rig.says(), [last(302, 49)]);
    rig.hears(&ack(351, 0));
    assert_eq!(rig.send(10), Ok(10));
    assert!(rig.says().is_empty());
    assert_eq!(rig.until(10), [format!("10.000 {}", text(351, 1))]);
    assert_eq!(rig.until(12), [format!("12.000 {}", text(351, 1))]);
}

/// The peer takes the octet of a probe: the next probe is the next octet.
#[test]
fn a_probe_may_be_taken() {
    let mut rig = with_window(0, |_| ());
    assert_eq!(rig.send(2), Ok(2));
    assert_eq!(rig.until(1), [format!("1.000 {}", text(301, 1))]);
    rig.answers(&ack(302, 0), &[]);
    let next = rig.until(4);
    assert_eq!(next.len(), 1, "{next:?}");
    assert!(next[0].ends_with(&last(302, 1)), "{next:?}");
}

/// A FIN behind a closed window is the probe.
#[test]
fn a_fin_probes_too() {
    let mut rig = with_window(0, |_| ());
    rig.host.close(rig.name).expect("it is open");
    assert!(rig.says().is_empty());
    let fin = "<SEQ=301><ACK=101><CTL=FIN,ACK>";
    assert_eq!(rig.until(1), [format!("1.000 {fin}")]);
    rig.answers(&ack(301, 0), &[]);
    // SHLD-30; a FIN stands beyond a closed window, and so do the probes that repeat it.
    rig.hears(&ack(301, 1));
    assert_eq!(rig.says(), [fin]);
    rig.hears(&ack(302, 1));
    rig.is_in(State::FinWait2);
}

/// The window closes on text in flight: of it one octet is sent again, until the window opens.
#[test]
fn a_window_closes_in_flight() {
    let mut rig = with_window(100, |_| ());
    assert_eq!(rig.send(100), Ok(100));
    assert_eq!(rig.says(), [last(301, 100)]);
    rig.hears(&ack(351, 0));
    let again = rig.until(1);
    assert_eq!(again, [format!("1.000 {}", text(351, 1))]);
    rig.hears(&ack(351, 0));
    assert_eq!(rig.until(3), [format!("3.000 {}", text(351, 1))]);
    rig.hears(&ack(351, 200));
    assert_eq!(rig.says(), [last(351, 50)], "it opens: at once, and all of it");
}

/// A window that opens on text that was never probed for restarts the timer, and sends nothing twice.
#[test]
fn a_window_that_opens_sends_nothing_twice() {
    let mut rig = with_window(100, |_| ());
    assert_eq!(rig.send(100), Ok(100));
    rig.says();
    rig.after_ms(500);
    rig.hears(&ack(301, 0));
    rig.hears(&ack(301, 100));
    assert!(rig.says().is_empty());
    assert_eq!(rig.until(2), [format!("1.500 {}", last(301, 100))]);
}

/// An unanswered probe ends like every silence: R2 after the first of them (3.8.3).
#[test]
fn a_peer_that_answers_no_probe_is_given_up() {
    let mut rig = with_window(0, |config| config.user_timeout = None);
    assert_eq!(rig.send(50), Ok(50));
    assert_eq!(rig.until(180).len(), 7, "at 1, 3, 7, 15, 31, 63 and 123 seconds");
    rig.is_in(State::Established);
    assert_eq!(rig.until(181), [""; 0]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::NoAnswer, Signal::TimedOut]);
}

/// 3.10.2: SEND takes what fits into the buffer, and says so.
#[test]
fn the_send_buffer_is_bounded() {
    let mut rig = with_window(0, |config| config.send_buffer = 100);
    assert_eq!(rig.send(60), Ok(60));
    assert_eq!(rig.send(60), Ok(40));
    assert_eq!(rig.send(1), Err(SendError::NoResources));
    assert_eq!(rig.send(0), Ok(0), "nothing always fits");
    rig.hears(&ack(301, 1000));
    assert_eq!(rig.says(), [last(301, 100)]);
    rig.hears(&ack(401, 1000));
    assert_eq!(rig.send(200), Ok(100));
}

/// A ring that wraps gives the octets in their order.
#[test]
fn many_small_sends_stay_in_order() {
    let mut rig = with_window(1000, |config| {
        config.send_buffer = 150;
        config.nagle = false;
    });
    let mut una = 301;
    for round in 0..50 {
        let taken = rig.send(30 + round % 7).expect("room");
        rig.says();
        una += taken as u32 - round % 5;
        rig.hears(&ack(una, 1000));
        una += round % 5;
        rig.hears(&ack(una, 1000));
    }
    // What is in flight is sent again octet for octet, in larger segments than before.
    for _ in 0..2 {
        assert_eq!(rig.send(40), Ok(40));
        assert_eq!(rig.says().len(), 1);
    }
    let again = rig.until(2);
    assert_eq!(again, [format!("1.000 {}", last(una, 80))]);
}
