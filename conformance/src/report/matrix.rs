//! States and kinds of event on one screen, so that gaps show from across the room.

use core::fmt::Write as _;

use lastack_core::types::State;

use super::{Counts, StackReport};

/// What the signs mean; stands under every matrix.
pub const LEGEND: &str = "`.` as the table says or allows; `n` non-strict; `F` fails; `w` waived; \
                          `u` unsupported; `?` inconclusive; empty: no such cell. The number is that of the cells.";

/// The segment kinds in the order of the RFC's figures; every other kind follows in its own order.
const FIRST: [&str; 8] = ["SYN", "SYN-ACK", "SYN-FIN", "ACK", "FIN", "FIN-ACK", "RST", "RST-ACK"];

/// Eleven columns have to fit beside the kind.
const SHORT: [&str; 11] = [
    "CLOSED", "LISTEN", "SYN-S", "SYN-R", "ESTAB", "FIN-W1", "FIN-W2", "CLO-W", "CLOSNG", "LAST-A", "TIME-W",
];

/// Kinds as rows, in order.
fn kinds(stack: &StackReport) -> Vec<&str> {
    let mut kinds: Vec<&str> = stack.matrix.keys().map(|(_, kind)| kind.as_str()).collect();
    let place = |kind: &str| FIRST.iter().position(|k| *k == kind).unwrap_or(FIRST.len());
    kinds.sort_unstable_by_key(|kind| (place(kind), *kind));
    kinds.dedup();
    kinds
}

/// The worst that the cells came to, with how many did.
fn sign(counts: Option<&Counts>) -> String {
    let Some(c) = counts else { return String::new() };
    let worst = [
        ("F", c.fail),
        ("?", c.inconclusive),
        ("n", c.non_strict),
        ("w", c.waived),
        (".", c.pass + c.allowed),
        ("u", c.unsupported),
    ];
    match worst.into_iter().find(|(_, count)| *count > 0) {
        Some((".", _)) => ".".to_owned(),
        Some((sign, count)) => format!("{sign}{count}"),
        None => String::new(),
    }
}

/// Kinds in order, each with what its cells came to in every state.
pub(super) fn rows(stack: &StackReport) -> impl Iterator<Item = (&str, [String; State::ALL.len()])> {
    let signs = |kind: &str| State::ALL.map(|state| sign(stack.matrix.get(&(state, kind.to_owned()))));
    kinds(stack).into_iter().map(move |kind| (kind, signs(kind)))
}

/// For a terminal: kinds down, states across.
pub fn text(stack: &StackReport) -> String {
    let width = kinds(stack).iter().map(|kind| kind.len()).max().unwrap_or(0).max(8);
    let mut out = format!("{:width$}", "");
    for short in SHORT {
        let _ = write!(out, " {short:>6}");
    }
    out.push('\n');
    for (kind, signs) in rows(stack) {
        let mut line = format!("{kind:width$}");
        for sign in signs {
            let _ = write!(line, " {sign:>6}");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
