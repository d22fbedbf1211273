//! RFC 9293 3.10.7.4, first, seventh and eighth: which segments count, what of them is taken, and what is answered.
//!
//! In all of it RCV.NXT is 101 at first.

use crate::rig::Rig;
use lastack_core::types::State;
use lastack_core::{ReceiveError, Signal};

/// An established connection with a buffer of ten octets.
fn small() -> Rig {
    Rig::established(|config| config.recv_buffer = 10)
}

/// Room for ten octets, all of them taken: RCV.NXT is 111, and the window is closed.
fn full() -> Rig {
    let mut rig = small();
    rig.hears("<SEQ=101><ACK=301><CTL=ACK><LEN=10>");
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=111><CTL=ACK><WND=0>"]);
    rig
}

const ACK: &[&str] = &["<SEQ=301><ACK=101><CTL=ACK>"];

/// Table 6, an empty segment and a window: RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND.
#[test]
fn an_empty_segment_has_to_begin_in_the_window() {
    let mut rig = small();
    rig.answers("<SEQ=100><ACK=301><CTL=ACK>", ACK);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    rig.answers("<SEQ=110><ACK=301><CTL=ACK>", &[]);
    rig.answers("<SEQ=111><ACK=301><CTL=ACK>", ACK);
}

/// Table 6, text and a window: the first or the last octet lies inside.
#[test]
fn text_has_to_touch_the_window() {
    let mut rig = small();
    rig.answers("<SEQ=96><ACK=301><CTL=ACK><LEN=5>", ACK);
    assert_eq!(rig.read(20), Ok(0));
    rig.answers("<SEQ=111><ACK=301><CTL=ACK><LEN=1>", ACK);
    assert_eq!(rig.read(20), Ok(0));
    rig.answers("<SEQ=96><ACK=301><CTL=ACK><LEN=6>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(1));
    // The last octet of the window, and one beyond it: what fits is held.
    rig.answers("<SEQ=110><ACK=301><CTL=ACK><LEN=2>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
    rig.answers("<SEQ=102><ACK=301><CTL=ACK><LEN=8>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(9));
}

/// Table 6, no window: only an empty segment at RCV.NXT is acceptable. ACK and RST of one with text count (MUST-66).
#[test]
fn a_closed_window_admits_acknowledgments() {
    let mut rig = full();
    rig.answers("<SEQ=111><ACK=301><CTL=ACK>", &[]);
    rig.answers("<SEQ=112><ACK=301><CTL=ACK>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.answers("<SEQ=110><ACK=301><CTL=ACK>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    assert_eq!(rig.send(3), Ok(3));
    assert_eq!(rig.says(), ["<SEQ=301><ACK=111><CTL=PSH,ACK><LEN=3>"]);
    // A probe with text: its octet is not taken, it is answered, and its acknowledgment counts.
    rig.answers("<SEQ=111><ACK=304><CTL=ACK><LEN=1>", &["<SEQ=304><ACK=111><CTL=ACK>"]);
    assert_eq!(rig.until(300), [""; 0], "nothing is in flight any more");
    // So does a FIN wait outside.
    rig.answers("<SEQ=111><ACK=304><CTL=FIN,ACK>", &["<SEQ=304><ACK=111><CTL=ACK>"]);
    rig.is_in(State::Established);
    assert_eq!(rig.read(20), Ok(10));
    // A SYN is no such thing: it is outside, and answered as such.
    let mut rig = full();
    rig.answers("<SEQ=111><ACK=301><CTL=SYN,ACK>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.answers("<SEQ=111><CTL=RST><LEN=1>", &[]);
    rig.is_in(State::Closed);
}

/// What lies outside the window is cut off; the peer is told at once where the window ends.
#[test]
fn text_is_cut_to_the_window() {
    let delayed = || {
        Rig::established(|config| {
            config.recv_buffer = 10;
            config.ack_delay = Some(lastack_core::types::Duration::from_millis(200));
        })
    };
    let mut rig = delayed();
    rig.hears("<SEQ=95><ACK=301><CTL=ACK><LEN=12>");
    assert_eq!(rig.until(1), ["0.200 <SEQ=301><ACK=107><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(6));
    let mut rig = delayed();
    rig.hears("<SEQ=101><ACK=301><CTL=ACK><LEN=30>");
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=111><CTL=ACK><WND=0>"]);
    assert_eq!(rig.read(20), Ok(10));
    // Table 6 looks at the first octet and at the last: one that reaches beyond the window at both ends has neither
    // inside.
    let mut rig = delayed();
    rig.answers("<SEQ=95><ACK=301><CTL=ACK><LEN=30>", ACK);
    assert_eq!(rig.read(20), Ok(0));
}

/// A FIN is cut off with the text in front of it, and where the text fills the window.
#[test]
fn a_fin_outside_the_window_does_not_count() {
    let mut rig = small();
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=10>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.is_in(State::Established);
    let mut rig = small();
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=9>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    let mut rig = small();
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=12>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.is_in(State::Established);
}

/// Text that was taken before does not count again, and its FIN does.
#[test]
fn old_text_is_cut_off_in_front_of_a_fin() {
    let mut rig = Rig::established(|_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=5>", &["<SEQ=301><ACK=107><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    assert_eq!(rig.read(20), Ok(5));
    assert_eq!(rig.read(20), Err(ReceiveError::Closing));
}

/// SHLD-31; RFC 5681 4.2: text out of order is held and answered at once, and so is what fills the hole.
#[test]
fn a_hole_is_filled() {
    let mut rig = Rig::established(|config| {
        config.ack_delay = Some(lastack_core::types::Duration::from_millis(200));
    });
    rig.answers("<SEQ=106><ACK=301><CTL=ACK><LEN=5>", ACK);
    rig.answers("<SEQ=116><ACK=301><CTL=ACK><LEN=5>", ACK);
    assert_eq!(rig.read(20), Ok(0));
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=7>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    rig.answers("<SEQ=111><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=121><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(20));
    // Around no hole the ACK may wait again.
    rig.answers("<SEQ=121><ACK=301><CTL=ACK><LEN=5>", &[]);
    assert_eq!(rig.until(1), ["0.200 <SEQ=301><ACK=126><CTL=ACK>"]);
}

/// 3.10.7.4, eighth: a FIN counts when all text in front of it has come.
#[test]
fn an_early_fin_waits() {
    let mut rig = Rig::established(|_| ());
    rig.answers("<SEQ=106><ACK=301><CTL=FIN,ACK><LEN=5>", ACK);
    rig.is_in(State::Established);
    assert_eq!(rig.told(), [Signal::Open]);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=112><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    assert_eq!(rig.told(), [Signal::PeerClosed]);
    assert_eq!(rig.read(20), Ok(10));
}

/// 3.10.7.4: segments are processed in the order of their numbers, so nothing stands behind a FIN, also where the text
/// behind it came first.
#[test]
fn nothing_stands_behind_a_fin() {
    let mut rig = Rig::established(|_| ());
    rig.answers("<SEQ=106><ACK=301><CTL=ACK><LEN=5>", ACK);
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=5>", &["<SEQ=301><ACK=107><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    rig.answers("<SEQ=107><ACK=301><CTL=ACK><LEN=5>", &[]);
    assert_eq!(rig.read(20), Ok(5));
    assert_eq!(rig.read(20), Err(ReceiveError::Closing));
}

/// 3.10.7.4, eighth: a second FIN moves nothing and is answered.
#[test]
fn a_second_fin_is_answered() {
    let mut rig = Rig::close_wait(|_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
    rig.answers("<SEQ=102><ACK=301><CTL=FIN,ACK>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    assert_eq!(rig.told(), [Signal::Open, Signal::PeerClosed]);
}

/// A FIN without an ACK bit is dropped in the fifth step, like everything else without it.
#[test]
fn without_an_ack_bit_nothing_counts() {
    let mut rig = Rig::established(|_| ());
    rig.answers("<SEQ=101><CTL=none><LEN=5>", &[]);
    rig.answers("<SEQ=101><CTL=FIN>", &[]);
    rig.is_in(State::Established);
    assert_eq!(rig.read(20), Ok(0));
}

/// 3.8.6.3; SHLD-18, SHLD-19, MUST-40: an ACK waits for its delay at most, and not beyond the second full segment.
#[test]
fn an_acknowledgment_waits_for_a_second_segment() {
    let mut rig = Rig::established(|config| {
        config.ack_delay = Some(lastack_core::types::Duration::from_millis(200));
    });
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &[]);
    rig.after_ms(100);
    rig.answers("<SEQ=106><ACK=301><CTL=ACK><LEN=5>", &[]);
    assert_eq!(rig.until(1), ["0.200 <SEQ=301><ACK=111><CTL=ACK>"], "counted from the first");
    rig.answers("<SEQ=111><ACK=301><CTL=ACK><LEN=1460>", &[]);
    rig.answers("<SEQ=1571><ACK=301><CTL=ACK><LEN=1460>", &["<SEQ=301><ACK=3031><CTL=ACK>"]);
    assert_eq!(rig.until(2), [""; 0], "nothing is owed any more");
    // One octet less than two segments waits; text that leaves meanwhile carries it.
    rig.answers("<SEQ=3031><ACK=301><CTL=ACK><LEN=1460>", &[]);
    rig.answers("<SEQ=4491><ACK=301><CTL=ACK><LEN=1459>", &[]);
    assert_eq!(rig.send(5), Ok(5));
    assert_eq!(rig.says(), ["<SEQ=301><ACK=5950><CTL=PSH,ACK><LEN=5>"]);
    rig.answers("<SEQ=5950><ACK=306><CTL=ACK>", &[]);
    assert_eq!(rig.until(3), [""; 0]);
}

/// 3.8.6.2.2: the window is not opened by a little; half the buffer, or a segment, is told at once.
#[test]
fn the_reader_opens_the_window() {
    let mut rig = full();
    assert_eq!(rig.read(4), Ok(4));
    assert!(rig.says().is_empty(), "less than half the buffer");
    rig.hears("<SEQ=110><ACK=301><CTL=ACK>");
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=111><CTL=ACK><WND=0>"]);
    assert_eq!(rig.read(1), Ok(1));
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=111><CTL=ACK><WND=5>"]);
    assert_eq!(rig.read(4), Ok(4));
    assert!(rig.says().is_empty());
    assert_eq!(rig.read(9), Ok(1));
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=111><CTL=ACK><WND=10>"]);
    assert_eq!(rig.read(9), Ok(0), "nothing yet");
    assert!(rig.says().is_empty());
}

/// After the peer's FIN there is nothing to open a window for.
#[test]
fn reading_after_the_end_tells_nobody() {
    let mut rig = Rig::established(|config| config.recv_buffer = 10);
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=9>", &["<SEQ=301><ACK=111><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(9));
    assert!(rig.says().is_empty());
}
