//! `scenario_text`: any octets as a script in words, and as a script in bytes. What can be read is written and read
//! again, and is the same.

use super::own;
use crate::campaign::Ran;
use crate::reached::Reached;
use crate::scenario::Scenario;
use crate::scenario::bytes::MAX_EVENTS;
use crate::scenario::parse::parse;

/// The script, if the octets are one in words.
pub fn scenario(input: &[u8]) -> Option<Scenario> {
    parse(&String::from_utf8_lossy(input)).ok()
}

pub fn run(input: &[u8], reached: &mut Reached) -> Ran {
    let mut ran = Ran { events: 1, ..Ran::default() };
    let parsed = parse(&String::from_utf8_lossy(input));
    match &parsed {
        Ok(scenario) => said(scenario, reached),
        Err(error) => reached.say(&format!("{:?}", error.expected)),
    }
    let from_text = parsed.ok();
    let from_bytes = Scenario::from_bytes(input);
    for scenario in from_text.iter().chain([&from_bytes]) {
        ran.events = ran.events.max(scenario.events.len());
        if let Err(why) = in_words(scenario) {
            ran.found.push(own("TEXT-READS-AGAIN", "what was written", why));
        }
        let again = Scenario::from_bytes(&scenario.to_bytes());
        if again != *scenario && scenario.events.len() <= MAX_EVENTS {
            ran.found.push(own("BYTES-READ-AGAIN", "what was written", differing(scenario, &again)));
        }
    }
    ran
}

/// Each line's words, the numbers in them left out.
fn said(scenario: &Scenario, reached: &mut Reached) {
    scenario.to_string().lines().for_each(|line| reached.say(line));
}

fn in_words(scenario: &Scenario) -> Result<(), String> {
    let text = scenario.to_string();
    let again = parse(&text).map_err(|error| error.to_string())?;
    if again == *scenario { Ok(()) } else { Err(differing(scenario, &again)) }
}

/// The first line in which two scripts differ.
fn differing(one: &Scenario, other: &Scenario) -> String {
    let (one, other) = (one.to_string(), other.to_string());
    let pair = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    pair.map_or("more or fewer lines".to_owned(), |(a, b)| format!("{a:?} is {b:?}"))
}
