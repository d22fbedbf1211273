//! The incarnation stories, and one world for each kind of fault, as ladders: short, and read against the RFC.

use lastack::subject::Factory;
use lastack::subject::reference::Reference;
use lastack::trace::duet::duet;
use lastack::trace::line::Numbers;
use lastack::world::World;

fn ladder(stacks: [&dyn Factory; 2], script: &str) -> String {
    let scenario = format!("lastack scenario 1\n{script}").parse().unwrap_or_else(|why| panic!("{why}"));
    let mut world = World::new(stacks[0], stacks[1]);
    world.record();
    let course = world.run(&scenario).expect("a plain set-up");
    assert!(course.is_clean(), "{course:#?}");
    assert_eq!(course.missed, 0, "a fault that strikes nothing says nothing");
    let trace = world.trace().expect("recorded").without_looking();
    duet(&trace, Numbers::Relative, ["reference", "reference"])
}

fn story(script: &str) -> String {
    ladder([&Reference::Single, &Reference::Single], script)
}

macro_rules! stories {
    ($($name:ident: $script:expr;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(story($script));
        })*
    };
}

stories! {
    fault_drop: "world\napp B listen\napp A connect send 100\nfault A 3 drop\n";
    fault_delay: "world\napp B listen\napp A connect send 2000\nfault A 3 delay 20ms\n";
    fault_behind: "world\napp B listen\napp A connect send 3000\nfault A 3 behind 1\n";
    fault_copies: "world\napp B listen\napp A connect send 100\nfault A 1 copies 1\n";
    fault_flip: "world\napp B listen\napp A connect send 100\nfault A 3 flip 170\n";
    fault_cut: "world\napp B listen\napp A connect send 100\nfault A 3 cut 50\n";
    cause_queue: "world spacing 10ms queue 1\napp B listen\napp A connect send 4000\n";
    cause_mtu: "mtu 576\nworld mtu 576\nB mtu 576\napp B listen\napp A connect send 600\n";
    cause_slow_reader: "world\nB recv_buffer 200\napp B listen receive 100 pause 1s\napp A connect send 400\n";
    cause_nobody_listens: "world\napp A connect\nwait 1s\napp B listen\napp A connect\n";
    cause_full_queue: "world\napp B listen\napp A connect\nB room 0\nwait 2s\nB room any\n";
    syn_again_to_listen: "world\napp B listen\napp A connect then abort\nwait 1s\nfault A 1 again 2s\n";
    syn_again_when_established: "world\napp B listen then never\napp A connect then never\nfault A 1 again 2s\n";
    syn_again_in_time_wait: "world\napp B listen\napp A connect then last\nfault A 1 again 2s\n";
    syn_ack_of_the_old_one: "world\napp B listen then last\napp A connect then abort\nwait 1s\napp B listen\napp A connect\nfault B 1 again 1s\n";
    text_of_the_old_one: "world\napp B listen then last\napp A connect send 5 then abort\nwait 1s\napp B listen then never\napp A connect then never\nfault A 3 again 3s\n";
    fin_of_the_old_one: "world\napp B listen then last\napp A connect\nwait 300s\napp B listen then never\napp A connect then never\nfault A 3 again 110s\n";
    rst_of_the_old_one: "world\napp B listen then last\napp A connect then abort\nwait 1s\napp B listen then never\napp A connect then never\nfault A 3 again 3s\n";
    crash_and_the_next_segment: "world\napp B listen then never\napp A connect then never\nwait 1s\ncrash A\nB call 1 send 5\n";
    crash_and_reopen: "world\napp B listen then last\napp A connect then never\nwait 1s\ncrash A\napp A connect\n";
}
