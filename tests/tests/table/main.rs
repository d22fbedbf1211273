//! The transition table, held against what was written down apart from it, and against itself.

mod citations;
mod coverage;
mod events;
mod outcomes;
mod print;
mod rows;
mod segments;
