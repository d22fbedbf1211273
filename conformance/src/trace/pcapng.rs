//! A trace as a capture file that Wireshark and tcpdump read: pcapng, raw IP packets, the virtual clock
//! in microseconds, each packet's note as its comment.
//!
//! Blocks and options as in draft-ietf-opsawg-pcapng, sections 4.1 to 4.3, in little-endian order on
//! every machine, so that one trace is one sequence of octets.

use lastack_core::types::Instant;

use super::line::happening;
use super::{Direction, Happening, Trace};
use crate::scenario::HostId;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// LINKTYPE_RAW: a packet begins with its IPv4 or IPv6 header.
const LINKTYPE_RAW: u16 = 101;

const OPT_END: u16 = 0;
const OPT_COMMENT: u16 = 1;
const SHB_USERAPPL: u16 = 4;
const IF_NAME: u16 = 2;
const EPB_FLAGS: u16 = 2;
/// EPB_FLAGS: the stack received it, or sent it.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// The whole capture. Calls, signals and states have no packet of their own: they stand in the comment
/// of the next packet, those after the last one in its own.
pub fn capture(trace: &Trace, stack: &str) -> Vec<u8> {
    let mut out = Vec::new();
    section_header(&mut out);
    interface(&mut out, stack);
    let comments = comments(trace);
    let packets = trace.entries().iter().filter_map(|entry| match entry.what {
        Happening::Packet { direction, .. } => Some((entry, direction)),
        _ => None,
    });
    for ((entry, direction), comment) in packets.zip(comments) {
        packet(&mut out, 0, entry.at, direction, trace.packet(entry), &comment);
    }
    out
}

/// The capture of a world: an interface a host, which shows what that host sent and got. What the link lost is
/// at one of them alone. Addresses are host A's view, in which B is its peer.
pub fn capture_world(trace: &Trace, names: [&str; 2]) -> Vec<u8> {
    let mut out = Vec::new();
    section_header(&mut out);
    for (name, host) in names.iter().zip(HostId::BOTH) {
        interface(&mut out, &format!("{host}: {name}"));
    }
    let comments = comments(trace);
    let packets = trace.entries().iter().filter_map(|entry| match entry.what {
        Happening::Packet { direction, .. } => Some((entry, direction)),
        _ => None,
    });
    for ((entry, direction), comment) in packets.zip(comments) {
        let mut octets = trace.packet(entry).to_vec();
        if entry.host == HostId::B {
            swap_addresses(&mut octets);
        }
        packet(&mut out, entry.host as u32, entry.at, direction, &octets, &comment);
    }
    out
}

/// Source and destination of an IP packet change places; its checksums do not mind.
fn swap_addresses(packet: &mut [u8]) {
    let (at, len) = match packet.first() {
        Some(first) if first >> 4 == 4 => (12, 4),
        _ => (8, 16),
    };
    if let Some(both) = packet.get_mut(at..at + 2 * len) {
        both.rotate_left(len);
    }
}

/// One comment a packet.
fn comments(trace: &Trace) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut pending: Vec<String> = Vec::new();
    for entry in trace.entries() {
        let is_packet = matches!(entry.what, Happening::Packet { .. });
        if !is_packet {
            pending.push(happening(&entry.what));
        }
        if !entry.note.is_empty() {
            pending.push(entry.note.clone());
        }
        if is_packet {
            out.push(std::mem::take(&mut pending).join("; "));
        }
    }
    if let Some(last) = out.last_mut()
        && !pending.is_empty()
    {
        pending.insert(0, std::mem::take(last));
        pending.retain(|part| !part.is_empty());
        *last = pending.join("; ");
    }
    out
}

fn section_header(out: &mut Vec<u8>) {
    block(out, SECTION_HEADER, |body| {
        body.extend(BYTE_ORDER_MAGIC.to_le_bytes());
        body.extend(1u16.to_le_bytes()); // version 1.0
        body.extend(0u16.to_le_bytes());
        body.extend(u64::MAX.to_le_bytes()); // section length: not said
        option(body, SHB_USERAPPL, concat!("lastack ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(body, OPT_END, &[]);
    });
}

fn interface(out: &mut Vec<u8>, stack: &str) {
    block(out, INTERFACE, |body| {
        body.extend(LINKTYPE_RAW.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        body.extend(0u32.to_le_bytes()); // no limit on a packet's length
        // No if_tsresol: the default is microseconds.
        option(body, IF_NAME, stack.as_bytes());
        option(body, OPT_END, &[]);
    });
}

fn packet(
    out: &mut Vec<u8>,
    interface: u32,
    at: Instant,
    direction: Direction,
    octets: &[u8],
    comment: &str,
) {
    block(out, ENHANCED_PACKET, |body| {
        let micros = at.micros();
        body.extend(interface.to_le_bytes());
        body.extend(((micros >> 32) as u32).to_le_bytes());
        body.extend((micros as u32).to_le_bytes());
        body.extend((octets.len() as u32).to_le_bytes()); // captured
        body.extend((octets.len() as u32).to_le_bytes()); // on the wire
        body.extend(octets);
        pad(body);
        if !comment.is_empty() {
            option(body, OPT_COMMENT, comment.as_bytes());
        }
        let flags = match direction {
            Direction::ToStack => INBOUND,
            Direction::FromStack => OUTBOUND,
        };
        option(body, EPB_FLAGS, &flags.to_le_bytes());
        option(body, OPT_END, &[]);
    });
}

/// Type, length, body, length again; `body` leaves a multiple of four octets.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::new();
    body(&mut inner);
    let len = (inner.len() as u32 + 12).to_le_bytes();
    out.extend(kind.to_le_bytes());
    out.extend(len);
    out.append(&mut inner);
    out.extend(len);
}

/// Code, length, value, padding. A value longer than its 16-bit length can say is cut.
fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    body.extend(value);
    pad(body);
}

fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}
