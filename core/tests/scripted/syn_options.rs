//! What SYNs say besides their numbers: MSS (RFC 9293 3.7.1) and window scale (RFC 7323 2).

use crate::rig::{PEER, Rig, STACK};
use lastack_core::types::State;

/// A connection over IPv6.
fn over_ipv6(syn_ack: &str) -> Rig {
    let addr = |last| std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into();
    let mut rig = Rig::opening_at(addr(1), addr(9), |_| ());
    assert_eq!(rig.says(), ["<SEQ=300><CTL=SYN><MSS=1440>"], "MUST-14, SHLD-5: 1500 without 40 and 20");
    rig.answers(syn_ack, &["<SEQ=301><ACK=101><CTL=ACK>"]);
    rig
}

/// The lengths of the segments that so much text leaves in.
fn cuts(rig: &mut Rig, text: u32) -> Vec<u32> {
    assert_eq!(rig.send(text), Ok(text as usize));
    let len = |line: &String| line.split("LEN=").nth(1).and_then(|l| l.trim_end_matches('>').parse().ok());
    rig.says().iter().map(|line| len(line).unwrap_or(0)).collect()
}

/// MUST-15: 536 octets over IPv4 and 1220 over IPv6 where the peer says nothing.
#[test]
fn the_default_mss() {
    let mut rig = Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000>", |_| ());
    assert_eq!(cuts(&mut rig, 1072), [536, 536]);
    let mut rig = over_ipv6("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000>");
    assert_eq!(cuts(&mut rig, 2440), [1220, 1220]);
}

/// MUST-16: never more than the peer's MSS, nor than the link takes.
#[test]
fn the_peers_mss_and_the_link() {
    let mut rig = Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000><MSS=700>", |_| ());
    assert_eq!(cuts(&mut rig, 1400), [700, 700]);
    let mut rig = Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000><MSS=9000>", |_| ());
    assert_eq!(cuts(&mut rig, 2920), [1460, 1460]);
    let mut rig = over_ipv6("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000><MSS=9000>");
    assert_eq!(cuts(&mut rig, 2880), [1440, 1440]);
    let mut rig = Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=60000><MSS=0>", |_| ());
    assert_eq!(cuts(&mut rig, 2), [1, 1], "no text at all would be no connection");
}

/// RFC 7323 2.2: the smallest shift that says the whole buffer; the window of a SYN itself is never scaled.
#[test]
fn both_ends_offer_to_scale() {
    let scales = |config: &mut lastack_core::Config| {
        config.window_scale = true;
        config.recv_buffer = 1 << 20;
    };
    let mut rig = Rig::opening_at(STACK.into(), PEER.into(), scales);
    assert_eq!(rig.says_windows(), ["<SEQ=300><CTL=SYN><MSS=1460><WS=5><WND=65535>"]);
    rig.hears("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=1000><MSS=1000><WS=3>");
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=101><CTL=ACK><WND=32768>"], "2^20 in units of 2^5");
    assert_eq!(cuts(&mut rig, 3000), [1000], "the window of the SYN,ACK is 1000 octets");
    rig.answers("<SEQ=101><ACK=1301><CTL=ACK><WND=125>", &["<SEQ=1301><ACK=101><CTL=ACK><LEN=1000>"]);
    rig.answers("<SEQ=101><ACK=1301><CTL=ACK><WND=250>", &["<SEQ=2301><ACK=101><CTL=PSH,ACK><LEN=1000>"]);
}

/// RFC 7323 2.2: the SYN,ACK holds the option only where the SYN did; and without it nobody scales.
#[test]
fn one_end_alone_does_not_scale() {
    let scales = |config: &mut lastack_core::Config| {
        config.window_scale = true;
        config.recv_buffer = 1 << 20;
    };
    let mut rig = Rig::listening(scales);
    rig.hears("<SEQ=100><CTL=SYN><MSS=1000>");
    assert_eq!(rig.says_windows(), ["<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><WND=65535>"]);
    rig.hears("<SEQ=101><ACK=301><CTL=ACK><LEN=1>");
    // What was taken is not offered anew before it is worth a segment (3.8.6.2.2).
    assert_eq!(rig.says_windows(), ["<SEQ=301><ACK=102><CTL=ACK><WND=65534>"]);

    let mut rig = Rig::listening(scales);
    rig.hears("<SEQ=100><CTL=SYN><MSS=1000><WS=1>");
    assert_eq!(rig.says_windows(), ["<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><WS=5><WND=65535>"]);

    let mut rig = Rig::listening(|_| ());
    rig.hears("<SEQ=100><CTL=SYN><MSS=1000><WS=1>");
    assert_eq!(rig.says(), ["<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460>"], "we do not scale at all");
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><WND=1000>", &[]);
    rig.is_in(State::Established);
    assert_eq!(cuts(&mut rig, 2000), [1000]);
}

/// RFC 7323 2.3: a shift above 14 counts as 14.
#[test]
fn a_shift_is_fourteen_at_most() {
    let mut rig = Rig::listening(|config| config.window_scale = true);
    rig.hears("<SEQ=100><CTL=SYN><WND=1000><MSS=1000><WS=15>");
    assert_eq!(rig.says().len(), 1);
    rig.answers("<SEQ=101><ACK=301><CTL=ACK><WND=1>", &[]);
    assert_eq!(cuts(&mut rig, 20_000).iter().sum::<u32>(), 16_000, "of 2^14 octets in whole segments");
}

/// The window of a SYN,ACK is what there is, also where that is nothing (3.1); of more than 16 bits, 65535.
#[test]
fn the_window_of_a_syn_ack() {
    for (recv_buffer, window) in [(0, 0), (1, 1), (65_535, 65_535), (65_536, 65_535)] {
        let mut rig = Rig::listening(|config| config.recv_buffer = recv_buffer);
        rig.hears("<SEQ=100><CTL=SYN>");
        let wanted = format!("<SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1460><WND={window}>");
        assert_eq!(rig.says_windows(), [wanted]);
    }
}
