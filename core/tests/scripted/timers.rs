//! The clock: retransmission and its back-off (RFC 9293 3.8.1; RFC 6298 5), R1 and R2 (3.8.3), the user timeout
//! (3.10.8) and the 2 MSL (3.6.1).

use crate::rig::Rig;
use lastack_core::types::{Duration, State};
use lastack_core::{OpenError, SendError, Signal, StatusError};

const TEXT: &str = "<SEQ=301><ACK=101><CTL=PSH,ACK><LEN=5>";

/// The whole seconds at which something left.
fn seconds(lines: &[String]) -> Vec<u64> {
    lines.iter().filter_map(|line| line.split_once('.')?.0.parse().ok()).collect()
}

/// Five octets in flight since second 0.
fn in_flight(change: impl FnOnce(&mut lastack_core::Config)) -> Rig {
    let mut rig = Rig::established(change);
    assert_eq!(rig.send(5), Ok(5));
    assert_eq!(rig.says(), [TEXT]);
    rig
}

/// RFC 6298 2.4, 5.4 to 5.6: one second, doubled each time up to the largest; R1 tells the user, R2 ends it.
#[test]
fn what_is_not_acknowledged_is_sent_again_and_given_up() {
    let mut rig = in_flight(|config| config.user_timeout = None);
    let lines = rig.until(2);
    assert_eq!(lines, [format!("1.000 {TEXT}")]);
    rig.until(3);
    assert_eq!(rig.told(), [Signal::Open], "two of three");
    assert_eq!(seconds(&rig.until(20)), [7, 15]);
    assert_eq!(rig.told(), [Signal::NoAnswer]);
    assert_eq!(seconds(&rig.until(179)), [31, 63, 123]);
    rig.is_in(State::Established);
    assert_eq!(rig.until(180), [""; 0]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::TimedOut]);
    assert_eq!(rig.send(1), Err(SendError::TimedOut));
    assert_eq!(rig.host.next_timer(), None);
}

/// The largest RTO and R2 are the configuration's.
#[test]
fn the_configuration_bounds_the_timers() {
    let mut rig = in_flight(|config| {
        (config.rto_min, config.rto_max) = (Duration::from_secs(2), Duration::from_secs(5));
        config.r2 = Duration::from_secs(20);
    });
    assert_eq!(seconds(&rig.until(100)), [2, 6, 11, 16]);
    rig.is_in(State::Closed);
}

/// 3.8.3: an acknowledgment is progress, and R1 and R2 count anew.
#[test]
fn progress_counts_anew() {
    let mut rig = in_flight(|_| ());
    rig.until(100);
    rig.answers("<SEQ=101><ACK=304><CTL=ACK>", &[]);
    rig.until(279);
    rig.is_in(State::Established);
    rig.until(280);
    rig.is_in(State::Closed);
}

/// 3.8.3, 3.10.8: the user timeout ends a connection that waits in vain, and not one that waits for nothing.
#[test]
fn the_user_timeout() {
    let mut rig = Rig::established(|config| config.user_timeout = Some(Duration::from_secs(10)));
    rig.until(1_000);
    rig.is_in(State::Established);
    assert_eq!(rig.send(5), Ok(5));
    rig.until(1_009);
    rig.is_in(State::Established);
    rig.until(1_010);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::NoAnswer, Signal::TimedOut]);
    // The user changes it while something waits.
    let mut rig = in_flight(|_| ());
    rig.until(5);
    rig.host.set_user_timeout(rig.name, Some(Duration::from_secs(7)));
    rig.until(6);
    rig.is_in(State::Established);
    rig.until(7);
    rig.is_in(State::Closed);
    // Longer than R2, it changes nothing.
    let mut rig = in_flight(|config| config.user_timeout = Some(Duration::from_secs(500)));
    rig.until(180);
    rig.is_in(State::Closed);
}

/// MUST-23: R2 of a SYN is its own.
#[test]
fn a_syn_is_given_up() {
    let mut rig = Rig::opening(|config| {
        config.r2 = Duration::from_secs(100);
        config.r2_syn = Duration::from_secs(200);
        config.user_timeout = None;
    });
    let syn = "<SEQ=300><CTL=SYN><MSS=1460>";
    let lines = rig.until(199);
    assert_eq!(seconds(&lines), [1, 3, 7, 15, 31, 63, 123, 183]);
    assert!(lines.iter().all(|line| line.ends_with(syn)));
    rig.is_in(State::SynSent);
    rig.until(200);
    assert_eq!(rig.host.status(rig.name), Err(StatusError::NoConnection));
    assert_eq!(rig.told(), [Signal::NoAnswer, Signal::TimedOut]);
}

/// MUST-13: 2 MSL, and not a moment more or less; the pair of sockets is taken until then.
#[test]
fn time_wait_lasts_two_msl() {
    let mut rig = Rig::time_wait(|config| config.msl = Duration::from_secs(7));
    rig.after_ms(13_999);
    rig.is_in(State::TimeWait);
    let again = rig.host.open_active(crate::rig::PORT, rig.peer);
    assert_eq!(again, Err(OpenError::Exists));
    rig.after_ms(1);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::PeerClosed, Signal::Closed]);
    assert!(rig.host.open_active(crate::rig::PORT, rig.peer).is_ok());
}

/// FIN-WAIT-2 waits for the peer as long as it takes (3.6, case 1).
#[test]
fn fin_wait_2_has_no_end_of_its_own() {
    let mut rig = Rig::closed_first(true, |_| ());
    assert_eq!(rig.host.next_timer(), None);
    rig.until(100_000);
    rig.is_in(State::FinWait2);
}

/// A FIN is sent again like everything that takes a number, alone or behind its text.
#[test]
fn a_fin_is_sent_again() {
    let mut rig = Rig::closed_first(false, |_| ());
    assert_eq!(rig.until(1), ["1.000 <SEQ=301><ACK=101><CTL=FIN,ACK>"]);
    let mut rig = Rig::established(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    rig.says();
    rig.host.close(rig.name).expect("it is open");
    rig.says();
    // Text and FIN left apart, and go together.
    assert_eq!(rig.until(1), ["1.000 <SEQ=301><ACK=101><CTL=FIN,PSH,ACK><LEN=5>"]);
    rig.answers("<SEQ=101><ACK=306><CTL=ACK>", &[]);
    assert_eq!(rig.until(3), ["3.000 <SEQ=306><ACK=101><CTL=FIN,ACK>"]);
    rig.answers("<SEQ=101><ACK=307><CTL=ACK>", &[]);
    assert_eq!(rig.host.next_timer(), None);
}

/// More than a segment in flight: the front is sent again, up to the MSS, and no FIN before its text.
#[test]
fn the_front_is_sent_again() {
    let syn_ack = "<SEQ=100><ACK=301><CTL=SYN,ACK><WND=1000><MSS=100>";
    let mut rig = Rig::established_by(syn_ack, |_| ());
    assert_eq!(rig.send(150), Ok(150));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says().len(), 1);
    rig.host.set_nagle(rig.name, false);
    assert_eq!(rig.says(), ["<SEQ=401><ACK=101><CTL=FIN,PSH,ACK><LEN=50>"]);
    assert_eq!(rig.until(1), ["1.000 <SEQ=301><ACK=101><CTL=ACK><LEN=100>"]);
    rig.answers("<SEQ=101><ACK=401><CTL=ACK>", &[]);
    assert_eq!(rig.until(3), ["3.000 <SEQ=401><ACK=101><CTL=FIN,PSH,ACK><LEN=50>"]);
}

/// RFC 6298 5.6: the timer runs from the instant at which the segment left, also where a full queue let it wait.
#[test]
fn a_retransmission_may_have_to_wait_for_its_turn() {
    let mut rig = in_flight(|_| ());
    rig.after_ms(1_000);
    rig.after_ms(400);
    assert_eq!(rig.says(), [TEXT]);
    assert_eq!(rig.until(4), [format!("3.400 {TEXT}")]);
}

/// 3.8.6.2.1: what was held back by Nagle alone needs no timer of its own: the ACK of what is in flight lets it go.
#[test]
fn the_clock_stands_still_without_a_reason() {
    let mut rig = Rig::established(|_| ());
    assert_eq!(rig.host.next_timer(), None);
    rig.after_ms(5_000);
    assert!(rig.says().is_empty());
    assert_eq!(rig.host.now().micros(), 5_000_000);
    // Time never goes back.
    rig.host.advance(lastack_core::types::Instant::from_micros(1));
    assert_eq!(rig.host.now().micros(), 5_000_000);
}
