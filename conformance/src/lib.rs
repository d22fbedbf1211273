#![forbid(unsafe_code)]

pub mod class;
pub mod ledger;
pub mod monitor;
pub mod report;
pub mod scenario;
pub mod subject;
pub mod table;
pub mod trace;
pub mod verdict;
