//! The adapter of smoltcp, and the self-check that every adapter passes first.

mod broken;
mod desk;
#[cfg(feature = "smoltcp-old")]
mod old;
mod selfcheck;
mod smoltcp;
