#![forbid(unsafe_code)]

pub mod class;
#[cfg(feature = "cli")]
pub mod cli;
pub mod oracle;
pub mod report;
pub mod scenario;
pub mod subject;
pub mod table;
pub mod trace;
pub mod verdict;
