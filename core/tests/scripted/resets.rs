//! Resets: what has no connection (RFC 9293 3.5.2, 3.10.7.1), RST in the second step and SYN in the fourth (3.10.7.4;
//! RFC 5961 3 and 4; RFC 1337), and resets of our own (3.10.5).

use crate::rig::{Rig, socket};
use lastack_core::config::{Protection, TimeWaitRst};
use lastack_core::types::State;
use lastack_core::{Config, ReceiveError, SendError, Signal};

fn classic(config: &mut Config) {
    (config.rst, config.syn, config.ack) = (Protection::Classic, Protection::Classic, Protection::Classic);
    config.time_wait_rst = TimeWaitRst::Close;
}

/// 3.10.7.1: a reset is discarded; the answer to anything else takes its number from the ACK field, or is 0 and
/// acknowledges the whole segment.
#[test]
fn without_a_connection_everything_but_a_reset_is_answered() {
    let mut rig = Rig::listening(|_| ());
    rig.stack = socket(crate::rig::STACK, 81);
    rig.answers("<SEQ=100><ACK=500><CTL=RST,ACK>", &[]);
    rig.answers("<SEQ=100><CTL=RST>", &[]);
    rig.answers("<SEQ=100><ACK=500><CTL=ACK><LEN=5>", &["<SEQ=500><CTL=RST>"]);
    rig.answers("<SEQ=100><CTL=SYN>", &["<SEQ=0><ACK=101><CTL=RST,ACK>"]);
    rig.answers("<SEQ=100><CTL=SYN,FIN><LEN=5>", &["<SEQ=0><ACK=107><CTL=RST,ACK>"]);
    rig.answers("<SEQ=100><CTL=none><LEN=5>", &["<SEQ=0><ACK=105><CTL=RST,ACK>"]);
}

/// A caller that takes no packets is owed a bounded number of resets; what is said twice is said once.
#[test]
fn resets_that_nobody_takes_are_bounded() {
    let mut rig = Rig::listening(|_| ());
    rig.stack = socket(crate::rig::STACK, 81);
    for _ in 0..3 {
        rig.hears("<SEQ=100><ACK=500><CTL=ACK>");
    }
    assert_eq!(rig.says(), ["<SEQ=500><CTL=RST>"]);
    for ack in 0..3_000 {
        rig.hears(&format!("<SEQ=100><ACK={ack}><CTL=ACK>"));
    }
    let (mut count, mut packet) = (0, Vec::new());
    while rig.host.transmit(&mut packet) {
        count += 1;
        packet.clear();
    }
    assert_eq!(count, 1024);
}

/// RFC 5961 3.2: a RST at RCV.NXT resets, one elsewhere in the window is challenged, one outside is dropped.
#[test]
fn a_protected_connection_takes_a_reset_at_rcv_nxt() {
    let mut rig = Rig::established(|config| config.recv_buffer = 10);
    rig.answers("<SEQ=100><CTL=RST>", &[]);
    rig.answers("<SEQ=111><CTL=RST>", &[]);
    rig.answers("<SEQ=102><CTL=RST>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    rig.answers("<SEQ=110><CTL=RST>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    // It begins left of the window and ends in it: neither at RCV.NXT nor in the window.
    rig.answers("<SEQ=99><CTL=RST><LEN=5>", &[]);
    rig.is_in(State::Established);
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::Reset]);
    assert_eq!((rig.send(1), rig.read(1)), (Err(SendError::Reset), Err(ReceiveError::Reset)));
}

/// 3.10.7.4, second, without RFC 5961: any RST in the window.
#[test]
fn an_unprotected_connection_takes_any_reset_in_the_window() {
    let mut rig = Rig::established(|config| {
        classic(config);
        config.recv_buffer = 10;
    });
    rig.answers("<SEQ=100><CTL=RST>", &[]);
    rig.answers("<SEQ=111><CTL=RST>", &[]);
    rig.is_in(State::Established);
    rig.answers("<SEQ=110><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::Reset]);
}

/// 3.10.7.4, second: in FIN-WAIT-1, FIN-WAIT-2 and CLOSE-WAIT the user is told of a reset; in CLOSING and LAST-ACK the
/// connection just ends.
#[test]
fn a_reset_ends_every_state() {
    let reset = [Signal::Open, Signal::Reset];
    let mut rig = Rig::closed_first(false, |_| ());
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), reset);
    let mut rig = Rig::closed_first(true, |_| ());
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), reset);
    let mut rig = Rig::close_wait(|_| ());
    rig.answers("<SEQ=102><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::PeerClosed, Signal::Reset]);

    let ended = [Signal::Open, Signal::PeerClosed];
    let mut rig = Rig::closed_first(false, |_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
    rig.answers("<SEQ=102><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), ended);
    let mut rig = Rig::close_wait(|_| ());
    rig.host.close(rig.name).expect("it is open");
    rig.says();
    rig.answers("<SEQ=102><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), ended);
    assert_eq!(rig.read(1), Err(ReceiveError::NoConnection));
}

/// RFC 1337 3: in TIME-WAIT a RST is ignored; RFC 9293 lets it close.
#[test]
fn a_reset_in_time_wait() {
    let mut rig = Rig::time_wait(|_| ());
    rig.answers("<SEQ=102><CTL=RST>", &[]);
    rig.answers("<SEQ=103><CTL=RST>", &[]);
    rig.is_in(State::TimeWait);
    let mut rig = Rig::time_wait(classic);
    rig.answers("<SEQ=102><CTL=RST>", &[]);
    rig.is_in(State::Closed);
}

/// RFC 5961 4.2: a SYN is challenged whatever its number; in its window RFC 9293 without it resets, elsewhere answers.
#[test]
fn a_syn_in_a_synchronized_state() {
    let challenge = "<SEQ=301><ACK=101><CTL=ACK>";
    let mut rig = Rig::established(|config| config.recv_buffer = 1000);
    for syn in ["<SEQ=101><CTL=SYN>", "<SEQ=150><ACK=301><CTL=SYN,ACK>", "<SEQ=5000><CTL=SYN>"] {
        rig.answers(syn, &[challenge]);
    }
    // Its text lies in the window, and is not taken.
    rig.answers("<SEQ=100><ACK=301><CTL=SYN,ACK><LEN=5>", &[challenge]);
    assert_eq!(rig.read(9), Ok(0));
    rig.is_in(State::Established);

    let mut rig = Rig::established(|config| {
        classic(config);
        config.recv_buffer = 1000;
    });
    rig.answers("<SEQ=100><CTL=SYN>", &[challenge]);
    rig.answers("<SEQ=1101><CTL=SYN>", &[challenge]);
    // The SYN lies left of the window and the text behind it inside: it counts without the SYN.
    rig.answers("<SEQ=100><ACK=301><CTL=SYN,ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    rig.is_in(State::Established);
    rig.answers("<SEQ=200><ACK=301><CTL=SYN,ACK>", &["<SEQ=301><CTL=RST>"]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Open, Signal::Reset]);
}

/// 3.10.5: ABORT sends `<SEQ=SND.NXT><CTL=RST>` where the peer may have a connection, and nothing elsewhere.
#[test]
fn abort_resets_where_there_is_a_peer() {
    let abort = |mut rig: Rig, wanted: &[&str]| {
        assert_eq!(rig.host.abort(rig.name), Ok(()));
        assert_eq!(rig.says(), wanted);
        rig.is_in(State::Closed);
    };
    abort(Rig::listening(|_| ()), &[]);
    abort(Rig::opening(|_| ()), &[]);
    abort(Rig::syn_received(|_| ()), &["<SEQ=301><CTL=RST>"]);
    abort(Rig::closed_first(false, |_| ()), &["<SEQ=302><CTL=RST>"]);
    abort(Rig::closed_first(true, |_| ()), &["<SEQ=302><CTL=RST>"]);
    abort(Rig::close_wait(|_| ()), &["<SEQ=301><CTL=RST>"]);
    abort(Rig::time_wait(|_| ()), &[]);
    let mut rig = Rig::established(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    abort(rig, &["<SEQ=301><CTL=RST>"]);
    let mut rig = Rig::established(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    rig.says();
    abort(rig, &["<SEQ=306><CTL=RST>"]);
}

/// A SYN whose SYN,ACK never left is answered as in CLOSED: the peer knows no number of ours.
#[test]
fn abort_before_the_syn_ack_has_left() {
    let mut rig = Rig::listening(|_| ());
    rig.hears("<SEQ=100><CTL=SYN>");
    assert_eq!(rig.host.abort(rig.name), Ok(()));
    assert_eq!(rig.says(), ["<SEQ=0><ACK=101><CTL=RST,ACK>"]);
}

/// MAY-1, SHLD-3: with half-duplex close, unread text, or text that comes afterwards, makes it a reset.
#[test]
fn a_half_duplex_close_resets_what_nobody_will_read() {
    let half = |config: &mut Config| config.half_duplex = true;
    let mut rig = Rig::established(half);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><CTL=RST>"]);
    rig.is_in(State::Closed);

    let mut rig = Rig::closed_first(true, half);
    assert_eq!(rig.read(1), Err(ReceiveError::Closing));
    rig.answers("<SEQ=101><ACK=302><CTL=ACK>", &[]);
    rig.is_in(State::FinWait2);
    rig.answers("<SEQ=101><ACK=302><CTL=ACK><LEN=5>", &["<SEQ=302><CTL=RST>"]);
    rig.is_in(State::Closed);

    // All was read, or only sending was shut down: the peer goes on.
    let mut rig = Rig::established(half);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    assert_eq!(rig.read(9), Ok(5));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=106><CTL=FIN,ACK>"]);
    let mut rig = Rig::established(half);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    rig.host.shutdown(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=106><CTL=FIN,ACK>"]);
    assert_eq!(rig.read(9), Ok(5));
    // CLOSE after a shutdown gives up reading too, without another FIN.
    assert!(rig.host.close(rig.name).is_err());
    assert_eq!(rig.read(9), Err(ReceiveError::Closing));
    assert!(rig.says().is_empty());

    // Without it unread text stays, and more is taken.
    let mut rig = Rig::established(|_| ());
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><LEN=5>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=106><CTL=FIN,ACK>"]);
    rig.answers("<SEQ=106><ACK=302><CTL=ACK><LEN=5>", &["<SEQ=302><ACK=111><CTL=ACK>"]);
    assert_eq!(rig.read(20), Ok(10));
}

/// With half-duplex close, unread text of a peer that has closed too is lost with a reset (3.6; MAY-1).
#[test]
fn a_half_duplex_close_in_close_wait() {
    let mut rig = Rig::established(|config| config.half_duplex = true);
    rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=5>", &["<SEQ=301><ACK=107><CTL=ACK>"]);
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><CTL=RST>"]);
    rig.is_in(State::Closed);
}
