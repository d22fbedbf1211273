#![forbid(unsafe_code)]

pub mod class;
pub mod reach;
pub mod scenario;
pub mod subject;
pub mod suite;
pub mod table;
