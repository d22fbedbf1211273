<<<<<<< HEAD
//! The command, on the stacks that come with it.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    lastack::cli::main(&lastack::subject::registry::embedded())
=======
use lastack::driver::Driver;
use lastack::subject::registry;
use lastack::trace::{Direction, Happening};
fn main() {
    let file = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let scenario = lastack::scenario::parse::parse(&text).unwrap();
    let f = registry::named("smoltcp").unwrap();
    let mut d = Driver::new(f);
    d.record();
    let s = d.run(&scenario, None);
    for e in d.trace().unwrap().entries() {
        match e.what {
            Happening::Packet { direction, .. } => {
                let p = d.trace().unwrap().packet(e);
                let arrow = if direction == Direction::ToStack { "<" } else { "    >" };
                match lastack_core::types::wire::parse(p) {
                    Ok(s) => println!("{} {arrow} {s} win {} [{}]", e.at, s.header.window, e.note),
                    Err(x) => println!("{} {arrow} {x:?}", e.at),
                }
            }
            ref w => println!("{} {:?} [{}]", e.at, w, e.note),
        }
    }
    println!("{s:#?}");
>>>>>>> part-f
}
