use alloc::vec;
use alloc::vec::Vec;

use proptest::collection::vec as several;
use proptest::prelude::*;

use super::*;
use crate::tcb::Origin;
use crate::types::Endpoint;

/// An established TCB with this buffer; both sides offered to scale.
fn tcb(recv_buffer: u32, mss: u32) -> (Config, Tcb) {
    let mut config = Config::new(vec![], [0; 16]);
    config.recv_buffer = recv_buffer;
    let end = |last| Endpoint { addr: [192, 0, 2, last].into(), port: 80 };
    let mut tcb = Tcb::new(&config, end(1), end(2), Origin::Active, SeqNum::new(1));
    tcb.start_receiving(&config, SeqNum::new(u32::MAX - 5));
    tcb.snd.mss = mss;
    tcb.rcv.shift = shift_for(recv_buffer);
    (config, tcb)
}

fn take(tcb: &mut Tcb, octets: u32) {
    assert!(tcb.incoming.put(0, &vec![0; octets as usize]));
    tcb.rcv.nxt = tcb.rcv.nxt.add(tcb.incoming.advance(u32::MAX));
}

#[test]
fn the_shift_is_the_smallest_that_says_it_all() {
    let shifts = [0, 65_535, 65_536, 131_071, 131_072, 1 << 30, u32::MAX].map(shift_for);
    assert_eq!(shifts, [0, 0, 1, 1, 2, 14, 14]);
}

proptest! {
    /// SHLD-14: whatever comes in, whatever the user takes, the edge that the field says never goes back;
    /// and no promise goes beyond the room.
    #[test]
    fn the_edge_never_goes_back(
        recv_buffer in prop_oneof![0_u32..3000, 60_000_u32..300_000, Just(1 << 20)],
        events in several((1_u32..3000, 0_u32..5000), 1..80),
    ) {
        let (config, mut tcb) = tcb(recv_buffer, 1460);
        let mut said = tcb.rcv.edge;
        for (octets, reads) in events {
            let fits = octets.min(tcb.rcv_wnd()).min(tcb.room(&config));
            take(&mut tcb, fits);
            let field = u32::from(tcb.offer_window(&config)) << tcb.rcv.shift;
            let edge = tcb.rcv.nxt.add(field);
            prop_assert!(edge.is_at_or_after(said), "{edge} after {said}");
            prop_assert!(field <= tcb.room(&config));
            said = edge;
            tcb.incoming.take(reads, &mut Vec::new());
        }
    }
}

/// 3.8.6.2.2: in steps of an MSS, or of half the buffer where that is less.
#[test]
fn the_edge_moves_in_steps() {
    let (config, mut tcb) = tcb(10_000, 1_000);
    take(&mut tcb, 5_000);
    assert_eq!(tcb.offer_window(&config), 5_000);
    tcb.incoming.take(999, &mut Vec::new());
    assert_eq!(tcb.offer_window(&config), 5_000);
    tcb.incoming.take(1, &mut Vec::new());
    assert_eq!(tcb.offer_window(&config), 6_000);
}
