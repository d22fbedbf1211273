//! Two stacks, users, and a link with faults.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::Worlds);
