use super::World;
use crate::model::Model;
use crate::scenario::Scenario;
use crate::subject::reference::Reference;

#[test]
fn two_references_carry_a_stream_over_a_lossy_link() {
    let script = "lastack scenario 1\nworld latency 10ms\n\
        app B listen send 700\napp A connect send 1500\nfault A 3 drop\nfault B 2 drop\nfault A 5 again 3s\n";
    let scenario: Scenario = script.parse().unwrap_or_else(|e| panic!("{e}"));
    for other in [&Reference::Forking as &dyn crate::subject::Factory, &Model::STANDARD] {
        let mut world = World::new(&Reference::Forking, other);
        let course = world.run(&scenario).expect("a plain set-up");
        assert!(course.is_clean(), "{course:#?}");
        assert_eq!(course.struck, 3);
        assert_eq!(course.lives.iter().map(|l| l.read).collect::<Vec<_>>(), [700, 1500]);
    }
}
