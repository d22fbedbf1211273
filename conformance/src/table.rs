//! The transition table of RFC 9293: plain data, one row a rule.
//!
//! What flows: an event ([`Event`]), a [`crate::class::Class`] where it is a segment, and a
//! [`Switches`] choice go into [`walk::walk`], which tries the rows of the state in the RFC's order of
//! steps and gives back the rules that fired. What a rule does stands in the row as enums ([`Reply`],
//! [`Effect`], [`Signal`], [`Next`]), what an RFC allows besides as [`Licence`]s. Nothing here executes a
//! row on a connection; that is the oracle's (and later the model's) part.

mod index;
mod licence_names;
mod names;
pub mod print;
pub mod profile;
pub mod requirements;
pub mod rules;
pub mod types;
pub mod walk;

pub use profile::{Choice, Profile, Protection, Switches, TimeWaitRst};
pub use requirements::{Cited, Requirement, cited, requirement, requirements};
pub use rules::remarks::{Remark, remarks};
pub use rules::{RULES, RuleId, by_name, find, rule};
pub use types::*;
pub use walk::{Facts, Walk, call_rule, event_rule, event_rule_edited, walk, walk_edited};
