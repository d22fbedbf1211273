//! Any octets as a script.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::ScenarioText);
