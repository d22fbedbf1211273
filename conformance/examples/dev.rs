use lastack::driver::Driver;
use lastack::subject::IpVersion;
use lastack::subject::registry;
use lastack::trace::{Direction, Happening};
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let a1 = std::env::args().nth(1).unwrap();
    let f = registry::named(&std::env::var("STK").unwrap_or("smoltcp".into())).unwrap();
    if a1 == "check" {
        let t = std::time::Instant::now();
        let pat = std::env::args().nth(2).unwrap_or_default();
        let hist = std::env::args().nth(3).is_some();
        let all = pat.is_empty();
        let flt = move |n: &str| n.contains(&pat);
        let (r, _) = lastack::suite::run::run_stack(
            f,
            if std::env::var_os("V6").is_some() { IpVersion::V6 } else { IpVersion::V4 },
            &lastack::suite::run::Options {
                filter: if all { None } else { Some(&flt) },
                histories: hist,
                ..Default::default()
            },
            &mut lastack::suite::run::NoProgress,
        );
        for (s, f) in &r.findings {
            println!(
                "{} {} {} n={} {:?}\n    cell {}\n    want {}\n    got  {}",
                f.verdict, f.level, s, f.count, f.states, f.cell, f.example.want, f.example.got
            );
        }
        println!("{:#?}", r.seen);
        println!(
            "cells {} scenarios {} counts {:?} findings {}",
            r.cells,
            r.scenarios,
            r.counts,
            r.findings.len()
        );
        for (k, v) in r.inconclusive.iter().take(60) {
            println!("inconclusive {v} {k}");
        }
        println!("{:?}", t.elapsed());
        return;
    }
    if a1 == "lost" {
        let mut d = Driver::new(f);
        let x = lastack::suite::run::cross_in(
            &f.describe(),
            if std::env::var_os("V6").is_some() { IpVersion::V6 } else { IpVersion::V4 },
            0,
        );
        for c in lastack::suite::run::Case::all(std::env::args().nth(2).is_some()) {
            let (s, _) = c.scenario(&x);
            if let Ok(r) = d.run(&s, None)
                && r.inconclusive.is_some()
            {
                println!("{c}");
            }
        }
        return;
    }
    if a1 == "sig" {
        let pat = std::env::args().nth(2).unwrap();
        let mut d = Driver::new(f);
        let x = lastack::suite::run::cross_in(
            &f.describe(),
            if std::env::var_os("V6").is_some() { IpVersion::V6 } else { IpVersion::V4 },
            0,
        );
        let mut n = 0;
        for c in lastack::suite::run::Case::all(false) {
            let (s, _) = c.scenario(&x);
            if let Ok(r) = d.run(&s, None)
                && r.finding.iter().chain(&r.conceded).any(|q| q.signature.to_string().contains(&pat))
            {
                n += 1;
                if n % 7 == 1 && n < 400 {
                    println!("{c}");
                }
            }
        }
        return;
    }
    let scenario = if a1.contains(':') {
        let c = lastack::suite::run::Case::from_name(&a1).unwrap();
        let x = lastack::suite::run::cross_in(
            &f.describe(),
            if std::env::var_os("V6").is_some() { IpVersion::V6 } else { IpVersion::V4 },
            0,
        );
        c.scenario(&x).0
    } else {
        lastack::scenario::parse::parse(&std::fs::read_to_string(a1).unwrap()).unwrap()
    };
    let mut d = Driver::new(f);
    d.record();
    let s = d.run(&scenario, None);
    let mut ev = usize::MAX;
    for e in d.trace().unwrap().entries() {
        if e.event != ev {
            ev = e.event;
            if let Some(x) = scenario.events.get(ev) {
                println!("--- {ev}: {x}");
            }
        }
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
}
