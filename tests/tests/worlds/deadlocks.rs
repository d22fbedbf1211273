//! Two of smoltcp that wait for each other for ever: how often, and why. Each world is shrunk to the least that
//! still leaves somebody waiting, and what is broken first there is a rule or an obligation of one end.

use lastack::subject::Factory;
use lastack::suite::run::NoProgress;
use lastack::verdict::Verdict;
use lastack::world::deadlock::causes;
use lastack::world::random::Mix;
use lastack::world::search::{Charged, Search, search};

/// Of so many worlds of a mix, in how many somebody is left waiting; the causes of the first 12 of them are asked for.
fn left_waiting(stack: &dyn Factory, mix: Mix, count: u64) -> u64 {
    let plan = Search { mix: Some(mix), runs_on: true, ..super::worlds([stack, stack], count, 2) };
    let (worlds, complete) = search(&plan, &mut NoProgress);
    assert!(complete && worlds.worlds == count);
    let names = &worlds.stuck_names[..worlds.stuck_names.len().min(12)];
    for cause in causes(&plan, names) {
        let (events, what) = (cause.scenario.events.len(), cause.difference.signature);
        assert!(events < 15, "{events} events for {what}:\n{}", cause.scenario);
        assert!(matches!(cause.charged, Charged::Host(_)), "{what} is nobody's");
        assert_eq!(cause.difference.verdict, Verdict::Fail, "{what}");
    }
    worlds.stuck.values().sum()
}

/// 10 % loss and 10 % duplication: 2.0 % of 20,000 worlds.
#[test]
fn smoltcp_deadlocks_where_packets_are_lost() {
    let stuck = left_waiting(&lastack::subject::smoltcp::Smoltcp::Immediate, Mix::Loss, 600);
    assert!((4..40).contains(&stuck), "{stuck} of 600");
}

/// Overtaking alone is enough for 0.12.0: 78 % of 2,000 worlds.
#[test]
#[cfg(feature = "smoltcp-old")]
fn smoltcp_0_12_deadlocks_where_packets_overtake() {
    let stack = lastack::subject::registry::named("smoltcp-0.12.0").expect("the feature is on");
    let stuck = left_waiting(stack, Mix::Reorder, 100);
    assert!((50..100).contains(&stuck), "{stuck} of 100");
}
