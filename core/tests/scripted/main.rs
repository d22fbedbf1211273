//! The reference against RFC 9293, one script at a time: what arrives, what leaves, what the user is told, and when.
//!
//! Each test says which section wants it; what it expects was read there, not taken from a run. [`rig`] explains the
//! notation. Suites that judge the reference as any other stack stand in `tests/`.

mod acknowledgment;
mod calls;
mod demultiplexing;
mod handshake;
mod reopening;
mod resets;
mod rig;
mod sending;
mod sequence;
mod syn_options;
mod timers;
