#![forbid(unsafe_code)]

pub mod class;
pub mod scenario;
pub mod subject;
pub mod table;
