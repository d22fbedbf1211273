//! A script's segment in terms of the stack's variables becomes a packet.

use core::net::IpAddr;

use lastack_core::types::wire::{self, OptionsBuilder};
use lastack_core::types::{Endpoint, Flags, Header, Options, Segment, SeqNum};

use crate::oracle::{Oracle, Tcb};
use crate::scenario::{Addr, Anchor, Num, OddOptions, OptionSpec, Route, SegmentSpec, Size, Stream, Trick};
use crate::subject::{IpVersion, elsewhere_addr, stack_addr};

/// The ISN of the peer in every scenario that does not write another one.
pub const PEER_ISN: u32 = 1000;
/// Numbers for a stack that has shown none yet.
const UNKNOWN_ISS: u32 = 5000;
/// The most text of one segment.
const TEXT_MAX: u32 = 64_000;

/// The stack's variables for one pair of sockets, as anchors need them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct View {
    /// ISS.
    pub iss: SeqNum,
    /// SND.UNA.
    pub una: SeqNum,
    /// SND.NXT.
    pub nxt: SeqNum,
    /// IRS.
    pub irs: SeqNum,
    /// RCV.NXT.
    pub rcv_nxt: SeqNum,
    /// The largest right edge ever advertised.
    pub edge: SeqNum,
    /// The MSS that the stack announced.
    pub mss: u16,
    /// Numbers of the incarnation before this one.
    pub old: (SeqNum, SeqNum),
    /// No SYN of the peer counts yet: the text of the next one is the first of its stream.
    pub begins: bool,
}

impl View {
    /// Where no connection has been yet.
    pub fn unknown() -> View {
        let (iss, isn) = (SeqNum::new(UNKNOWN_ISS), SeqNum::new(PEER_ISN));
        View {
            iss,
            una: iss.add(1),
            nxt: iss.add(1),
            irs: isn,
            rcv_nxt: isn.add(1),
            edge: isn.add(1),
            mss: 1460,
            old: (iss.add(1), isn.add(1)),
            begins: true,
        }
    }

    /// Of a connection; what it does not know yet stays as in `before`.
    fn of(tcb: &Tcb, before: View) -> View {
        let iss = tcb.iss.unwrap_or(before.iss);
        let (una, nxt) = if tcb.iss.is_some() { (tcb.una, tcb.nxt) } else { (before.una, before.nxt) };
        let irs = tcb.irs.unwrap_or(SeqNum::new(PEER_ISN));
        let (rcv_nxt, edge) = if tcb.irs.is_some() {
            (tcb.rcv_nxt, if tcb.edge_known { tcb.edge_max } else { tcb.rcv_nxt })
        } else {
            (irs.add(1), irs.add(1))
        };
        View { iss, una, nxt, irs, rcv_nxt, edge, begins: tcb.irs.is_none(), ..before }
    }
}

/// What is remembered of each pair of sockets, so that anchors still mean something after the end.
#[derive(Default)]
pub struct Views {
    views: Vec<(u16, Endpoint, View)>,
}

impl Views {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.views.clear();
    }

    /// The stack announced this MSS.
    pub fn announced(&mut self, port: u16, remote: Endpoint, mss: u16) {
        self.slot(port, remote).mss = mss;
    }

    fn slot(&mut self, port: u16, remote: Endpoint) -> &mut View {
        let at = self.views.iter().position(|(p, r, _)| (*p, *r) == (port, remote)).unwrap_or_else(|| {
            self.views.push((port, remote, View::unknown()));
            self.views.len() - 1
        });
        &mut self.views[at].2
    }

    /// The view of a pair of sockets now.
    pub fn view(&mut self, oracle: &Oracle, port: u16, remote: Endpoint) -> View {
        let tcb = oracle.leading().and_then(|h| h.connection(port, remote).map(|i| &h.tcbs[i]));
        let view = self.slot(port, remote);
        if let Some(tcb) = tcb {
            let fresh = View::of(tcb, *view);
            if view.iss != fresh.iss && tcb.iss.is_some() {
                view.old = (view.nxt, view.rcv_nxt);
            }
            *view = View { old: view.old, ..fresh };
        } else {
            view.begins = true;
        }
        *view
    }
}

/// An address by the part that it plays.
pub fn address(addr: Addr, ip: IpVersion) -> IpAddr {
    let v6 = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]);
    match (addr, ip) {
        (Addr::Stack, _) => stack_addr(ip),
        // .2 to .251: never the stack, never the broadcast address.
        (Addr::Peer(n), IpVersion::V4) => IpAddr::from([192, 0, 2, 2 + n % 250]),
        (Addr::Peer(n), IpVersion::V6) => v6(2 + u16::from(n % 250)),
        (Addr::Elsewhere, _) => elsewhere_addr(ip),
        (Addr::Broadcast, IpVersion::V4) => IpAddr::from([255, 255, 255, 255]),
        (Addr::DirectedBroadcast, IpVersion::V4) => IpAddr::from([192, 0, 2, 255]),
        (Addr::Multicast, IpVersion::V4) => IpAddr::from([224, 0, 0, 1]),
        (Addr::Broadcast | Addr::DirectedBroadcast | Addr::Multicast, IpVersion::V6) => {
            IpAddr::from([0xff02, 0, 0, 0, 0, 0, 0, 1])
        }
        (Addr::Unspecified, IpVersion::V4) => IpAddr::from([0, 0, 0, 0]),
        (Addr::Unspecified, IpVersion::V6) => IpAddr::from([0u16; 8]),
        (Addr::Loopback, IpVersion::V4) => IpAddr::from([127, 0, 0, 1]),
        (Addr::Loopback, IpVersion::V6) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    }
}

/// The two sockets of a route: the peer's, the stack's.
pub fn sockets(route: &Route, ip: IpVersion) -> (Endpoint, Endpoint) {
    (
        Endpoint { addr: address(route.from, ip), port: route.from_port },
        Endpoint { addr: address(route.to, ip), port: route.to_port },
    )
}

/// A number in terms of the view.
pub fn number(num: Num, view: &View) -> SeqNum {
    let base = match num.anchor {
        Anchor::Literal => SeqNum::new(0),
        Anchor::Iss => view.iss,
        Anchor::SndUna => view.una,
        Anchor::SndNxt => view.nxt,
        Anchor::Irs => view.irs,
        Anchor::RcvNxt => view.rcv_nxt,
        Anchor::RcvEdge => view.edge,
        Anchor::OldSndNxt => view.old.0,
        Anchor::OldRcvNxt => view.old.1,
    };
    base.offset(num.offset)
}

fn size(size: Size, view: &View) -> u32 {
    let window = view.edge.diff(view.rcv_nxt).max(0);
    let octets = match size {
        Size::Octets(n) => i64::from(n),
        Size::Window(plus) => i64::from(window) + i64::from(plus),
        Size::Mss(plus) => i64::from(view.mss) + i64::from(plus),
    };
    octets.clamp(0, i64::from(TEXT_MAX)) as u32
}

/// Builds the packet of a script's segment; `text` and `packet` are reused.
pub fn packet(spec: &SegmentSpec, ip: IpVersion, view: &View, text: &mut Vec<u8>, packet: &mut Vec<u8>) {
    let (src, dst) = sockets(&spec.route, ip);
    let seq = number(spec.seq, view);
    let mut flags = spec.flags;
    if let Trick::ReservedBits(bits) = spec.trick {
        let bits = u16::from(bits);
        let ecn = Flags::from_bits((bits & 3) << 6);
        flags = flags | ecn | Flags::from_bits(((bits >> 2) & 0xf) << 8);
    }
    let mut header = Header::new(src, dst, flags, seq, number(spec.ack, view));
    header.window = spec.window;
    header.urgent = spec.urgent;
    header.options = options(&spec.options);
    if let Trick::DataOffset(words) = spec.trick {
        header.data_offset = Some(words & 0xf);
    }
    let first = seq.add(u32::from(flags.syn()));
    let begins = flags.syn() && view.begins;
    let offset = if begins { 0 } else { first.steps_from(view.irs.add(1)) };
    text.clear();
    // A data offset that eats the beginning of the text leaves the stream behind it in its place.
    let eaten = match spec.trick {
        Trick::DataOffset(words) => {
            let options = header.options.as_octets().len().next_multiple_of(4);
            (usize::from(words & 0xf) * 4).saturating_sub(20 + options) as u32
        }
        _ => 0,
    };
    let len = size(spec.text, view);
    let offset = if eaten <= len { offset.wrapping_sub(eaten) } else { offset };
    Stream::PEER.append(offset, len, text);
    packet.clear();
    let segment = Segment { header, text };
    if wire::emit(&segment, packet).is_err() {
        // Addresses are of one version and text is bounded, so only a data offset can be refused.
        let header = Header { data_offset: None, ..header };
        let _ = wire::emit(&Segment { header, text }, packet);
    }
    if spec.trick == Trick::BadChecksum {
        let at = match ip {
            IpVersion::V4 => 20 + 16,
            IpVersion::V6 => 40 + 16,
        };
        if let Some(octet) = packet.get_mut(at) {
            *octet ^= 0x55;
        }
    }
    if let Trick::CutAt(octets) = spec.trick {
        packet.truncate(usize::from(octets));
    }
}

fn options(spec: &OptionSpec) -> Options {
    let mut builder = OptionsBuilder::new();
    if spec.odd == OddOptions::Unaligned {
        builder = builder.raw(&[1]);
    }
    if let Some(mss) = spec.mss {
        builder = builder.mss(mss);
    }
    if let Some(shift) = spec.scale {
        builder = builder.scale(shift);
    }
    let odd: &[u8] = match spec.odd {
        OddOptions::None | OddOptions::Unaligned => &[],
        OddOptions::Padding => &[1, 1, 1, 0],
        OddOptions::Unknown => &[0x4f, 6, 1, 2, 3, 4],
        OddOptions::LengthZero => &[0x4f, 0, 0, 0],
        OddOptions::LengthOne => &[0x4f, 1, 0, 0],
        OddOptions::LengthPast => &[0x4f, 255, 0, 0],
        OddOptions::SackPermitted => &[1, 1, 4, 2],
    };
    builder.raw(odd).build().unwrap_or(Options::NONE)
}
