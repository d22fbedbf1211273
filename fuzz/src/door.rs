//! From libFuzzer's calls to [`Bench::run`] and back.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process;
use std::sync::Mutex;

use lastack::campaign::{self, Bench, Found, Mutator, Target};
use lastack::reached::Reached;
use lastack::report::counts_at;
use lastack::subject::{IpVersion, registry};
use lastack::table::Level;
use lastack::verdict::Signature;

use crate::settings::Settings;
use crate::{counters, tell};

/// One target at work.
struct Door {
    target: Target,
    settings: Settings,
    bench: Bench<'static>,
    reached: Reached,
    /// Told already, where the campaign goes on.
    told: BTreeSet<(Option<usize>, Signature)>,
    artifacts: String,
}

thread_local! {
    // libFuzzer calls from one thread.
    static DOOR: RefCell<Option<Door>> = const { RefCell::new(None) };
}

/// What the last panic said and where it was. A stack's panic is caught and becomes a finding; libfuzzer-sys would
/// end the process at each.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Once, before the first input.
pub fn begin(target: Target) {
    let settings = Settings::read(target).unwrap_or_else(|why| {
        eprintln!("{why}");
        process::exit(2);
    });
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = panic.to_string();
        }
    }));
    let door = Door {
        target,
        bench: Bench::new(target, settings.stacks),
        settings,
        reached: Reached::new(),
        told: BTreeSet::new(),
        artifacts: tell::artifacts(),
    };
    DOOR.set(Some(door));
}

/// One input. A finding that is news ends the process, unless it shall go on.
pub fn run(input: &[u8]) {
    DOOR.with_borrow_mut(|door| {
        if let Some(door) = door {
            door.run(input);
        }
    });
}

/// Changes an input in place: as what it means, or now and then as octets, by libFuzzer with its dictionaries and
/// with what it has seen compared.
pub fn mutate(target: Target, data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let as_octets = match target {
        _ if mutator() == Mutator::Octets => 1,
        Target::Wire | Target::ScenarioText => 2,
        _ => 32,
    };
    if seed.is_multiple_of(as_octets) {
        return libfuzzer_sys::fuzzer_mutate(data, size, max);
    }
    changed(target, &data[..size].to_vec(), None, data, max, seed)
}

/// Makes one input of two.
pub fn cross(target: Target, one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let max = out.len();
    changed(target, one, Some(other), out, max, seed)
}

fn mutator() -> Mutator {
    DOOR.with_borrow(|door| door.as_ref().map_or(Mutator::Meaning, |door| door.settings.mutator))
}

fn changed(
    target: Target,
    input: &[u8],
    other: Option<&[u8]>,
    out: &mut [u8],
    max: usize,
    seed: u32,
) -> usize {
    let mut input = input.to_vec();
    campaign::mutate(target, mutator(), &mut input, other, max, seed.into());
    let len = input.len().min(max).min(out.len());
    out[..len].copy_from_slice(&input[..len]);
    len
}

impl Door {
    fn run(&mut self, input: &[u8]) {
        self.reached.clear();
        let ran = self.bench.run(input, &mut self.reached);
        counters::fold(&self.reached);
        if ran.found.is_empty() {
            return;
        }
        let ip = match input.get(1) {
            Some(octet) if octet % 2 == 1 => IpVersion::V6,
            _ => IpVersion::V4,
        };
        for found in ran.found {
            if self.is_news(&found, ip) {
                self.tell(input, &found);
            }
        }
    }

    /// What makes `lastack check` end with 1; of a stack of ours everything.
    fn is_news(&self, found: &Found, ip: IpVersion) -> bool {
        let d = &found.difference;
        let ours = found.stack.is_none_or(|stack| registry::is_ours(self.settings.stacks[stack]));
        (ours || counts_at(d.verdict, d.level, d.signature.kind, Level::Text))
            && !self.told.contains(&(found.stack, d.signature))
            && !self.settings.is_known(found.stack, ip, &d.signature)
    }

    fn tell(&mut self, input: &[u8], found: &Found) {
        let scenario = self.bench.scenario(input);
        let panic = LAST_PANIC.lock().map(|last| last.clone()).unwrap_or_default();
        let stacks = self.settings.stacks;
        eprintln!("{}", tell::words(self.target, stacks, found, scenario.as_ref(), &panic));
        if let Some(scenario) = &scenario {
            eprintln!("{}", tell::write(self.target, stacks, found, scenario, &self.artifacts));
        }
        if !self.settings.goes_on {
            process::abort();
        }
        self.told.insert((found.stack, found.difference.signature));
    }
}
