//! Packets that no stack would send: changed ones, and octets by chance.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::values::{any_segment, packet};

/// Any segment's packet after a few changes.
pub fn changed_packet() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec(change(), 1..5);
    (any_segment(), changes).prop_map(|((header, text, ..), changes)| {
        let mut packet = packet(header, &text);
        for change in &changes {
            apply(&mut packet, change);
        }
        packet
    })
}

/// Octets by chance. Often the version is 4 or 6, the IP length is right and the protocol is TCP, in one
/// piece: otherwise nearly all would end at the same door.
pub fn chance_packet() -> impl Strategy<Value = Vec<u8>> {
    let version = prop_oneof![Just(0x45u8), Just(0x60), any::<u8>()];
    let octets = prop::collection::vec(any::<u8>(), 0..120);
    (version, octets, any::<bool>()).prop_map(|(version, mut packet, plain)| {
        if let Some(first) = packet.first_mut() {
            *first = version;
        }
        true_length(&mut packet);
        match packet.as_mut_slice() {
            [0x60, _, _, _, _, _, next, ..] if plain => *next = 6,
            [_, _, _, _, _, _, fragment, low, _, protocol, ..] if plain => {
                (*fragment, *low, *protocol) = (0x40, 0, 6);
            }
            _ => {}
        }
        packet
    })
}

/// One change of a packet.
#[derive(Clone, Debug)]
enum Change {
    /// This octet among the first `within`.
    Octet { at: Index, within: usize, value: u8 },
    /// One bit turned over.
    Bit { at: Index, bit: u8 },
    /// Cut off behind so many octets.
    Cut(Index),
    /// Octets behind the end.
    Tail(Vec<u8>),
    /// The IP length field says what the packet has.
    TrueLength,
}

fn change() -> impl Strategy<Value = Change> {
    let octet = (any::<Index>(), prop_oneof![Just(10), Just(60)], any::<u8>());
    prop_oneof![
        3 => octet.prop_map(|(at, within, value)| Change::Octet { at, within, value }),
        3 => (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Change::Bit { at, bit }),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => prop::collection::vec(any::<u8>(), 1..30).prop_map(Change::Tail),
        3 => Just(Change::TrueLength),
    ]
}

fn apply(packet: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Octet { at, within, value } if !packet.is_empty() => {
            let within = packet.len().min(*within);
            packet[at.index(within)] = *value;
        }
        Change::Bit { at, bit } if !packet.is_empty() => {
            let at = at.index(packet.len());
            packet[at] ^= 1 << bit;
        }
        Change::Cut(at) => packet.truncate(at.index(packet.len() + 1)),
        Change::Tail(octets) => packet.extend_from_slice(octets),
        Change::TrueLength => true_length(packet),
        Change::Octet { .. } | Change::Bit { .. } => {}
    }
}

/// Makes the IP length field right where there is one.
fn true_length(packet: &mut [u8]) {
    let (place, less) = if packet.first().is_some_and(|o| o >> 4 == 6) { (4, 40) } else { (2, 0) };
    let len = packet.len().saturating_sub(less) as u16;
    if let Some(field) = packet.get_mut(place..place + 2) {
        field.copy_from_slice(&len.to_be_bytes());
    }
}
