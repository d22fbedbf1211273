use core::ops::ControlFlow;
use lastack::campaign::table;
use lastack::campaign::*;
use lastack::driver::Driver;
use lastack::reached::*;
use lastack::subject::IpVersion;
use lastack::subject::registry;
use lastack::suite::run::{Case, cross_in};
use std::time::Instant;
struct W {
    base: f64,
    all: Reached,
    next: u64,
}
impl Watch for W {
    fn round(&mut self, c: &Campaign) -> ControlFlow<()> {
        if c.executions >= self.next {
            self.next = (self.next * 2).max(1000);
            let mean = c.corpus.inputs().map(<[u8]>::len).sum::<usize>() / c.corpus.len().max(1);
            println!(
                "{:>9} {:>7.2}s mean {mean} corpus {:>5} findings {:>3} last new {:?} {}",
                c.executions,
                self.seconds(),
                c.corpus.len(),
                c.findings.len(),
                c.last_new,
                table::reached(c, &self.all)
            );
        }
        ControlFlow::Continue(())
    }
    fn seconds(&self) -> f64 {
        {
            let t = std::fs::read_to_string("/proc/self/stat").unwrap();
            let w: Vec<&str> = t.split(' ').collect();
            (w[13].parse::<f64>().unwrap() + w[14].parse::<f64>().unwrap()) / 100.0 - self.base
        }
    }
}
fn suite() -> Reached {
    let mut all = Reached::new();
    for ip in [IpVersion::V4] {
        let f = registry::named("reference").unwrap();
        let mut driver = Driver::new(f);
        driver.keep_reached();
        let run = cross_in(driver.description(), ip, 0);
        let mut n = 0;
        for case in Case::all(std::env::args().nth(3).is_some()) {
            if case.needs().lacking(&driver.description().capabilities).is_some() {
                continue;
            }
            let (s, _) = case.scenario(&run);
            if driver.run(&s, None).is_ok() {
                n += 1;
                all.add(driver.reached().unwrap());
            }
        }
        println!("{n} scenarios");
    }
    all
}
fn main() {
    let stack = std::env::args().nth(1).unwrap();
    let n: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
    let began = Instant::now();
    let all = if std::path::Path::new("/tmp/wt/suite.idx").exists() {
        let t = std::fs::read_to_string("/tmp/wt/suite.idx").unwrap();
        let mut r = Reached::new();
        for l in t.lines() {
            r.insert(l.parse().unwrap());
        }
        r
    } else {
        let r = suite();
        std::fs::write(
            "/tmp/wt/suite.idx",
            r.indices().iter().map(|i| i.to_string()).collect::<Vec<_>>().join("\n"),
        )
        .unwrap();
        r
    };
    println!(
        "suite {:.2}s: {:?}",
        began.elapsed().as_secs_f64(),
        Section::ALL.map(|s| (s.name(), all.count(s)))
    );
    let f = registry::named(&stack).unwrap();
    let plan = Plan {
        target: Target::Segments,
        stacks: [f, f],
        seed: 0,
        jobs: 1,
        input_max: INPUT_MAX,
        waived: &Waived::default(),
    };
    let mut c = Campaign::default();
    let mut w = W { base: 0.0, all, next: 0 };
    w.base = w.seconds();
    c.run(&plan, n, &mut w);
    println!("{:.0} a second", n as f64 / w.seconds());
    w.next = 0;
    let _ = w.round(&c);
    println!("{:?}", c.inconclusive);
    let b = Bench::new(plan.target, plan.stacks);
    println!("{}", table::findings(&c, &b, &[]));
    for (k, f) in c.findings.iter() {
        println!(
            "--- {} want {} got {}\n{}",
            k.1,
            f.difference.want,
            f.difference.got,
            b.scenario(&f.input).unwrap()
        );
    }
    let mut missing: Vec<String> = w
        .all
        .indices()
        .iter()
        .filter(|i| Section::Cells.holds(**i) && !c.corpus.reached().has(**i))
        .filter_map(|i| Thing::from_index(*i))
        .map(|t| t.to_string())
        .collect();
    missing.sort();
    std::fs::write("/tmp/wt/missing.txt", missing.join("\n")).unwrap();
}
