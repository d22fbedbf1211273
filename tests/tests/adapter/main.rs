//! The adapter of smoltcp, and the self-check that every adapter passes first.

mod broken;
mod desk;
mod selfcheck;
mod smoltcp;
