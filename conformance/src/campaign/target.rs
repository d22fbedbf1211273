//! What is fuzzed.

/// A function that takes any bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    /// Bytes as a packet: parse, emit, parse; against etherparse where that is at hand.
    Wire,
    /// One stack, any scenario.
    Segments,
    /// Two stacks, applications, faults.
    Worlds,
    /// The same pair of sockets again and again, with what earlier connections left on the way.
    Incarnations,
    /// One scenario on two stacks.
    Differential,
    /// Text as a scenario.
    ScenarioText,
}

impl Target {
    /// All of them.
    pub const ALL: [Target; 6] = [
        Target::Wire,
        Target::Segments,
        Target::Worlds,
        Target::Incarnations,
        Target::Differential,
        Target::ScenarioText,
    ];

    /// On the command line, and the name of the fuzz target.
    pub const fn name(self) -> &'static str {
        match self {
            Target::Wire => "wire",
            Target::Segments => "segments",
            Target::Worlds => "worlds",
            Target::Incarnations => "incarnations",
            Target::Differential => "differential",
            Target::ScenarioText => "scenario_text",
        }
    }

    /// The target with this name.
    pub fn from_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }
}
