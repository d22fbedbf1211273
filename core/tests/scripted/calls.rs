//! What each call comes to in each state (RFC 9293 3.10.1 to 3.10.6), and the words of the errors.

use crate::rig::{PEER, PORT, Rig, STACK, socket};
use lastack_core::types::State;
use lastack_core::{
    AbortError, CloseError, Config, Host, OpenError, ReceiveError, SendError, Signal, StatusError,
};

/// A connection in every state but CLOSED, by its name in the RFC.
fn in_every_state() -> Vec<(State, Rig)> {
    let mut closing = Rig::closed_first(false, |_| ());
    closing.hears("<SEQ=101><ACK=301><CTL=FIN,ACK>");
    let mut last_ack = Rig::close_wait(|_| ());
    last_ack.host.close(last_ack.name).expect("it is open");
    last_ack.says();
    let all = vec![
        (State::Listen, Rig::listening(|_| ())),
        (State::SynSent, Rig::opening(|_| ())),
        (State::SynReceived, Rig::syn_received(|_| ())),
        (State::Established, Rig::established(|_| ())),
        (State::FinWait1, Rig::closed_first(false, |_| ())),
        (State::FinWait2, Rig::closed_first(true, |_| ())),
        (State::CloseWait, Rig::close_wait(|_| ())),
        (State::Closing, closing),
        (State::LastAck, last_ack),
        (State::TimeWait, Rig::time_wait(|_| ())),
    ];
    for (state, rig) in &all {
        rig.is_in(*state);
    }
    all
}

/// A connection that ABORT has ended.
fn ended() -> Rig {
    let mut rig = Rig::established(|_| ());
    rig.host.abort(rig.name).expect("it is open");
    rig
}

/// 3.10.2.
#[test]
fn send_in_every_state() {
    use State::{CloseWait, Established, Listen, SynReceived, SynSent};
    for (state, mut rig) in in_every_state() {
        let wanted = match state {
            Listen => Err(SendError::RemoteUnspecified),
            SynSent | SynReceived | Established | CloseWait => Ok(3),
            _ => Err(SendError::Closing),
        };
        assert_eq!(rig.send(3), wanted, "{state}");
    }
    assert_eq!(ended().send(3), Err(SendError::NoConnection));
}

/// 3.10.3.
#[test]
fn receive_in_every_state() {
    use State::{CloseWait, Closing, LastAck, TimeWait};
    for (state, mut rig) in in_every_state() {
        let wanted = match state {
            CloseWait | Closing | LastAck | TimeWait => Err(ReceiveError::Closing),
            _ => Ok(0),
        };
        assert_eq!(rig.read(3), wanted, "{state}");
    }
    assert_eq!(ended().read(3), Err(ReceiveError::NoConnection));
}

/// 3.10.3: text that came before the peer's FIN is handed over, and then the end is told.
#[test]
fn what_was_taken_can_be_read() {
    let mut rig = Rig::established(|_| ());
    rig.hears("<SEQ=101><ACK=301><CTL=FIN,ACK><LEN=5>");
    rig.is_in(State::CloseWait);
    assert_eq!(rig.read(2), Ok(2));
    assert_eq!(rig.read(9), Ok(3));
    assert_eq!(rig.read(9), Err(ReceiveError::Closing));
}

/// 3.10.4. In CLOSE-WAIT the FIN makes it LAST-ACK.
#[test]
fn close_in_every_state() {
    use State::{CloseWait, Closed, Established, FinWait1, LastAck, Listen, SynReceived, SynSent};
    for (state, mut rig) in in_every_state() {
        let (wanted, then) = match state {
            Listen | SynSent => (Ok(()), Closed),
            SynReceived | Established => (Ok(()), FinWait1),
            CloseWait => (Ok(()), LastAck),
            other => (Err(CloseError::Closing), other),
        };
        assert_eq!(rig.host.close(rig.name), wanted, "{state}");
        rig.says();
        rig.is_in(then);
        if then != Closed {
            assert_eq!(rig.host.close(rig.name), Err(CloseError::Closing), "{state}, again");
        }
    }
    let mut rig = ended();
    assert_eq!(rig.host.close(rig.name), Err(CloseError::NoConnection));
    assert_eq!(rig.host.shutdown(rig.name), Err(CloseError::NoConnection));
}

/// 3.10.5 and 3.10.6.
#[test]
fn abort_and_status_in_every_state() {
    for (state, mut rig) in in_every_state() {
        assert_eq!(rig.host.status(rig.name), Ok(state));
        assert_eq!(rig.host.abort(rig.name), Ok(()), "{state}");
        assert_eq!(rig.host.status(rig.name), Err(StatusError::NoConnection), "{state}");
        assert_eq!(rig.host.next_timer(), None, "{state}");
        assert_eq!(rig.host.connections().count(), 0, "{state}");
        assert_eq!(rig.host.abort(rig.name), Err(AbortError::NoConnection), "{state}");
    }
}

/// 3.10.1: an active OPEN of a pair of sockets that is taken fails; in LISTEN it turns the listener active.
#[test]
fn open_in_every_state() {
    for (state, mut rig) in in_every_state() {
        if state == State::Listen {
            let remote = rig.peer;
            assert_eq!(rig.host.activate(rig.name, remote), Ok(()));
            assert_eq!(rig.says(), ["<SEQ=300><CTL=SYN><MSS=1460>"]);
            rig.is_in(State::SynSent);
            continue;
        }
        let (local, remote) = (rig.stack.port, rig.peer);
        assert_eq!(rig.host.open_active(local, remote), Err(OpenError::Exists), "{state}");
        assert_eq!(rig.host.activate(rig.name, remote), Err(OpenError::Exists), "{state}");
        assert!(rig.host.open_active(local + 1, remote).is_ok(), "{state}");
    }
    let mut rig = ended();
    assert_eq!(rig.host.activate(rig.name, rig.peer), Err(OpenError::NoConnection));
}

/// 3.10.2, LISTEN: SEND where the remote socket is known makes the connection active; the text goes with it.
#[test]
fn send_turns_a_listener_that_knows_its_peer() {
    let mut rig = Rig::listening(|_| ());
    let peer = rig.peer;
    rig.stack = socket(STACK, 81);
    rig.name = rig.host.open_passive(81, Some(peer)).expect("a free port");
    assert_eq!(rig.send(3), Ok(3));
    assert_eq!(rig.says(), ["<SEQ=300><CTL=SYN><MSS=1460>"]);
    let wanted = "<SEQ=301><ACK=101><CTL=PSH,ACK><LEN=3>";
    rig.answers("<SEQ=100><ACK=301><CTL=SYN,ACK>", &[wanted]);
    // Not where the pair of sockets is taken.
    let other = rig.host.open_passive(81, Some(peer)).expect("a second record");
    assert_eq!(rig.host.send(other, b"x"), Err(SendError::RemoteUnspecified));
}

/// 3.9.1.1; MUST-46: what no connection can have.
#[test]
fn open_refuses_what_cannot_be() {
    let mut host = Host::new(crate::rig::config(STACK.into()));
    let active = |host: &mut Host, addr: [u8; 4], port| host.open_active(PORT, socket(addr, port));
    assert_eq!(active(&mut host, PEER, 0), Err(OpenError::RemoteUnspecified));
    assert_eq!(active(&mut host, [0, 0, 0, 0], 80), Err(OpenError::RemoteUnspecified));
    // Multicast, all ones, and the broadcast address of our /24.
    for addr in [[224, 0, 0, 1], [255, 255, 255, 255], [192, 0, 2, 255]] {
        let remote = socket(addr, 80);
        assert_eq!(active(&mut host, addr, 80), Err(OpenError::BadRemote(remote)));
        assert_eq!(host.open_passive(80, Some(remote)), Err(OpenError::BadRemote(remote)));
    }
    assert!(active(&mut host, [192, 0, 3, 255], 80).is_ok(), "another network's");
    assert_eq!(host.open_active(0, socket(PEER, 80)), Err(OpenError::BadLocal));
    assert_eq!(host.open_passive(0, None), Err(OpenError::BadLocal));
    let six = std::net::Ipv6Addr::LOCALHOST;
    assert_eq!(host.open_active(PORT, socket(six, 80)), Err(OpenError::BadRemote(socket(six, 80))));
    // No broadcast address in a /31 or /32 (RFC 3021); in a /30 there is one.
    for (prefix_len, last, refused) in [(32, 1, false), (31, 1, false), (30, 3, true), (30, 2, false)] {
        let mut config: Config = crate::rig::config([192, 0, 2, 0].into());
        config.addresses[0].prefix_len = prefix_len;
        let opened = Host::new(config).open_active(PORT, socket([192, 0, 2, last], 80));
        assert_eq!(opened.is_err(), refused, "192.0.2.{last} in a /{prefix_len}");
    }
}

/// Every OPEN makes a record of its own (MUST-41, MUST-42), and names are told apart until they are released.
#[test]
fn a_name_is_its_users_until_it_is_released() {
    let mut rig = ended();
    let other = rig.host.open_active(PORT, rig.peer).expect("the old one is gone");
    assert_ne!(other, rig.name);
    assert_eq!(rig.host.status(rig.name), Err(StatusError::NoConnection));
    rig.host.release(rig.name);
    let third = rig.host.open_active(PORT + 1, rig.peer).expect("a free pair of sockets");
    assert_eq!(third, rig.name, "the name is free");
    // What is released while it is open is closed, and its name is nobody's before that is done.
    rig.host.release(third);
    assert_eq!(rig.host.connections().count(), 1);
    let mut rig = Rig::established(|_| ());
    rig.host.release(rig.name);
    assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,ACK>"]);
    let other = rig.host.open_active(PORT + 1, rig.peer).expect("a free pair of sockets");
    assert_ne!(other, rig.name);
}

/// A user who has the name of an ended connection is told why, once.
#[test]
fn the_end_is_told_once() {
    let mut rig = Rig::established(|_| ());
    rig.hears("<SEQ=101><CTL=RST>");
    assert_eq!(rig.told(), [Signal::Open, Signal::Reset]);
    assert_eq!(rig.told(), []);
    let mut rig = Rig::listening(|_| ());
    assert_eq!(rig.told(), []);
    rig.host.release(rig.name);
    assert_eq!(rig.told(), []);
    assert_eq!(rig.host.close(rig.name), Err(CloseError::NoConnection));
    assert_eq!(rig.host.abort(rig.name), Err(AbortError::NoConnection));
    assert_eq!(rig.send(1), Err(SendError::NoConnection));
    assert_eq!(rig.read(1), Err(ReceiveError::NoConnection));
    assert_eq!(rig.host.activate(rig.name, rig.peer), Err(OpenError::NoConnection));
    assert_eq!(rig.host.accept(rig.name), None);
}

/// 3.9.1, 3.10: the RFC's words.
#[test]
fn errors_and_signals_speak_as_the_rfc_does() {
    let none = "error: connection does not exist";
    let (closing, reset) = ("error: connection closing", "error: connection reset");
    let (refused, timeout) = ("error: connection refused", "error: connection aborted due to user timeout");
    let unspecified = "error: remote socket unspecified";
    assert_eq!(OpenError::Exists.to_string(), "error: connection already exists");
    assert_eq!(OpenError::RemoteUnspecified.to_string(), unspecified);
    let bad = OpenError::BadRemote(socket([224, 0, 0, 1], 80)).to_string();
    assert_eq!(bad, "error: no connection can be made to 224.0.0.1:80");
    assert_eq!(OpenError::BadLocal.to_string(), "error: no such local socket");
    assert_eq!(OpenError::NoConnection.to_string(), none);
    assert_eq!(SendError::NoConnection.to_string(), none);
    assert_eq!(SendError::RemoteUnspecified.to_string(), unspecified);
    assert_eq!(SendError::NoResources.to_string(), "error: insufficient resources");
    assert_eq!([SendError::Closing.to_string(), ReceiveError::Closing.to_string()], [closing; 2]);
    assert_eq!([SendError::Reset.to_string(), ReceiveError::Reset.to_string()], [reset; 2]);
    assert_eq!([SendError::Refused.to_string(), ReceiveError::Refused.to_string()], [refused; 2]);
    assert_eq!([SendError::TimedOut.to_string(), ReceiveError::TimedOut.to_string()], [timeout; 2]);
    assert_eq!(ReceiveError::NoConnection.to_string(), none);
    assert_eq!([CloseError::Closing.to_string(), CloseError::NoConnection.to_string()], [closing, none]);
    assert_eq!([AbortError::NoConnection.to_string(), StatusError::NoConnection.to_string()], [none; 2]);
    let signals = [
        (Signal::Open, "connection open"),
        (Signal::PeerClosed, closing.trim_start_matches("error: ")),
        (Signal::NoAnswer, "no answer from the peer"),
        (Signal::Reset, reset),
        (Signal::Refused, refused),
        (Signal::TimedOut, timeout),
        (Signal::Closed, "connection closed"),
    ];
    for (signal, words) in signals {
        assert_eq!(signal.to_string(), words);
    }
}
