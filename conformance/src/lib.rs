//! lastack checks TCP implementations against the transition tables of RFC 9293.
#![forbid(unsafe_code)]

pub mod campaign;
pub mod class;
#[cfg(feature = "cli")]
pub mod cli;
pub mod driver;
pub mod ledger;
pub mod lesson;
pub mod link;
pub mod model;
pub mod monitor;
pub mod mutant;
pub mod oracle;
pub mod property;
pub mod reach;
pub mod reached;
pub mod report;
pub mod resolve;
pub mod scenario;
pub mod small;
pub mod subject;
pub mod suite;
pub mod table;
pub mod trace;
pub mod verdict;
pub mod world;
