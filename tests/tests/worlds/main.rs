//! Two stacks, a link that loses, delays, duplicates and remembers, and their users.

mod captures;
mod deadlocks;
mod properties;
mod regressions;
mod stories;
mod twisted;

use lastack::model::Model;
use lastack::scenario::HostId;
use lastack::subject::reference::Reference;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::NoProgress;
use lastack::world::World;
use lastack::world::random::{Mix, RandomWorld};
use lastack::world::search::{Charged, Search, Worlds, search};

fn worlds<'a>(stacks: [&'a dyn Factory; 2], worlds: u64, threads: usize) -> Search<'a> {
    Search {
        stacks,
        ip: IpVersion::V4,
        seed: 0,
        worlds,
        mix: None,
        threads,
        waived: [&[], &[]],
        profiles: [None; 2],
        runs_on: false,
    }
}

fn found(worlds: &Worlds) -> Vec<String> {
    let told = |((who, signature), found): (&(Charged, _), &lastack::world::search::Found)| {
        format!("{signature} by {who:?} in {}", found.name)
    };
    worlds.findings.iter().map(told).collect()
}

/// The reference with itself and with the model: every rule and every property holds, and something happened.
#[test]
fn the_reference_and_the_model_break_nothing() {
    for partner in [&Reference::Forking as &dyn Factory, &Model::STANDARD] {
        let (worlds, complete) = search(&worlds([&Reference::Forking, partner], 400, 2), &mut NoProgress);
        assert!(complete);
        assert_eq!(found(&worlds), [""; 0], "with {}", partner.describe().name);
        assert_eq!(worlds.worlds, 400);
        // No vacuous pass: faults struck, and most worlds were asked for everything.
        assert!(worlds.struck > 1000 && worlds.deceived.values().sum::<u64>() < 40);
    }
}

/// Another profile holds for worlds too: whoever closes both ways answers the text that comes then by a RST.
#[test]
fn another_profile_holds_for_worlds() {
    let script =
        "lastack scenario 1\nworld latency 10ms\napp B listen send 5 then never\napp A connect receive 0\n";
    let scenario = script.parse().unwrap_or_else(|why| panic!("{why}"));
    let declared = Model::STANDARD.describe().profile;
    let told = |profile| {
        let stacks = [&Model::STANDARD as &dyn Factory, &Reference::Forking];
        let plan = Search { profiles: [profile, None], ..worlds(stacks, 1, 1) };
        let course = plan.world().run(&scenario).expect("a plain set-up");
        assert!(course.is_clean(), "{course:#?}");
        let of_b = course.lives.iter().find(|life| life.host == HostId::B).expect("it was accepted");
        of_b.told
    };
    assert_eq!(told(None), None);
    assert!(told(Some(declared.with_text("half_duplex=yes").expect("a profile"))).is_some());
}

/// The same seed gives the same worlds and the same findings, whatever the number of threads.
#[test]
fn threads_do_not_matter() {
    let both = [&Smoltcp::Immediate as &dyn Factory, &Smoltcp::Immediate];
    let of = |threads| {
        let (worlds, _) = search(&worlds(both, 150, threads), &mut NoProgress);
        let scenarios: Vec<String> = worlds.findings.values().map(|f| f.scenario.to_string()).collect();
        (found(&worlds), scenarios, worlds.packets)
    };
    let one = of(1);
    assert!(one.0.len() > 3, "smoltcp 0.14.0 breaks several rules: {:?}", one.0);
    assert_eq!(one, of(3));
}

/// A world is its name; it can be written, read and run again.
#[test]
fn a_world_is_its_name() {
    for mix in Mix::ALL {
        let name = RandomWorld { seed: 7, index: 11, mix };
        assert_eq!(RandomWorld::from_name(&name.to_string()), Ok(name));
        let scenario = name.scenario(IpVersion::V6);
        assert!(scenario.world.is_some() && scenario.setup.ip == IpVersion::V6);
        let text = scenario.to_string();
        assert_eq!(text.parse().as_ref(), Ok(&scenario), "{text}");
        assert_eq!(lastack::scenario::Scenario::from_bytes(&scenario.to_bytes()), scenario);
    }
}

/// Who breaks a rule is charged, at whichever host it is, and its partner is not.
#[test]
fn a_fault_is_charged_to_the_end_that_has_it() {
    let script =
        "lastack scenario 1\nworld\napp B listen then never\napp A connect then never\nfault A 1 copies 1\n";
    let scenario = script.parse().unwrap_or_else(|why| panic!("{why}"));
    for (at, stacks) in [
        (HostId::B, [&Reference::Forking as &dyn Factory, &Smoltcp::Immediate]),
        (HostId::A, [&Smoltcp::Immediate, &Reference::Forking]),
    ] {
        let mut world = World::new(stacks[0], stacks[1]);
        let course = world.run(&scenario).expect("a plain set-up");
        if at == HostId::B {
            // The SYN comes twice, and smoltcp is silent.
            let (who, difference) = course.first.expect("a finding");
            assert_eq!((who, difference.signature.rule), (at, "UNACCEPTABLE-SEQ"));
        } else {
            assert!(course.is_clean(), "{course:?}");
        }
    }
}
