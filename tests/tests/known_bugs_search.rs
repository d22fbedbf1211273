//! How soon random histories find the bugs that published versions of smoltcp had: so many histories, and the script
//! that is left of the first one when it is shrunk. The version that mended the bug does not show it.
//!
//! `cargo test --release -p lastack-tests --features smoltcp-old --test known_bugs_search -- --nocapture`
//! prints the seconds, too.
#![cfg(feature = "smoltcp-old")]

use core::fmt::Write as _;
use std::time::Instant;

use lastack::driver::Driver;
use lastack::scenario::Scenario;
use lastack::subject::{Factory, IpVersion, registry};
use lastack::suite::random::RandomHistory;
use lastack::suite::random::shrink::shrink;
use lastack::suite::run::cross_in;
use lastack_core::types::State;

/// Far more than any of them needs.
const HISTORIES_MAX: u64 = 100_000;

/// A bug, the last version that has it and the first here that has not, and what shows it.
struct Bug {
    what: &'static str,
    bad: &'static str,
    good: &'static str,
    signature: &'static str,
    /// Where another bug has the same signature.
    state: Option<State>,
    /// What its script has in any case.
    with: &'static str,
}

#[rustfmt::skip]
const BUGS: &[Bug] = &[
    Bug { what: "a full reassembler refuses the next octet", bad: "0.8.2", good: "0.9.1", signature: "TEXT-IN-ORDER:rcv-nxt:ACK:duplicate", state: None, with: "" },
    Bug { what: "a segment partly left of the window is refused", bad: "0.9.1", good: "0.10.0", signature: "NEW-PART-TAKEN:rcv-nxt:ACK:duplicate", state: None, with: "" },
    Bug { what: "a FIN is ignored on a segment partly left of the window", bad: "0.11.0", good: "0.12.0", signature: "FIN-IN-ORDER:wrong-state:FIN:new", state: None, with: "" },
    Bug { what: "there is no simultaneous open", bad: "0.11.0", good: "0.12.0", signature: "SYN-SENT-SYN:wrong-state:SYN:no-ack", state: None, with: "" },
    Bug { what: "the peer's FIN clears the retransmission timer", bad: "0.12.0", good: "0.13.1", signature: "OWES-RETRANSMISSION:obligation:time:no-ack", state: Some(State::CloseWait), with: "" },
    Bug { what: "a FIN lost in CLOSING is never sent again", bad: "0.12.0", good: "0.13.1", signature: "OWES-RETRANSMISSION:obligation:time:no-ack", state: Some(State::Closing), with: "" },
    Bug { what: "a closed window is not probed", bad: "0.12.0", good: "0.13.1", signature: "OWES-PROBE:obligation:time:no-ack", state: None, with: "" },
    Bug { what: "a RST left of the window is answered by an ACK", bad: "0.13.1", good: "smoltcp", signature: "RST-OUTSIDE-WINDOW:superfluous:RST:no-ack", state: None, with: "" },
];

fn stack(version: &str) -> &'static dyn Factory {
    let name = if version == "smoltcp" { version.to_owned() } else { format!("smoltcp-{version}") };
    registry::named(&name).expect("a version of the benchmark")
}

impl Bug {
    fn shows(&self, driver: &mut Driver<'_>, scenario: &Scenario) -> bool {
        let Ok(summary) = driver.run(scenario, None) else { return false };
        let mut all = summary.finding.iter().chain(&summary.conceded);
        all.any(|d| {
            d.signature.to_string() == self.signature && self.state.is_none_or(|state| state == d.state)
        })
    }

    /// How many histories it took, and what is left of the last of them.
    fn search(&self) -> (u64, Scenario) {
        let (mut bad, mut good) = (Driver::new(stack(self.bad)), Driver::new(stack(self.good)));
        let run = cross_in(bad.description(), IpVersion::V4, 0);
        for index in 0..HISTORIES_MAX {
            let name = format!("random:0:{index}");
            let scenario = RandomHistory::from_name(&name).expect("a name of ours").scenario(&run);
            // The same signature may stand for something that is not mended yet.
            let mut tells = |scenario: &Scenario| {
                scenario.to_string().contains(self.with)
                    && self.shows(&mut bad, scenario)
                    && !self.shows(&mut good, scenario)
            };
            if tells(&scenario) {
                return (index + 1, shrink(scenario, tells));
            }
        }
        panic!("{}: not found in {HISTORIES_MAX} histories", self.what);
    }
}

#[test]
fn random_histories_find_every_mended_bug() {
    let mut out = String::new();
    for bug in BUGS {
        let began = Instant::now();
        let (histories, scenario) = bug.search();
        println!(
            "{}: {histories} histories, {:.1} s with shrinking",
            bug.what,
            began.elapsed().as_secs_f64()
        );
        let events = scenario.events.len();
        let good = if bug.good == "smoltcp" { "0.14.0" } else { bug.good };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}: {} in {}, gone in {good}", bug.what, bug.signature, bug.bad);
        let _ = writeln!(out, "  {histories} histories, {events} events");
        if events <= 12 {
            scenario.to_string().lines().skip(1).for_each(|line| out.push_str(&format!("    {line}\n")));
        }
    }
    insta::assert_snapshot!(out);
}
