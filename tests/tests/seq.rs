//! Sequence numbers against plain integers: the circle is unrolled into `i64`, where less is less and
//! nothing wraps.

mod common;

use common::config;
use lastack_core::types::SeqNum;
use proptest::prelude::*;

const CIRCLE: i64 = 1 << 32;
const HALF: i64 = 1 << 31;

/// A number anywhere, or within a few steps of 0, 2^31 and 2^32.
fn number() -> impl Strategy<Value = u32> {
    let edge = prop_oneof![Just(0u32), Just(1 << 31)];
    let near = (edge, -3..=3i32).prop_map(|(edge, step)| edge.wrapping_add_signed(step));
    prop_oneof![3 => near, 1 => any::<u32>()]
}

/// A signed offset anywhere, or within a few steps of 0, -2^31 and 2^31 - 1.
fn offset() -> impl Strategy<Value = i32> {
    number().prop_map(u32::cast_signed)
}

/// Where `n` lies when the circle is walked forward from `start`: in `start..start + 2^32`.
fn unrolled(n: u32, start: u32) -> i64 {
    let (n, start) = (i64::from(n), i64::from(start));
    if n < start { n + CIRCLE } else { n }
}

/// The signed way from `b` to `a`, the shorter one; -2^31 where both are as long.
fn way(a: u32, b: u32) -> i64 {
    let forward = unrolled(a, b) - i64::from(b);
    if forward < HALF { forward } else { forward - CIRCLE }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn steps_wrap_at_the_end_of_the_circle(n in number(), steps in number(), signed in offset()) {
        let seq = SeqNum::new(n);
        let at = |position: i64| SeqNum::new(u32::try_from(position.rem_euclid(CIRCLE)).unwrap());
        prop_assert_eq!(seq.add(steps), at(i64::from(n) + i64::from(steps)));
        prop_assert_eq!(seq.sub(steps), at(i64::from(n) - i64::from(steps)));
        prop_assert_eq!(seq.offset(signed), at(i64::from(n) + i64::from(signed)));
    }

    #[test]
    fn distances_are_those_of_the_unrolled_circle(a in number(), b in number()) {
        let (x, y) = (SeqNum::new(a), SeqNum::new(b));
        prop_assert_eq!(i64::from(x.diff(y)), way(a, b));
        prop_assert_eq!(i64::from(x.steps_from(y)), unrolled(a, b) - i64::from(b));
    }

    #[test]
    fn comparisons_follow_the_shorter_way(a in number(), b in number()) {
        let (x, y) = (SeqNum::new(a), SeqNum::new(b));
        // Exactly half a circle apart, each is before the other, and so each is after the other.
        let opposite = way(a, b) == -HALF;
        prop_assert_eq!(x.is_before(y), way(a, b) < 0);
        prop_assert_eq!(x.is_after(y), way(a, b) > 0 || opposite);
        prop_assert_eq!(x.is_at_or_before(y), way(a, b) <= 0);
        prop_assert_eq!(x.is_at_or_after(y), way(a, b) >= 0 || opposite);
    }

    #[test]
    fn a_step_of_less_than_half_a_circle_is_forward(n in number(), steps in 1..1u32 << 31) {
        let (here, there) = (SeqNum::new(n), SeqNum::new(n).add(steps));
        prop_assert!(here.is_before(there) && !there.is_before(here));
        prop_assert!(there.is_after(here) && !here.is_after(there));
        prop_assert_eq!((here.max(there), there.max(here)), (there, there));
        prop_assert_eq!((here.min(there), there.min(here)), (here, here));
    }

    #[test]
    fn min_and_max_are_the_two_numbers(a in number(), b in number()) {
        let (x, y) = (SeqNum::new(a), SeqNum::new(b));
        let pair = (x.min(y), x.max(y));
        prop_assert!(pair == (x, y) || pair == (y, x));
        prop_assert!(pair.0.is_at_or_before(pair.1));
    }

    #[test]
    fn a_window_holds_its_numbers_on_the_whole_circle(n in number(), start in number(), len in number()) {
        let model = unrolled(n, start) < i64::from(start) + i64::from(len);
        prop_assert_eq!(SeqNum::new(n).in_window(SeqNum::new(start), len), model);
    }

    #[test]
    fn a_window_starts_and_ends_where_it_says(start in number(), len in 1..=u32::MAX) {
        let first = SeqNum::new(start);
        prop_assert!(first.in_window(first, len));
        prop_assert!(first.add(len - 1).in_window(first, len));
        prop_assert!(!first.add(len).in_window(first, len));
        prop_assert!(!first.sub(1).in_window(first, len));
        prop_assert!(!first.in_window(first, 0));
    }

    #[test]
    fn nothing_depends_on_where_the_circle_is_cut(a in number(), b in number(), len in number(), turn in number()) {
        let (x, y) = (SeqNum::new(a), SeqNum::new(b));
        let (p, q) = (x.add(turn), y.add(turn));
        prop_assert_eq!(x.is_before(y), p.is_before(q));
        prop_assert_eq!(x.is_at_or_before(y), p.is_at_or_before(q));
        prop_assert_eq!(x.diff(y), p.diff(q));
        prop_assert_eq!(x.in_window(y, len), p.in_window(q, len));
        prop_assert_eq!(x.max(y).add(turn), p.max(q));
        prop_assert_eq!(x.min(y).add(turn), p.min(q));
    }
}
