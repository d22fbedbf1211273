#![forbid(unsafe_code)]

pub mod class;
pub mod driver;
pub mod oracle;
pub mod report;
pub mod resolve;
pub mod scenario;
pub mod subject;
pub mod table;
pub mod trace;
pub mod verdict;
