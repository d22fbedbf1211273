//! RFC 9293 3.10.7.4, fifth: what an acknowledgment does, which one is bad, and when the window is taken from a segment.

use crate::rig::Rig;
use lastack_core::config::{ChallengeLimit, Protection};
use lastack_core::types::{Duration, State};

const CHALLENGE: &str = "<SEQ=301><ACK=101><CTL=ACK>";

/// An established connection whose peer has a window of 100 octets, and 50 of our text in flight.
fn half_full() -> Rig {
    let mut rig = Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=100><MSS=1000>", |_| ());
    assert_eq!(rig.send(50), Ok(50));
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=PSH,ACK><LEN=50>"]);
    rig
}

/// An ACK of what was never sent is answered and the segment dropped, with its text.
#[test]
fn what_was_never_sent_cannot_be_acknowledged() {
    for ack in [Protection::Classic, Protection::Rfc5961] {
        let mut rig = Rig::established(|config| config.ack = ack);
        rig.answers("<SEQ=101><ACK=302><CTL=ACK><LEN=5>", &[CHALLENGE]);
        assert_eq!(rig.read(9), Ok(0));
        rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    }
}

/// An old ACK is ignored, and its text is taken; how old it may be is RFC 5961 5.2's range (MAY-12).
#[test]
fn an_old_acknowledgment_is_ignored_in_its_range() {
    let old = |ack: Protection| {
        let mut rig = Rig::established(|config| config.ack = ack);
        assert_eq!(rig.send(10), Ok(10));
        rig.says();
        rig.answers("<SEQ=101><ACK=311><CTL=ACK>", &[]);
        rig
    };
    // SND.UNA is 311 and the largest window was 1000.
    let oldest = "<SEQ=101><ACK=4294966607><CTL=ACK><LEN=5>";
    old(Protection::Rfc5961).answers(oldest, &["<SEQ=311><ACK=106><CTL=ACK>"]);
    let older = "<SEQ=101><ACK=4294966606><CTL=ACK><LEN=5>";
    old(Protection::Rfc5961).answers(older, &["<SEQ=311><ACK=101><CTL=ACK>"]);
    old(Protection::Classic).answers(older, &["<SEQ=311><ACK=106><CTL=ACK>"]);
}

/// RFC 5961 7: so many challenge ACKs in one span of time.
#[test]
fn challenges_are_counted() {
    let limit = ChallengeLimit { count: 2, span: Duration::from_secs(5) };
    let mut rig = Rig::established(|config| config.challenge_limit = Some(limit));
    let syn = "<SEQ=500><CTL=SYN>";
    rig.after_ms(1_000);
    rig.answers(syn, &[CHALLENGE]);
    rig.after_ms(4_000);
    rig.answers(syn, &[CHALLENGE]);
    rig.answers(syn, &[]);
    rig.after_ms(999);
    rig.answers(syn, &[]);
    rig.after_ms(1);
    rig.answers(syn, &[CHALLENGE]);
    rig.after_ms(4_999);
    rig.answers(syn, &[CHALLENGE]);
    rig.answers(syn, &[]);
    let mut rig = Rig::established(|config| config.challenge_limit = None);
    for _ in 0..100 {
        rig.answers(syn, &[CHALLENGE]);
    }
}

/// RFC 6298 5.1 to 5.3: a new ACK restarts the timer, the last one stops it; a duplicate does neither.
#[test]
fn an_acknowledgment_runs_the_timer() {
    let mut rig = half_full();
    rig.after_ms(600);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><WND=100>", &[]);
    assert_eq!(rig.until(1), ["1.000 <SEQ=301><ACK=101><CTL=PSH,ACK><LEN=50>"]);
    let mut rig = half_full();
    rig.after_ms(600);
    rig.answers("<SEQ=101><ACK=331><CTL=ACK><WND=100>", &[]);
    // The segment that is timed is not acknowledged whole: nothing was measured, and the RTO is still a second.
    assert_eq!(rig.until(2), ["1.600 <SEQ=331><ACK=101><CTL=PSH,ACK><LEN=20>"]);
    let mut rig = half_full();
    rig.answers("<SEQ=101><ACK=351><CTL=ACK><WND=100>", &[]);
    assert_eq!(rig.until(100), [""; 0]);
}

/// RFC 6298 2.2, 2.3 and 3 (Karn): the round trip that was measured is the next RTO; what was sent twice is no measure.
#[test]
fn round_trips_are_measured() {
    let mut rig = half_full();
    rig.after_ms(1_000 - 1);
    rig.answers("<SEQ=101><ACK=351><CTL=ACK><WND=100>", &[]);
    assert_eq!(rig.send(10), Ok(10));
    rig.says();
    // SRTT is that of the SYN, 0, and 0.999 s: 1/8 of it; RTTVAR 1/4 of it. 0.125 + 4 * 0.25 of 0.999 s.
    assert_eq!(rig.until(3), ["2.122875 <SEQ=351><ACK=101><CTL=PSH,ACK><LEN=10>"]);
    rig.answers("<SEQ=101><ACK=361><CTL=ACK><WND=100>", &[]);
    assert_eq!(rig.send(10), Ok(10));
    rig.says();
    // The timer expired once: the doubled RTO holds, twice 1.123875 s.
    assert_eq!(rig.until(6), ["5.247750 <SEQ=361><ACK=101><CTL=PSH,ACK><LEN=10>"]);
}

/// RFC 6298 5.7: after a SYN that was sent again the RTO is three seconds.
#[test]
fn a_lost_syn_leaves_three_seconds() {
    let mut rig = Rig::opening(|_| ());
    assert_eq!(rig.until(1), ["1.000 <SEQ=300><CTL=SYN><MSS=1460>"]);
    rig.answers("<SEQ=100><ACK=301><CTL=SYN,ACK>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    assert_eq!(rig.send(10), Ok(10));
    assert_eq!(
        rig.until(4),
        ["<SEQ=301><ACK=101><CTL=PSH,ACK><LEN=10>", "4.000 <SEQ=301><ACK=101><CTL=PSH,ACK><LEN=10>"]
    );
}

/// 3.10.7.4, fifth: SND.WND is taken from a segment that is newer by SEG.SEQ, or as new and newer by SEG.ACK; from an
/// older one it is not.
#[test]
fn the_window_is_that_of_the_newest_segment() {
    let sends = |rig: &mut Rig| {
        let _ = rig.send(300);
        rig.says()
    };
    // As new in both: a duplicate ACK opens the window.
    let mut rig = half_full();
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><WND=60>", &[]);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><WND=1000>", &[]);
    assert_eq!(rig.send(950), Ok(950));
    rig.answers("<SEQ=101><ACK=351><CTL=ACK><WND=1000>", &["<SEQ=351><ACK=101><CTL=PSH,ACK><LEN=950>"]);
    // Newer by its number.
    let mut rig = half_full();
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5><WND=100>", &["<SEQ=351><ACK=106><CTL=ACK>"]);
    rig.answers("<SEQ=106><ACK=351><CTL=ACK><WND=200>", &[]);
    assert_eq!(sends(&mut rig), ["<SEQ=351><ACK=106><CTL=ACK><LEN=200>"]);
    // Older by its number, and newer by its acknowledgment: the window stays as it was.
    let mut rig = half_full();
    rig.answers("<SEQ=106><ACK=301><CTL=ACK><LEN=5><WND=120>", &["<SEQ=351><ACK=101><CTL=ACK>"]);
    rig.answers("<SEQ=101><ACK=351><CTL=ACK><WND=200>", &[]);
    assert_eq!(sends(&mut rig), ["<SEQ=351><ACK=101><CTL=ACK><LEN=120>"]);
    // As new by its number, older by its acknowledgment.
    let mut rig = half_full();
    rig.answers("<SEQ=101><ACK=351><CTL=ACK><WND=120>", &[]);
    rig.answers("<SEQ=101><ACK=340><CTL=ACK><WND=200>", &[]);
    assert_eq!(sends(&mut rig), ["<SEQ=351><ACK=101><CTL=ACK><LEN=120>"]);
}

/// 3.10.7.4, fifth: in FIN-WAIT-1, CLOSING and LAST-ACK the acknowledgment of our FIN moves on; any other does not.
#[test]
fn the_fin_is_acknowledged() {
    let mut rig = Rig::closed_first(false, |_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    rig.is_in(State::FinWait1);
    rig.answers("<SEQ=101><ACK=302><CTL=ACK>", &[]);
    rig.is_in(State::FinWait2);

    let mut rig = Rig::closed_first(false, |_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
    rig.is_in(State::Closing);
    // Otherwise ignore the segment: whatever else it holds has no answer.
    rig.answers("<SEQ=102><ACK=301><CTL=FIN,ACK>", &[]);
    rig.is_in(State::Closing);
    rig.answers("<SEQ=102><ACK=302><CTL=ACK>", &[]);
    rig.is_in(State::TimeWait);

    let mut rig = Rig::close_wait(|_| ());
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=102><CTL=FIN,ACK>"]);
    rig.is_in(State::LastAck);
    rig.answers("<SEQ=102><ACK=301><CTL=ACK>", &[]);
    rig.is_in(State::LastAck);
    rig.answers("<SEQ=102><ACK=302><CTL=ACK>", &[]);
    rig.is_in(State::Closed);
}

/// Text in front of the FIN has to be acknowledged with it.
#[test]
fn the_text_before_the_fin_is_not_the_fin() {
    let mut rig = Rig::established(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,PSH,ACK><LEN=5>"]);
    rig.answers("<SEQ=101><ACK=306><CTL=ACK>", &[]);
    rig.is_in(State::FinWait1);
    rig.answers("<SEQ=101><ACK=307><CTL=ACK>", &[]);
    rig.is_in(State::FinWait2);
    assert_eq!(rig.until(200), [""; 0]);
}

/// 3.10.7.4, fifth, eighth and 3.6.1: what comes in TIME-WAIT is acknowledged; a bare ACK is not, or two ends would
/// never rest; a FIN restarts the 2 MSL.
#[test]
fn time_wait_answers() {
    let ack = "<SEQ=302><ACK=102><CTL=ACK>";
    let mut rig = Rig::time_wait(|_| ());
    rig.answers("<SEQ=102><ACK=302><CTL=ACK>", &[]);
    rig.answers("<SEQ=102><ACK=302><CTL=ACK><LEN=5>", &[ack]);
    rig.after_ms(100_000);
    rig.answers("<SEQ=101><ACK=302><CTL=FIN,ACK>", &[ack]);
    assert_eq!(rig.until(339), [""; 0]);
    rig.is_in(State::TimeWait);
    assert_eq!(rig.until(340), [""; 0]);
    rig.is_in(State::Closed);

    let mut rig = Rig::time_wait(|config| config.ack = Protection::Classic);
    rig.answers("<SEQ=102><ACK=303><CTL=ACK>", &[ack]);
    // A FIN in the window restarts as well.
    rig.after_ms(100_000);
    rig.answers("<SEQ=102><ACK=302><CTL=FIN,ACK>", &[ack]);
    rig.after_ms(239_999);
    rig.is_in(State::TimeWait);
    rig.after_ms(1);
    rig.is_in(State::Closed);
}

/// An old segment that is no FIN is answered in TIME-WAIT and restarts nothing.
#[test]
fn time_wait_is_not_prolonged_by_text() {
    let mut rig = Rig::time_wait(|_| ());
    rig.after_ms(100_000);
    rig.answers("<SEQ=101><ACK=302><CTL=ACK><LEN=1>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
    rig.after_ms(140_000);
    rig.is_in(State::Closed);
}
