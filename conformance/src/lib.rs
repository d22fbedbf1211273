//! lastack checks TCP implementations against the transition tables of RFC 9293.
#![forbid(unsafe_code)]

pub mod class;
pub mod driver;
pub mod oracle;
pub mod reach;
pub mod report;
pub mod resolve;
pub mod scenario;
pub mod subject;
pub mod suite;
pub mod table;
pub mod trace;
pub mod verdict;
