//! `explain`, `table`, `cover`, `stacks`: what there is to know without running anything.

use core::fmt::Write as _;

use super::args::{Explain, Table, TableFormat};
use super::exit::{self, Failure};
use super::{Session, console};
use crate::property::PROPERTIES;
use crate::report::{cover, explain, waivers};
use crate::subject::{Capabilities, ListenerKind};
use crate::table::print;

impl Session<'_> {
    pub(super) fn explain(&self, explain: &Explain) -> Result<u8, Failure> {
        let waivers = waivers::embedded().map_err(Failure::Own)?;
        let rule = explain.rule.to_ascii_uppercase();
        if let Some(info) = PROPERTIES.iter().find(|info| info.name == rule) {
            let (name, level, cite, meaning) = (info.name, info.level, info.cite, info.meaning);
            let text = format!("{name}: a property of two stacks in a world ({level})\n");
            console::print(&format!("{text}  broken where {meaning}\n  source  {cite}\n"))?;
            return Ok(exit::FINE);
        }
        let known: Vec<String> = waivers.entries().filter(|e| e.names(&rule)).map(|e| e.line()).collect();
        match explain::explain(&explain.rule, &known) {
            Ok(text) => {
                console::print(&text)?;
                Ok(exit::FINE)
            }
            Err(error) => Err(Failure::Usage(error)),
        }
    }

    pub(super) fn table(&self, table: &Table) -> Result<u8, Failure> {
        let text = match table.format {
            TableFormat::Markdown => print::markdown(),
            TableFormat::Dot => print::dot(),
            TableFormat::Json => print::json(),
        };
        console::print(&text)?;
        Ok(exit::FINE)
    }

    pub(super) fn cover(&self) -> Result<u8, Failure> {
        let coverage = cover::coverage();
        let mut out = cover::render(&coverage);
        let waivers = waivers::embedded().map_err(Failure::Own)?;
        let entries = waivers.entries().count();
        out.push_str("\nWhat is waived for an embedded stack\n");
        if entries == 0 {
            out.push_str("  nothing\n");
        }
        for entry in waivers.entries() {
            cover::field(&mut out, 2, &entry.line());
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n{}; {entries} waivers", cover::summary(&coverage));
        console::print(&out)?;
        Ok(exit::FINE)
    }

    pub(super) fn list_stacks(&self) -> Result<u8, Failure> {
        console::print(&self.stacks_in_words())?;
        Ok(exit::FINE)
    }

    /// Every stack, what it declares and what it can do.
    pub(super) fn stacks_in_words(&self) -> String {
        let mut out = String::new();
        let embedded = self.stacks.iter().map(|stack| (stack, ""));
        let named = self.only_named.iter().map(|stack| (stack, ", checked when it is named"));
        for (stack, note) in embedded.chain(named) {
            let described = stack.describe();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{} {}{note}", described.name, described.version);
            let profile = described.profile.to_string();
            let profile = if profile.is_empty() { "nothing declared" } else { &profile };
            cover::field(&mut out, 2, &format!("declares {profile}"));
            cover::field(&mut out, 2, &format!("can {}", abilities(&described.capabilities).join(", ")));
        }
        out
    }
}

fn abilities(can: &Capabilities) -> Vec<String> {
    let listener = match can.listener {
        ListenerKind::BecomesConnection => "a listener becomes its connection".to_owned(),
        ListenerKind::Forks { backlog } => format!("a listener keeps up to {backlog} connections"),
    };
    let named = [
        (can.ipv4, "IPv4"),
        (can.ipv6, "IPv6"),
        (can.many, "many connections"),
        (can.iss, "chosen ISS"),
        (can.exact_recv_buffer, "exact receive buffer"),
        (can.zero_recv_buffer, "receive buffer of 0"),
        (can.reads_when_full, "reads while its transmit queue is full"),
        (can.half_close, "half-close"),
        (can.user_timeout, "user timeout"),
        (can.keep_alive, "keep-alive"),
        (can.virtual_time, "virtual time"),
        (can.names_errors, "named errors"),
    ];
    let named = named.into_iter().filter(|(can, _)| *can).map(|(_, name)| name.to_owned());
    named.chain([listener]).collect()
}
