//! Opening a connection: RFC 9293 3.5, 3.10.1, 3.10.7.2, 3.10.7.3, and SYN-RECEIVED in 3.10.7.4.

use crate::rig::{PEER, Rig, STACK};
use lastack_core::types::{Duration, State};
use lastack_core::{CloseError, IsnGenerator, ReceiveError, SendError, Signal};

const SYN: &str = "<SEQ=100><CTL=SYN>";
const SYN_ACK: &str = "<SEQ=100><ACK=301><CTL=SYN,ACK>";
const OUR_SYN_ACK: &str = "<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>";

/// 3.5, Fig. 6.
#[test]
fn an_active_open_sends_a_syn_and_acknowledges_the_answer() {
    let mut rig = Rig::opening_at(STACK.into(), PEER.into(), |_| ());
    assert_eq!(rig.says(), ["<SEQ=300><CTL=SYN><MSS=1460>"]);
    rig.is_in(State::SynSent);
    rig.answers(SYN_ACK, &["<SEQ=301><ACK=101><CTL=ACK>"]);
    rig.is_in(State::Established);
    assert_eq!(rig.told(), [Signal::Open]);
}

/// 3.10.7.3, first: an ACK that is not of our SYN is answered from its own number, unless it is a reset.
#[test]
fn syn_sent_refuses_a_bad_acknowledgment() {
    let mut rig = Rig::opening(|_| ());
    rig.answers("<SEQ=100><ACK=300><CTL=ACK>", &["<SEQ=300><CTL=RST>"]);
    rig.answers("<SEQ=100><ACK=302><CTL=SYN,ACK>", &["<SEQ=302><CTL=RST>"]);
    rig.answers("<SEQ=100><ACK=302><CTL=RST,ACK>", &[]);
    rig.is_in(State::SynSent);
    assert_eq!(rig.told(), []);
}

/// 3.10.7.3, second: only a reset that acknowledges our SYN counts.
#[test]
fn a_reset_in_syn_sent_has_to_acknowledge_the_syn() {
    let mut rig = Rig::opening(|_| ());
    rig.answers("<SEQ=0><CTL=RST>", &[]);
    rig.is_in(State::SynSent);
    rig.answers("<SEQ=0><ACK=301><CTL=RST,ACK>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Reset]);
    assert_eq!(rig.read(1), Err(ReceiveError::Reset));
}

/// 3.10.7.3, fifth.
#[test]
fn syn_sent_drops_what_has_neither_syn_nor_reset() {
    let mut rig = Rig::opening(|_| ());
    rig.answers("<SEQ=100><ACK=301><CTL=ACK><LEN=5>", &[]);
    rig.answers("<SEQ=100><CTL=FIN>", &[]);
    rig.is_in(State::SynSent);
}

/// 3.10.7.3, fourth: text and FIN of the SYN,ACK are processed from the sixth step on.
#[test]
fn a_syn_ack_may_bring_text_and_fin() {
    let mut rig = Rig::opening(|_| ());
    let brought = "<SEQ=100><ACK=301><CTL=SYN,FIN,ACK><LEN=5>";
    rig.answers(brought, &["<SEQ=301><ACK=107><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    assert_eq!(rig.read(9), Ok(5));
}

/// 3.5, Fig. 7: simultaneous open.
#[test]
fn both_ends_may_open_at_once() {
    let mut rig = Rig::opening(|_| ());
    rig.answers(SYN, &[OUR_SYN_ACK]);
    rig.is_in(State::SynReceived);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    rig.is_in(State::Established);
    assert_eq!(rig.told(), [Signal::Open]);
}

/// 3.10.7.3, fourth: text of the other SYN waits for ESTABLISHED.
#[test]
fn text_of_a_crossing_syn_waits() {
    let mut rig = Rig::opening(|_| ());
    rig.answers("<SEQ=100><CTL=SYN><LEN=5>", &[OUR_SYN_ACK]);
    assert_eq!(rig.read(9), Ok(0));
    rig.answers("<SEQ=106><ACK=301><CTL=ACK>", &["<SEQ=301><ACK=106><CTL=ACK>"]);
    assert_eq!(rig.read(9), Ok(5));
}

/// 3.10.7.4, second: from an active OPEN the user is refused; from a passive one the listener goes on (MUST-11).
#[test]
fn a_reset_in_syn_received_depends_on_the_origin() {
    let mut rig = Rig::opening(|_| ());
    rig.answers(SYN, &[OUR_SYN_ACK]);
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Refused]);
    assert_eq!(rig.send(1), Err(SendError::Refused));

    let mut rig = Rig::syn_received(|_| ());
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.is_in(State::Listen);
    assert_eq!(rig.told(), []);
    rig.answers("<SEQ=100><CTL=SYN>", &[OUR_SYN_ACK]);
}

/// 3.10.7.4, fourth: in the window, from a passive OPEN, a SYN returns to LISTEN; an old one is only answered.
#[test]
fn a_syn_in_syn_received_depends_on_the_origin() {
    let mut rig = Rig::syn_received(|_| ());
    rig.answers("<SEQ=100><CTL=SYN>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    rig.is_in(State::SynReceived);
    rig.answers("<SEQ=150><CTL=SYN>", &[]);
    rig.is_in(State::Listen);

    let mut rig = Rig::opening(|_| ());
    rig.answers(SYN, &[OUR_SYN_ACK]);
    rig.answers("<SEQ=150><CTL=SYN>", &["<SEQ=301><ACK=101><CTL=ACK>"]);
    rig.is_in(State::SynReceived);
}

/// What the user set on a listener holds for what it becomes, and again after a reset (3.9.1.1: options of OPEN).
#[test]
fn a_listener_that_listens_again_keeps_its_options() {
    let mut rig = Rig::listening(|_| ());
    rig.host.set_user_timeout(rig.name, Some(Duration::from_secs(5)));
    rig.answers(SYN, &[OUR_SYN_ACK]);
    rig.answers("<SEQ=101><CTL=RST>", &[]);
    rig.answers(SYN, &[OUR_SYN_ACK]);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[]);
    assert_eq!(rig.send(1), Ok(1));
    rig.until(6);
    assert_eq!(rig.told(), [Signal::Open, Signal::TimedOut]);
}

/// 3.10.7.4, fifth: an unacceptable ACK is answered by a reset from its own number; above SND.NXT it is challenged
/// where RFC 5961 5.2 is followed.
#[test]
fn a_bad_acknowledgment_in_syn_received() {
    for (classic, above) in [(true, "<SEQ=302><CTL=RST>"), (false, "<SEQ=301><ACK=101><CTL=ACK>")] {
        let mut rig = Rig::syn_received(|config| {
            if classic {
                config.ack = lastack_core::config::Protection::Classic;
            }
        });
        rig.answers("<SEQ=101><ACK=300><CTL=ACK>", &["<SEQ=300><CTL=RST>"]);
        rig.answers("<SEQ=101><ACK=302><CTL=ACK>", &[above]);
        rig.answers("<SEQ=101><CTL=none><LEN=5>", &[]);
        rig.is_in(State::SynReceived);
    }
}

/// 3.10.7.2, third: other controls and text of the SYN wait for ESTABLISHED; the SYN,ACK is of the SYN alone.
#[test]
fn text_and_fin_of_a_syn_wait() {
    let mut rig = Rig::listening(|_| ());
    rig.answers("<SEQ=100><CTL=SYN,FIN><LEN=5>", &[OUR_SYN_ACK]);
    rig.answers("<SEQ=107><ACK=301><CTL=ACK>", &["<SEQ=301><ACK=107><CTL=ACK>"]);
    rig.is_in(State::CloseWait);
    assert_eq!(rig.told(), [Signal::Open, Signal::PeerClosed]);
    assert_eq!(rig.read(9), Ok(5));
}

/// 3.10.7.2: first RST, second ACK, third SYN, fourth anything else.
#[test]
fn a_listener_takes_syns_only() {
    let mut rig = Rig::listening(|_| ());
    rig.answers("<SEQ=100><ACK=200><CTL=RST,ACK>", &[]);
    rig.answers("<SEQ=100><CTL=SYN,RST>", &[]);
    rig.answers("<SEQ=100><ACK=200><CTL=SYN,ACK>", &["<SEQ=200><CTL=RST>"]);
    rig.answers("<SEQ=100><ACK=200><CTL=ACK>", &["<SEQ=200><CTL=RST>"]);
    rig.answers("<SEQ=100><CTL=FIN><LEN=5>", &[]);
    rig.is_in(State::Listen);
}

/// 3.10.4: CLOSE before the connection is ESTABLISHED.
#[test]
fn closing_before_the_handshake_is_over() {
    let mut rig = Rig::opening(|_| ());
    rig.host.close(rig.name).expect("it is open");
    rig.is_in(State::Closed);
    assert_eq!(rig.told(), [Signal::Closed]);
    assert!(rig.says().is_empty());

    // SYN-RECEIVED, nothing to send: a FIN, FIN-WAIT-1. The peer acknowledges SYN and FIN at once.
    let mut rig = Rig::syn_received(|_| ());
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,ACK>"]);
    rig.is_in(State::FinWait1);
    assert_eq!(rig.host.close(rig.name), Err(CloseError::Closing));
    rig.answers("<SEQ=101><ACK=302><CTL=ACK>", &[]);
    rig.is_in(State::FinWait2);

    // Text is queued: the CLOSE waits for ESTABLISHED.
    let mut rig = Rig::syn_received(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    rig.host.close(rig.name).expect("it is open");
    assert_eq!(rig.host.close(rig.name), Err(CloseError::Closing));
    assert_eq!(rig.send(1), Err(SendError::Closing));
    rig.is_in(State::SynReceived);
    assert!(rig.says().is_empty());
    let wanted = "<SEQ=301><ACK=101><CTL=FIN,PSH,ACK><LEN=5>";
    rig.answers("<SEQ=101><ACK=301><CTL=ACK>", &[wanted]);
    rig.is_in(State::FinWait1);
}

/// Where CLOSE was called and the ACK that completes the handshake brings the peer's FIN too: CLOSE-WAIT, and LAST-ACK
/// once our own FIN has left (3.10.4, CLOSE-WAIT).
#[test]
fn a_waiting_close_meets_the_peers_fin() {
    let mut rig = Rig::syn_received(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    rig.host.close(rig.name).expect("it is open");
    rig.hears("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    rig.is_in(State::CloseWait);
    assert_eq!(rig.says(), ["<SEQ=301><ACK=102><CTL=FIN,PSH,ACK><LEN=5>"]);
    rig.is_in(State::LastAck);
}

/// 3.10.2: text sent before ESTABLISHED is queued and leaves with the handshake.
#[test]
fn text_given_in_syn_sent_waits() {
    let mut rig = Rig::opening(|_| ());
    assert_eq!(rig.send(5), Ok(5));
    assert!(rig.says().is_empty());
    rig.answers(SYN_ACK, &["<SEQ=301><ACK=101><CTL=PSH,ACK><LEN=5>"]);
}

/// 3.4.1: the clock of the generator ticks every four microseconds; two connections that open at one instant do not
/// share their numbers, nor does one that opens again at once.
#[test]
fn initial_numbers_follow_the_clock() {
    let isn_of = |rig: &mut Rig| {
        let syn = rig.says();
        let number = syn[0].trim_start_matches("<SEQ=").split('>').next().and_then(|n| n.parse::<u32>().ok());
        number.expect("a SYN")
    };
    let mut rig = Rig::listening(|config| config.isn = IsnGenerator::Clocked);
    rig.after_ms(1);
    rig.hears("<SEQ=100><CTL=SYN>");
    assert_eq!(isn_of(&mut rig), 250);
    rig.hears("<SEQ=101><CTL=RST>");
    rig.hears("<SEQ=100><CTL=SYN>");
    assert!(isn_of(&mut rig) - 250 > 65_535, "no window reaches from one to the other");
}

#[test]
fn a_generator_does_not_print_its_secret() {
    let secret = IsnGenerator::Rfc6528 { secret: [77; 16] };
    assert_eq!(format!("{secret:?}"), "Rfc6528");
    assert_eq!(format!("{:?}", IsnGenerator::Clocked), "Clocked");
    assert_eq!(format!("{:?}", IsnGenerator::Fixed(300)), "Fixed(300)");
}
