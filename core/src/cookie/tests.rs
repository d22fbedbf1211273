//! RFC 4987 3.6.

use super::*;

const SECRET: CookieSecret = CookieSecret([7; 16]);

fn sockets() -> (Endpoint, Endpoint) {
    (
        Endpoint { addr: [192, 0, 2, 1].into(), port: 80 },
        Endpoint { addr: [198, 51, 100, 9].into(), port: 4000 },
    )
}

#[test]
fn a_cookie_gives_back_what_it_remembers() {
    for (mss, shift, kept) in
        [(1460, Some(7), 1460), (1459, None, 1440), (9000, Some(14), 8960), (64, Some(0), 64)]
    {
        let what = Remembered::of(mss, shift).expect("an MSS that a cookie can name");
        assert_eq!(what, Remembered { mss: kept, shift });
        for slot in [0, 1, 255, 256, u32::MAX] {
            let irs = SeqNum::new(0xffff_fff0);
            let iss = make(&SECRET, slot, sockets(), irs, what);
            assert_eq!(read(&SECRET, slot, sockets(), irs, iss), Some(what));
            assert_eq!(read(&SECRET, slot.wrapping_add(1), sockets(), irs, iss), Some(what), "the next slot");
            assert_eq!(read(&SECRET, slot.wrapping_add(2), sockets(), irs, iss), None, "too late");
        }
    }
}

/// MUST-16: never more than the peer takes, so what is smaller than any known size gets no cookie.
#[test]
fn a_tiny_mss_gets_none() {
    assert_eq!(Remembered::of(63, None), None);
}

#[test]
fn a_cookie_is_for_one_peer_one_number_and_one_secret() {
    let what = Remembered::of(1460, None).expect("an MSS that a cookie can name");
    let (local, remote) = sockets();
    let irs = SeqNum::new(100);
    let iss = make(&SECRET, 5, (local, remote), irs, what);
    let other = Endpoint { port: 4001, ..remote };
    assert_eq!(read(&SECRET, 5, (local, other), irs, iss), None);
    for further in 1..128 {
        assert_eq!(read(&SECRET, 5, (local, remote), irs.add(further), iss), None, "a later segment");
        assert_eq!(read(&SECRET, 5, (local, remote), irs, iss.add(further)), None, "another ACK");
    }
    assert_eq!(read(&CookieSecret([8; 16]), 5, (local, remote), irs, iss), None);
}

/// About one number in 2^24 is taken for a cookie: of 2^20 that were never one, none or very few.
#[test]
fn numbers_that_are_no_cookies_are_none() {
    let taken = (0..1_u32 << 20)
        .filter(|n| {
            let iss = SeqNum::new(n.wrapping_mul(0x9e37_79b9));
            read(&SECRET, 5, sockets(), SeqNum::new(100), iss).is_some()
        })
        .count();
    assert!(taken <= 3, "{taken}");
}

/// RFC 9293 3.4.1: later numbers of one pair of sockets are higher, as long as the peer's are.
#[test]
fn cookies_of_one_peer_go_forward_with_time() {
    let what = Remembered::of(1460, None).expect("an MSS that a cookie can name");
    let mut last = make(&SECRET, 0, sockets(), SeqNum::new(100), what);
    for slot in 2..100 {
        let next = make(&SECRET, slot, sockets(), SeqNum::new(100), what);
        if slot % 2 == 0 {
            assert!(next.is_after(last), "slot {slot}");
            last = next;
        }
    }
}
