//! The door to the kernel: what goes in comes out, nothing of one reset reaches the next.
//!
//! Where there is no namespace or no device to be had, each test says so and ends.
#![cfg(target_os = "linux")]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lastack_linux::{Networks, Setup, Stack, State};

const SYN_SENT_FLAGS: u8 = 0x02;

fn stack() -> Option<Stack> {
    match Stack::new() {
        Ok(stack) => Some(stack),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

fn setup() -> Setup {
    Setup {
        networks: Networks { stack: IpAddr::from([192, 0, 2, 1]), beyond: IpAddr::from([198, 51, 100, 7]) },
        mtu: 1500,
        recv_buffer: 4096,
        send_buffer: 4096,
        no_delay: None,
        user_timeout: None,
        keep_alive: None,
    }
}

fn setup_v6() -> Setup {
    let networks = Networks {
        stack: "2001:db8::1".parse().expect("an address"),
        beyond: "2001:db8:ffff::7".parse().expect("an address"),
    };
    Setup { networks, ..setup() }
}

fn connect(stack: &mut Stack, remote: &str) -> Vec<u8> {
    let remote: SocketAddr = remote.parse().expect("an address");
    let conn = stack.connect(8000, remote).expect("the address is fresh");
    assert_eq!(stack.state(conn).expect("sock_diag"), State::SynSent);
    let mut packet = Vec::new();
    assert!(stack.take_packet(&mut packet), "no SYN came");
    packet
}

/// The same 4-tuple can be opened again at once, and what the old one would send is not seen.
#[test]
fn every_reset_is_a_fresh_start() {
    let Some(mut stack) = stack() else { return };
    for _ in 0..3 {
        stack.reset(&setup()).expect("a fresh network");
        let packet = connect(&mut stack, "192.0.2.2:9000");
        assert_eq!(packet[12..20], [192, 0, 2, 1, 192, 0, 2, 2]);
        assert_eq!(packet[20..24], [0x1f, 0x40, 0x23, 0x28]);
        assert_eq!(packet[33], SYN_SENT_FLAGS);
        assert!(!stack.take_packet(&mut Vec::new()));
    }
}

/// As for IPv4, and no router solicitation or other talk of a new link is seen.
#[test]
fn ipv6_is_the_same() {
    let Some(mut stack) = stack() else { return };
    stack.reset(&setup_v6()).expect("a fresh network");
    let packet = connect(&mut stack, "[2001:db8::2]:9000");
    assert_eq!(packet[8..12], [0x20, 0x01, 0x0d, 0xb8]);
    assert_eq!(packet[53], SYN_SENT_FLAGS);
    let remote = "[2001:db8:ffff::7]:9000";
    stack.reset(&setup_v6()).expect("a fresh network");
    let packet = connect(&mut stack, remote);
    assert_eq!(packet[24..32], [0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0, 0]);
}

/// A connection that is given up shows its error once, and is CLOSED then.
#[test]
fn a_user_timeout_is_told() {
    let Some(mut stack) = stack() else { return };
    let user_timeout = Some(Duration::from_millis(100));
    stack.reset(&Setup { user_timeout, ..setup() }).expect("a fresh network");
    let conn = stack.connect(8000, "192.0.2.2:9000".parse().expect("an address")).expect("fresh");
    let mut packets = 0;
    let mut error = None;
    // The first SYN is repeated after a second, and only then the limit is looked at.
    while error.is_none() && stack.now() < Duration::from_secs(5) {
        stack.wait(stack.now() + Duration::from_millis(50));
        packets += u32::from(stack.take_packet(&mut Vec::new()));
        error = stack.take_error(conn);
    }
    assert_eq!(error.map(|error| error.kind()), Some(std::io::ErrorKind::TimedOut));
    assert!(packets >= 1);
    assert!(stack.take_error(conn).is_none());
    assert_eq!(stack.state(conn).expect("sock_diag"), State::Closed);
}
