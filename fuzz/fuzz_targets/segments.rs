//! One stack, any scenario.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::Segments);
