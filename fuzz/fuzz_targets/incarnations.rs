//! One pair of sockets again and again, with what earlier connections left on the way.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::Incarnations);
