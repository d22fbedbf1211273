//! The table for programs: every column of every row.

use serde_json::{Value, json as value};

use super::{ack_names, seq_names};
use crate::table::rules::{RULES, is_executed};
use crate::table::types::*;

/// Every row with every column. `{"schema": "lastack-table", "version": 1, "rules": [..]}`.
pub fn json() -> String {
    let rules: Vec<Value> = RULES.iter().map(rule).collect();
    let table = value!({ "schema": "lastack-table", "version": 1, "rules": rules });
    format!("{table:#}")
}

fn rule(row: &Rule) -> Value {
    let segment = row.event == Event::Segment;
    value!({
        "name": row.name,
        "states": states(row.states),
        "event": row.event.to_string(),
        "profile": row.switch.name(),
        "executed": is_executed(row),
        "segment": if segment { pattern(row) } else { Value::Null },
        "guard": row.guard.name(),
        "reply": row.reply.name(),
        "sends": row.reply.expression(),
        "effects": row.effects.iter().map(|e| e.name()).collect::<Vec<_>>(),
        "signal": row.signal.name(),
        "next": row.next.to_string(),
        "flow": if row.flow == Flow::Stop { "stop" } else { "continue" },
        "level": row.level.name(),
        "licences": row.licences.iter().map(|l| licence(l, row.states)).collect::<Vec<_>>(),
        "cite": row.cite,
    })
}

fn pattern(row: &Rule) -> Value {
    value!({
        "step": row.step,
        "syn": bit(row.flags.syn),
        "ack_bit": bit(row.flags.ack),
        "rst": bit(row.flags.rst),
        "fin": bit(row.flags.fin),
        "seq": seq_names(row.seq),
        "ack": ack_names(row.ack),
        "text": bit(row.text),
        "zero_window": bit(row.zero_window),
    })
}

fn licence(licence: &Licence, of: States) -> Value {
    value!({
        "name": licence.kind.name(),
        "states": states(States(licence.states.0 & of.0)),
        "cite": licence.cite,
        "condition": licence.condition,
        "allows": licence.kind.allows(),
    })
}

fn states(set: States) -> Vec<&'static str> {
    set.iter().map(|state| state.name()).collect()
}

/// `null` is "either".
fn bit(bit: Bit) -> Value {
    match bit {
        Bit::Any => Value::Null,
        Bit::On => Value::Bool(true),
        Bit::Off => Value::Bool(false),
    }
}
