//! The host that is attacked: the reference, and packets for it.

use lastack_core::config::{Address, Listening};
use lastack_core::types::wire::{emit, parse};
use lastack_core::types::{Endpoint, Flags, Header, Segment, SeqNum};
use lastack_core::{Config, Host};

/// Where it listens.
pub fn service() -> Endpoint {
    Endpoint { addr: [192, 0, 2, 1].into(), port: 80 }
}

/// Its configuration, with these queues.
pub fn config(secret: u64, syn_queue: u16, accept_queue: u16) -> Config {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&secret.to_le_bytes());
    let mut config = Config::new(vec![Address { addr: service().addr, prefix_len: 24 }], key);
    config.listening = Listening::Forks { syn_queue, accept_queue };
    config.window_scale = false;
    config
}

/// A segment for it.
pub fn send(host: &mut Host, from: Endpoint, flags: Flags, seq: SeqNum, ack: SeqNum, text: &[u8]) {
    let mut header = Header::new(from, service(), flags, seq, ack);
    header.window = u16::MAX;
    let mut packet = Vec::with_capacity(64);
    // Both ends have one IP version and the text is short.
    if emit(&Segment { header, text }, &mut packet).is_ok() {
        host.arrives(&packet);
    }
}

/// The headers of what it sends now.
pub fn sent(host: &mut Host) -> Vec<Header> {
    let mut all = Vec::new();
    let mut packet = Vec::with_capacity(64);
    while host.transmit(&mut packet) {
        if let Ok(segment) = parse(&packet) {
            all.push(segment.header);
        }
        packet.clear();
    }
    all
}
