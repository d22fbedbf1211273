use alloc::vec;

use proptest::collection::vec as several;
use proptest::prelude::*;

use super::*;

/// The octet of the stream at this place.
fn octet(place: u32) -> u8 {
    (place.wrapping_mul(31) >> 3) as u8
}

proptest! {
    /// Against a list of which octets came: whatever order and overlaps, what is readable is the stream's
    /// beginning, as far as it came without a hole.
    #[test]
    fn pieces_come_together_as_in_the_naive_model(pieces in several((0_u32..300, 0_u32..40, any::<bool>()), 1..60)) {
        let mut buffer = ReceiveBuffer::default();
        let mut came = vec![false; 512];
        let (mut nxt, mut taken) = (0_u32, Vec::new());
        for (start, len, reads) in pieces {
            // As the steps before have it: nothing left of RCV.NXT.
            let (start, end) = (start.max(nxt), (start + len).max(nxt));
            let text: Vec<u8> = (start..end).map(octet).collect();
            prop_assert!(buffer.put(start - nxt, &text));
            came[start as usize..end as usize].fill(true);
            nxt += buffer.advance(u32::MAX);
            let whole = came.iter().take_while(|came| **came).count() as u32;
            prop_assert_eq!(nxt, whole);
            prop_assert_eq!(buffer.holds_pieces(), came[whole as usize..].contains(&true));
            if reads {
                buffer.take(7, &mut taken);
            }
        }
        buffer.take(u32::MAX, &mut taken);
        prop_assert_eq!(taken, (0..nxt).map(octet).collect::<Vec<u8>>());
    }
}

#[test]
fn pieces_are_bounded() {
    let mut buffer = ReceiveBuffer::default();
    let fits = (0..100).filter(|i| buffer.put(2 * i + 1, &[0])).count();
    assert_eq!(fits, PIECES_MAX);
    assert!(buffer.put(0, &[0, 0, 0]), "what joins others is no new piece");
}

/// Nothing stands behind a FIN: what was held there is forgotten.
#[test]
fn what_is_behind_the_end_is_forgotten() {
    let mut buffer = ReceiveBuffer::default();
    assert!(buffer.put(0, b"abcdef"));
    assert_eq!(buffer.advance(4), 4);
    assert!(!buffer.holds_pieces());
    let mut text = Vec::new();
    buffer.take(10, &mut text);
    assert_eq!(text, b"abcd");
}
