//! Plain types that a TCP implementation and its judge can share without sharing an opinion.
//!
//! What is here knows nothing of tables, tests or faults. [`types`] is all that the judge takes from this
//! crate; the reference TCP will stand beside it, not below it.
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[allow(unused_extern_crates)]
extern crate alloc;

pub mod types;
