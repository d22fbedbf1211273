//! What counts where the clock is real: a difference that shows again, and nothing that a busy machine has done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lastack::subject::reference::Reference;
use lastack::subject::{
    Call, Description, Factory, Handle, IpVersion, Outcome, Packets, Polled, Setup, Subject, UserSignal,
};
use lastack::suite::run::{NoProgress, Options, run_stack};
use lastack::verdict::Signature;
use lastack_core::types::{Instant, State, wire};

/// One cell: a RST inside the window, which is owed a challenge ACK.
const CELL: &str = "established/active:RST-ACK@middle/ack-dup:probes";

/// The reference, said to have a real clock, that hears no RST in these of its runs.
struct Busy {
    deaf_in: &'static [usize],
    runs: Arc<AtomicUsize>,
}

impl Factory for Busy {
    fn describe(&self) -> Description {
        let mut description = Reference::Forking.describe();
        description.capabilities.virtual_time = false;
        description
    }

    fn make(&self) -> Box<dyn Subject> {
        let inner = Reference::Forking.make();
        Box::new(Ear { inner, deaf_in: self.deaf_in, runs: Arc::clone(&self.runs), deaf: false })
    }
}

struct Ear {
    inner: Box<dyn Subject>,
    deaf_in: &'static [usize],
    runs: Arc<AtomicUsize>,
    deaf: bool,
}

impl Subject for Ear {
    fn reset(&mut self, setup: &Setup, seed: u64) -> Result<(), String> {
        self.deaf = self.deaf_in.contains(&self.runs.fetch_add(1, Ordering::Relaxed));
        self.inner.reset(setup, seed)
    }

    fn call(&mut self, handle: Handle, call: Call<'_>, received: &mut Vec<u8>) -> Outcome {
        self.inner.call(handle, call, received)
    }

    fn deliver(&mut self, packet: &[u8]) {
        let rst = wire::parse(packet).is_ok_and(|segment| segment.header.flags.rst());
        if !(rst && self.deaf) {
            self.inner.deliver(packet);
        }
    }

    fn poll(&mut self, room: usize, out: &mut Packets) -> Polled {
        self.inner.poll(room, out)
    }

    fn next_timer(&mut self) -> Option<Instant> {
        self.inner.next_timer()
    }

    fn advance(&mut self, to: Instant) -> Instant {
        self.inner.advance(to)
    }

    fn signals(&mut self, handle: Handle, out: &mut Vec<UserSignal>) {
        self.inner.signals(handle, out);
    }

    fn state(&mut self, handle: Handle) -> Option<State> {
        self.inner.state(handle)
    }
}

/// The findings on the cell with how often each showed again, what was listed instead, and how many times it ran.
fn found(deaf_in: &'static [usize]) -> (Vec<(u32, u32)>, Vec<Signature>, usize) {
    let busy = Busy { deaf_in, runs: Arc::default() };
    let only = |name: &str| name == CELL;
    let options = Options { filter: Some(&only), timers: false, ..Options::default() };
    let (report, complete) = run_stack(&busy, IpVersion::V4, &options, &mut NoProgress);
    assert!(complete && report.cells == 1, "{} cells", report.cells);
    let repeats = report.findings.values().map(|finding| finding.repeats.expect("the clock is real"));
    let repeats = repeats.map(|repeats| (repeats.shown, repeats.runs)).collect();
    let listed = report.real_time.expect("the clock is real").unrepeated.into_keys().collect();
    (repeats, listed, busy.runs.load(Ordering::Relaxed))
}

/// One run, three more to see whether it shows again, and one that judges in place of an accident.
#[test]
fn an_accident_accuses_nobody() {
    let (findings, listed, runs) = found(&[0]);
    assert_eq!((findings, listed.len(), runs), (vec![], 1, 5), "{listed:?}");
}

/// Seen twice in five runs is not seen again in half of the tries.
#[test]
fn two_accidents_accuse_nobody() {
    let (findings, listed, runs) = found(&[0, 4]);
    assert_eq!((findings, listed.len(), runs), (vec![], 1, 5), "{listed:?}");
}

/// Two of three tries convince.
#[test]
fn what_comes_and_goes_is_a_finding() {
    let (findings, listed, runs) = found(&[0, 1, 3]);
    assert_eq!((findings, listed, runs), (vec![(2, 3)], vec![], 4));
}

/// One of three does not, and the run that was to judge in its place makes it two of four.
#[test]
fn the_last_run_may_convince() {
    let (findings, listed, runs) = found(&[0, 2, 4]);
    assert_eq!((findings, listed, runs), (vec![(2, 4)], vec![], 5));
}
