use core::fmt;
use core::net::IpAddr;

use super::{Flags, SeqNum};

/// One end of a connection: address and port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint {
    /// IPv4 or IPv6 address.
    pub addr: IpAddr,
    /// TCP port.
    pub port: u16,
}

impl From<core::net::SocketAddr> for Endpoint {
    fn from(socket: core::net::SocketAddr) -> Endpoint {
        Endpoint { addr: socket.ip(), port: socket.port() }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addr {
            IpAddr::V4(a) => write!(f, "{a}:{}", self.port),
            IpAddr::V6(a) => write!(f, "[{a}]:{}", self.port),
        }
    }
}

/// A checksum field: what it should be, or what it literally is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Checksum {
    /// Right for the bytes it covers.
    #[default]
    Right,
    /// Wrong; this value stands in the field.
    Literal(u16),
}

/// The option octets of a header, raw: whole, broken or padded, as they came. At most 40 octets, the
/// most that a data offset can say.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Options {
    octets: [u8; Options::MAX],
    len: u8,
}

impl Options {
    /// The most that a data offset of 15 leaves room for.
    pub const MAX: usize = 40;
    /// No options.
    pub const NONE: Options = Options { octets: [0; Options::MAX], len: 0 };

    /// These octets; `None` when there are more than 40. A length that is no multiple of four is padded
    /// with zeros (end of option list) when it is sent.
    pub fn from_octets(octets: &[u8]) -> Option<Options> {
        let mut options = Options::NONE;
        if octets.is_empty() {
            return Some(options);
        }
        options.octets.get_mut(..octets.len())?.copy_from_slice(octets);
        options.len = octets.len() as u8;
        Some(options)
    }

    /// The octets as they are.
    pub fn as_octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
}

impl Default for Options {
    fn default() -> Self {
        Options::NONE
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Options(")?;
        for octet in self.as_octets() {
            write!(f, "{octet:02x}")?;
        }
        f.write_str(")")
    }
}

/// Every header field of a TCP segment in its IP packet, none of them corrected.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// Sender.
    pub src: Endpoint,
    /// Receiver. Its address has the same IP version as the sender's.
    pub dst: Endpoint,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// IPv4 type of service or IPv6 traffic class.
    pub traffic_class: u8,
    /// IPv4 identification; 0 for IPv6.
    pub ident: u16,
    /// IPv4's DF bit; always on for IPv6, whose routers never fragment.
    pub dont_fragment: bool,
    /// IPv6 flow label, 20 bits; 0 for IPv4.
    pub flow_label: u32,
    /// The IPv4 header checksum; always `Right` for IPv6, which has none.
    pub ip_checksum: Checksum,
    /// SEG.SEQ.
    pub seq: SeqNum,
    /// The acknowledgment field, whether or not the ACK bit is on.
    pub ack: SeqNum,
    /// Control bits, reserved ones included.
    pub flags: Flags,
    /// The window field as sent, unscaled.
    pub window: u16,
    /// The urgent pointer field, whether or not the URG bit is on.
    pub urgent: u16,
    /// A data offset that is not what the options need; `None` is the right one. In 32-bit words, 0 to 15.
    pub data_offset: Option<u8>,
    /// The TCP checksum.
    pub checksum: Checksum,
    /// Raw option octets.
    pub options: Options,
}

impl Header {
    /// A header with every field right and plain: window 0, no options, TTL 64, DF on.
    pub const fn new(src: Endpoint, dst: Endpoint, flags: Flags, seq: SeqNum, ack: SeqNum) -> Header {
        Header {
            src,
            dst,
            ttl: 64,
            traffic_class: 0,
            ident: 0,
            dont_fragment: true,
            flow_label: 0,
            ip_checksum: Checksum::Right,
            seq,
            ack,
            flags,
            window: 0,
            urgent: 0,
            data_offset: None,
            checksum: Checksum::Right,
            options: Options::NONE,
        }
    }
}

/// A segment: header fields and text. It borrows its text, so that parsing allocates nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Segment<'a> {
    /// All header fields.
    pub header: Header,
    /// The segment's text (RFC 9293 4: the data octets, without SYN and FIN).
    pub text: &'a [u8],
}

impl Segment<'_> {
    /// SEG.LEN: text octets plus one for SYN and one for FIN (RFC 9293 3.4).
    pub fn len(&self) -> u32 {
        self.text.len() as u32 + u32::from(self.header.flags.syn()) + u32::from(self.header.flags.fin())
    }

    /// Whether it takes no sequence number at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// SEG.SEQ + SEG.LEN: the number after the last one it takes.
    pub fn end(&self) -> SeqNum {
        self.header.seq.add(self.len())
    }
}

/// As RFC 9293's figures print it: `<SEQ=101><ACK=301><CTL=FIN,ACK>`, with `<LEN=n>` for text and the
/// window where it is not left out.
impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let h = &self.header;
        write!(f, "<SEQ={}>", h.seq)?;
        if h.flags.ack() {
            write!(f, "<ACK={}>", h.ack)?;
        }
        write!(f, "<CTL={}>", h.flags)?;
        if !self.text.is_empty() {
            write!(f, "<LEN={}>", self.text.len())?;
        }
        Ok(())
    }
}
