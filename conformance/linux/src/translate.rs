//! The caller's addresses to the kernel's and back.
//!
//! The caller always sees one link and one network beyond it. Inside, every reset takes the next pair of
//! networks: below 10.0.0.0/8 a /23, below fd00::/32 a /63, each of two halves, so that one address with that
//! prefix on the device routes both. A packet's addresses are rewritten and both checksums follow by RFC 1624
//! (wrong ones stay wrong by the same amount); every other bit stays.
//!
//! The /23 has its broadcast address at the end of its second half, the link at the end of the first: host 255
//! changes places.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The networks as the caller sees them: any address of each. IPv4 /24, IPv6 /64.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Networks {
    /// The stack's own address, which names its link too.
    pub stack: IpAddr,
    /// An address of the network beyond the link that packets may come from.
    pub beyond: IpAddr,
}

/// From the caller's networks to one pair of the kernel's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Translation {
    networks: Networks,
    number: u32,
}

impl Translation {
    /// To the pair with this number; beyond 32767 IPv4 begins again.
    pub const fn new(networks: Networks, number: u32) -> Translation {
        Translation { networks, number }
    }

    /// Bits of the prefix that the device's address has.
    pub const fn prefix_len(&self) -> u8 {
        if self.networks.stack.is_ipv4() { 23 } else { 63 }
    }

    /// The kernel's address for one of the caller's; those of other networks stay as they are.
    pub fn inside(&self, addr: IpAddr) -> IpAddr {
        match (addr, self.networks.stack, self.networks.beyond) {
            (IpAddr::V4(addr), IpAddr::V4(link), IpAddr::V4(beyond)) => {
                let [a, b, c, host] = addr.octets();
                let half = |of: Ipv4Addr| of.octets()[..3] == [a, b, c];
                let second = match (half(link), half(beyond)) {
                    (true, _) => false,
                    (false, true) => true,
                    (false, false) => return IpAddr::V4(addr),
                };
                let base = self.base_v4() | (u32::from(second != (host == 255)) << 8);
                IpAddr::V4(Ipv4Addr::from_bits(base | u32::from(host)))
            }
            (IpAddr::V6(addr), IpAddr::V6(link), IpAddr::V6(beyond)) => {
                let half = |of: Ipv6Addr| of.to_bits() >> 64 == addr.to_bits() >> 64;
                let second = match (half(link), half(beyond)) {
                    (true, _) => 0,
                    (false, true) => 1,
                    (false, false) => return IpAddr::V6(addr),
                };
                let host = addr.to_bits() & u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from_bits(self.base_v6() | second << 64 | host))
            }
            (addr, ..) => addr,
        }
    }

    /// The caller's address for one of the kernel's, the other way round.
    pub fn outside(&self, addr: IpAddr) -> IpAddr {
        match (addr, self.networks.stack, self.networks.beyond) {
            (IpAddr::V4(addr), IpAddr::V4(link), IpAddr::V4(beyond)) => {
                let bits = addr.to_bits();
                if bits & !0x1ff != self.base_v4() {
                    return IpAddr::V4(addr);
                }
                let host = bits & 0xff;
                let second = (bits & 0x100 != 0) != (host == 255);
                let of = if second { beyond } else { link };
                IpAddr::V4(Ipv4Addr::from_bits(of.to_bits() & !0xff | host))
            }
            (IpAddr::V6(addr), IpAddr::V6(link), IpAddr::V6(beyond)) => {
                let bits = addr.to_bits();
                if bits >> 65 != self.base_v6() >> 65 {
                    return IpAddr::V6(addr);
                }
                let of = if bits >> 64 & 1 == 1 { beyond } else { link };
                IpAddr::V6(Ipv6Addr::from_bits(of.to_bits() >> 64 << 64 | bits & u128::from(u64::MAX)))
            }
            (addr, ..) => addr,
        }
    }

    const fn base_v4(&self) -> u32 {
        10 << 24 | (self.number & 0x7fff) << 9
    }

    const fn base_v6(&self) -> u128 {
        0xfd << 120 | (self.number as u128) << 65
    }

    /// Rewrites a packet that goes to the kernel. What is too short for addresses stays as it is.
    pub fn inwards(&self, packet: &mut [u8]) {
        rewrite(packet, |addr| self.inside(addr));
    }

    /// Rewrites a packet of the kernel's; false if it is none of this stack's TCP segments.
    pub fn outwards(&self, packet: &mut [u8]) -> bool {
        let own = self.inside(self.networks.stack);
        if layout(packet)
            .is_none_or(|l| l.checksum.is_none() || address(packet, l.source, l.len) != Some(own))
        {
            return false;
        }
        rewrite(packet, |addr| self.outside(addr));
        true
    }
}

/// Where things stand in a packet.
struct Layout {
    source: usize,
    destination: usize,
    /// Octets of an address.
    len: usize,
    /// The IPv4 header's checksum.
    header: Option<usize>,
    /// TCP's checksum, where there is one.
    checksum: Option<usize>,
}

fn layout(packet: &[u8]) -> Option<Layout> {
    const TCP: u8 = 6;
    const CHECKSUM: usize = 16;
    let version = packet.first()? >> 4;
    match version {
        4 if packet.len() >= 20 => {
            let at = usize::from(packet[0] & 15) * 4 + CHECKSUM;
            let tcp = packet[9] == TCP && packet.len() >= at + 2;
            Some(Layout {
                source: 12,
                destination: 16,
                len: 4,
                header: Some(10),
                checksum: tcp.then_some(at),
            })
        }
        6 if packet.len() >= 40 => {
            let at = 40 + CHECKSUM;
            let tcp = packet[6] == TCP && packet.len() >= at + 2;
            Some(Layout { source: 8, destination: 24, len: 16, header: None, checksum: tcp.then_some(at) })
        }
        _ => None,
    }
}

fn address(packet: &[u8], at: usize, len: usize) -> Option<IpAddr> {
    let octets = packet.get(at..at + len)?;
    match len {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
}

fn rewrite(packet: &mut [u8], change: impl Fn(IpAddr) -> IpAddr) {
    let Some(l) = layout(packet) else { return };
    for at in [l.source, l.destination] {
        let Some(old) = address(packet, at, l.len) else { return };
        let new = change(old);
        if new == old {
            continue;
        }
        for field in [l.header, l.checksum].into_iter().flatten() {
            adjust(packet, field, &octets(old), &octets(new));
        }
        packet[at..at + l.len].copy_from_slice(&octets(new));
    }
}

fn octets(addr: IpAddr) -> Vec<u8> {
    match addr {
        IpAddr::V4(addr) => addr.octets().to_vec(),
        IpAddr::V6(addr) => addr.octets().to_vec(),
    }
}

/// RFC 1624 3, equation 3: HC' = ~(~HC + ~m + m').
fn adjust(packet: &mut [u8], field: usize, old: &[u8], new: &[u8]) {
    let words = |octets: &[u8], flip: u16| -> u32 {
        octets.chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]) ^ flip)).sum()
    };
    let mut sum = words(&packet[field..field + 2], 0xffff) + words(old, 0xffff) + words(new, 0);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    packet[field..field + 2].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: Networks = Networks {
        stack: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        beyond: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
    };

    /// Every address of both networks has one place inside, the link's broadcast address at the end.
    #[test]
    fn addresses_come_back_and_the_broadcast_address_is_the_last() {
        let to = Translation::new(V4, 0x1234);
        let mut seen = Vec::new();
        for host in 0..=255 {
            for addr in [[192, 0, 2, host], [198, 51, 100, host]] {
                let inside = to.inside(IpAddr::from(addr));
                assert_eq!(to.outside(inside), IpAddr::from(addr));
                seen.push(inside);
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 512);
        assert_eq!(seen.last(), Some(&to.inside(IpAddr::from([192, 0, 2, 255]))));
        assert_eq!(to.inside(IpAddr::from([224, 0, 0, 1])), IpAddr::from([224, 0, 0, 1]));
    }

    /// A header whose checksum was right has a right one afterwards, a wrong one is wrong by as much.
    #[test]
    fn checksums_follow() {
        let sum = |packet: &[u8]| -> u32 {
            let sum: u32 =
                packet[..20].chunks_exact(2).map(|w| u32::from(u16::from_be_bytes([w[0], w[1]]))).sum();
            (sum & 0xffff) + (sum >> 16)
        };
        let to = Translation::new(V4, 77);
        let mut packet = [0u8; 40];
        packet[..10].copy_from_slice(&[0x45, 0, 0, 40, 0x12, 0x34, 0x40, 0, 64, 6]);
        packet[12..20].copy_from_slice(&[192, 0, 2, 9, 192, 0, 2, 1]);
        let right = !(sum(&packet) as u16);
        packet[10..12].copy_from_slice(&right.to_be_bytes());
        let before = packet;
        to.inwards(&mut packet);
        assert_ne!(packet, before);
        assert_eq!(sum(&packet), 0xffff);
        packet[11] ^= 1;
        to.inwards(&mut packet);
        assert_ne!(sum(&packet), 0xffff);
    }
}
