//! Any octets as a packet.
#![no_main]

lastack_fuzz::door!(lastack::campaign::Target::Wire);
