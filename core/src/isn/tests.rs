use proptest::prelude::*;

use super::*;

fn endpoint(last: u8, port: u16) -> Endpoint {
    Endpoint { addr: [192, 0, 2, last].into(), port }
}

const SECRET: IsnGenerator = IsnGenerator::Rfc6528 { secret: *b"sixteen octets!!" };

proptest! {
    /// RFC 6528 3: for one pair of sockets the ISN is the clock plus a constant, so a new incarnation begins
    /// above the old one.
    #[test]
    fn one_pair_counts_with_the_clock(start in 0..u64::MAX / 2, ticks in 0..1_u32 << 31, port in 1..u16::MAX) {
        let (local, remote) = (endpoint(1, 80), endpoint(2, port));
        let at = |micros| SECRET.isn(Instant::from_micros(micros), local, remote);
        let start = start / 4 * 4;
        prop_assert_eq!(at(start + u64::from(ticks) * 4).steps_from(at(start)), ticks);
    }

    /// What one pair's ISN is tells nothing of another's: the offset differs, by sockets and by secret.
    #[test]
    fn pairs_and_secrets_have_offsets_of_their_own(port in 2..u16::MAX) {
        let isn = |generator: IsnGenerator, port| generator.isn(Instant::ZERO, endpoint(1, 80), endpoint(2, port));
        let other = IsnGenerator::Rfc6528 { secret: *b"another sixteen." };
        prop_assert_ne!(isn(SECRET, port), isn(SECRET, 1));
        prop_assert_ne!(isn(SECRET, port), isn(other, port));
        prop_assert_eq!(isn(SECRET, port), isn(SECRET, port));
    }
}

/// One reset and reopened within a tick of the clock does not share its numbers with what it was before.
#[test]
fn two_selections_in_one_tick_differ() {
    let mut isns = Isns::new(SECRET, None);
    let mut select =
        |micros| isns.select(Instant::from_micros(micros), endpoint(1, 80), endpoint(2, 9), None);
    let (first, second, later) = (select(0), select(3), select(4));
    assert_eq!(second.steps_from(first), WITHIN_TICK);
    assert_eq!(later.steps_from(first), 1, "the next tick is the clock's again");
}

/// MAY-2, condition 1; the first number of all is the one that was chosen.
#[test]
fn a_reopened_connection_begins_above_its_old_numbers() {
    let mut isns = Isns::new(IsnGenerator::Fixed(100), Some(7));
    let mut above = |old| isns.select(Instant::ZERO, endpoint(1, 80), endpoint(2, 9), old).value();
    assert_eq!(above(None), 7);
    assert_eq!(above(Some(SeqNum::new(50))), 100);
    assert_eq!(above(Some(SeqNum::new(100))), 101);
}
