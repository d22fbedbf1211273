//! The cell suite on the kernel that runs here, as far as it holds for every kernel. Where there is no namespace or
//! device to be had, the test says so and ends.
#![cfg(all(feature = "linux", target_os = "linux"))]

use lastack::subject::linux::Linux;
use lastack::subject::selfcheck::self_check;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::{NoProgress, Options, run_stack};

/// Every cell of some plain ways is reached, what differs differs again, and what would take minutes is counted
/// and does not pass.
#[test]
fn cells_are_reached_and_differences_repeat() {
    if let Err(why) = Linux.ready() {
        println!("skipped: {why}");
        return;
    }
    let problems = self_check(&Linux);
    assert!(problems.iter().all(|(_, problem)| !problem.is_fatal()), "{problems:?}");
    let ways =
        ["established/passive:", "close-wait/passive:", "time-wait/from-fin-wait-2:", "syn-sent/fresh:"];
    let plain = |name: &str| ways.iter().any(|way| name.starts_with(way)) && !name.contains('~');
    for ip in [IpVersion::V4, IpVersion::V6] {
        let options = Options { filter: Some(&plain), timers: false, ..Options::default() };
        let (report, complete) = run_stack(&Linux, ip, &options, &mut NoProgress);
        assert!(complete && report.cells > 1_000, "{} cells", report.cells);
        assert!(report.counts.pass + report.counts.allowed > report.cells / 3, "{:?}", report.counts);
        assert_eq!(report.counts.inconclusive, 0, "{:?}", report.inconclusive);
        for (signature, finding) in &report.findings {
            let repeats = finding.repeats.expect("the clock is real");
            assert!(repeats.shown > 0 && repeats.runs >= repeats.shown, "{signature}: {repeats:?}");
        }
        let real_time = report.real_time.expect("the clock is real");
        assert!(real_time.left_out.values().sum::<u64>() > report.cells, "{:?}", real_time.left_out);
    }
}
