//! A SYN that opens a connection anew out of TIME-WAIT (RFC 9293 3.6.1, MAY-2), with a listener of either kind.

use crate::rig::{Rig, socket};
use lastack_core::config::Listening;
use lastack_core::types::State;
use lastack_core::{Config, IsnGenerator};

const FORKS: Listening = Listening::Forks { syn_queue: 2, accept_queue: 2 };

/// A connection that came from a listener and rests in TIME-WAIT: SND.NXT is 302 and RCV.NXT 102. Something listens on
/// its port.
fn resting(change: impl FnOnce(&mut Config)) -> Rig {
    let mut rig = Rig::listening(|config| {
        config.listening = FORKS;
        change(config);
    });
    let listener = rig.name;
    rig.hears("<SEQ=100><CTL=SYN><WND=1000>");
    rig.says();
    rig.hears("<SEQ=101><ACK=301><CTL=ACK>");
    rig.name = rig.host.accept(listener).unwrap_or(listener);
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,ACK>"]);
    rig.answers("<SEQ=101><ACK=302><CTL=FIN,ACK>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
    rig.is_in(State::TimeWait);
    if rig.name == listener {
        rig.host.open_passive(80, None).expect("a listener beside it");
    }
    rig
}

fn states(rig: &Rig) -> Vec<State> {
    rig.host.connections().map(|connection| connection.state).collect()
}

/// Condition 1: the new ISS is above everything that the old connection sent.
#[test]
fn a_syn_past_the_old_numbers_opens_again() {
    for listening in [FORKS, Listening::Becomes] {
        for seq in [102, 5_000] {
            let mut rig = resting(|config| config.listening = listening);
            rig.hears(&format!("<SEQ={seq}><CTL=SYN>"));
            let wanted = format!("<SEQ=303><ACK={}><CTL=SYN,ACK><MSS=1460>", seq + 1);
            assert_eq!(rig.says(), [wanted], "SND.NXT was 302, and a fixed ISS of 300 is not above it");
            rig.is_in(State::Closed);
            rig.answers(&format!("<SEQ={}><ACK=304><CTL=ACK>", seq + 1), &[]);
            assert!(states(&rig).contains(&State::Established));
        }
    }
}

/// A generator that has gone on gives a number above by itself.
#[test]
fn a_new_number_that_is_above_is_taken() {
    let mut rig = resting(|config| {
        config.isn = IsnGenerator::Clocked;
        config.first_isn = Some(300);
    });
    rig.after_ms(100_000);
    rig.answers("<SEQ=5000><CTL=SYN>", &["<SEQ=25000000><ACK=5001><CTL=SYN,ACK><MSS=1460>"]);
}

/// 3.10.7.4, first and fourth: an old SYN, one with an ACK, and everything where the choice is off, is for TIME-WAIT.
#[test]
fn other_syns_are_answered_by_time_wait() {
    let ack: &[&str] = &["<SEQ=302><ACK=102><CTL=ACK>"];
    let mut rig = resting(|_| ());
    rig.answers("<SEQ=101><CTL=SYN>", ack);
    rig.answers("<SEQ=5000><ACK=302><CTL=SYN,ACK>", ack);
    rig.answers("<SEQ=5000><CTL=SYN,RST>", &[]);
    rig.answers("<SEQ=5000><ACK=302><CTL=ACK><LEN=1>", ack);
    rig.is_in(State::TimeWait);
    let mut rig = resting(|config| config.reopen = false);
    rig.answers("<SEQ=5000><CTL=SYN>", ack);
    rig.is_in(State::TimeWait);
    // Nobody listens.
    let mut rig = Rig::time_wait(|_| ());
    rig.answers("<SEQ=5000><CTL=SYN>", ack);
    rig.is_in(State::TimeWait);
}

/// Only TIME-WAIT is opened again.
#[test]
fn an_open_connection_is_not_displaced() {
    let mut rig = Rig::listening(|config| config.listening = FORKS);
    rig.hears("<SEQ=100><CTL=SYN>");
    rig.says();
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    rig.answers("<SEQ=5000><CTL=SYN>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    assert_eq!(states(&rig), [State::Listen, State::Established]);
}

/// Condition 2: where the SYN turns out to be an old duplicate, the connection goes back to TIME-WAIT, and ends when it
/// would have.
#[test]
fn an_old_duplicate_leaves_time_wait_as_it_was() {
    for listening in [FORKS, Listening::Becomes] {
        let mut rig = resting(|config| config.listening = listening);
        rig.after_ms(100_000);
        rig.hears("<SEQ=5000><CTL=SYN>");
        assert_eq!(rig.says().len(), 1);
        assert_eq!(states(&rig).len(), if listening == FORKS { 2 } else { 1 });
        rig.answers("<SEQ=5001><CTL=RST>", &[]);
        assert_eq!(states(&rig).len(), 2, "the listener, and what rests: {listening:?}");
        assert!(states(&rig).contains(&State::TimeWait));
        rig.answers("<SEQ=101><ACK=302><CTL=ACK><LEN=1>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
        rig.after_ms(139_999);
        assert!(states(&rig).contains(&State::TimeWait));
        rig.after_ms(1);
        assert_eq!(states(&rig), [State::Listen]);
    }
}

/// Once the new connection is open, the old one is forgotten.
#[test]
fn a_new_connection_does_not_fall_back() {
    let mut rig = resting(|_| ());
    rig.hears("<SEQ=5000><CTL=SYN>");
    rig.says();
    rig.answers("<SEQ=5001><ACK=304><CTL=ACK>", &[]);
    rig.answers("<SEQ=5001><CTL=RST>", &[]);
    assert_eq!(states(&rig), [State::Listen]);
}

/// A full listener drops the SYN, and TIME-WAIT stays (RFC 9293 leaves a backlog to the host).
#[test]
fn a_full_listener_displaces_nobody() {
    let mut rig = resting(|_| ());
    let peer = rig.peer;
    for port in [1, 2] {
        rig.peer = socket(crate::rig::PEER, port);
        rig.hears("<SEQ=100><CTL=SYN>");
        assert_eq!(rig.says().len(), 1);
    }
    rig.peer = peer;
    rig.answers("<SEQ=5000><CTL=SYN>", &[]);
    rig.is_in(State::TimeWait);
    // What is no SYN is for TIME-WAIT all the same.
    rig.answers("<SEQ=102><ACK=302><CTL=ACK><LEN=1>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
}
