//! One scenario, two stacks.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::Differential);
