//! Campaigns: the engine that is built in, its folder, and the cells that it is measured by.

mod engine;
mod folder;
