use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn rto() -> Rto {
    Rto::new(MS(0), MS(60_000))
}

/// RFC 6298 2.1 to 2.3, computed by hand.
#[test]
fn the_estimator_gives_the_rfcs_values() {
    let mut rto = rto();
    assert_eq!(rto.timeout(), MS(1_000), "2.1: one second before any measurement");
    rto.sample(MS(400));
    assert_eq!(rto.timeout(), MS(400 + 4 * 200), "2.2: SRTT = R, RTTVAR = R/2");
    rto.sample(MS(800));
    // 2.3: RTTVAR = 3/4 * 200 + 1/4 * |400 - 800| = 250, then SRTT = 7/8 * 400 + 1/8 * 800 = 450.
    assert_eq!(rto.timeout(), MS(450 + 4 * 250));
}

#[test]
fn an_expired_timer_doubles_until_the_next_measurement() {
    let mut rto = rto();
    rto.back_off();
    rto.back_off();
    assert_eq!(rto.timeout(), MS(4_000));
    for _ in 0..100 {
        rto.back_off();
    }
    assert_eq!(rto.timeout(), MS(60_000), "2.5: never above the maximum");
    rto.sample(MS(100));
    assert_eq!(rto.timeout(), MS(100 + 4 * 50));
}

#[test]
fn a_second_at_least_and_three_after_a_lost_syn() {
    let mut rto = Rto::new(MS(1_000), MS(60_000));
    rto.sample(MS(2));
    assert_eq!(rto.timeout(), MS(1_000), "2.4");
    rto.syn_was_lost();
    assert_eq!(rto.timeout(), MS(3_000), "5.7");
}
