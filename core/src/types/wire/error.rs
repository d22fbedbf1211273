use core::fmt;
use core::net::IpAddr;

/// A piece of a packet that can be too short.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// The IPv4 header.
    Ipv4,
    /// The IPv6 header.
    Ipv6,
    /// The TCP header without options.
    Tcp,
    /// The whole packet: not even one octet.
    Packet,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Part::Ipv4 => "IPv4 header",
            Part::Ipv6 => "IPv6 header",
            Part::Tcp => "TCP header",
            Part::Packet => "packet",
        })
    }
}

/// Why bytes are no segment, or why a segment fits into no packet. Lengths and offsets are in octets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WireError {
    /// Reading: a header is cut off.
    TooShort {
        /// Which header.
        part: Part,
        /// What it needs.
        want: usize,
        /// What is there.
        got: usize,
    },
    /// Reading: the first four bits are neither 4 nor 6.
    Version {
        /// What they are.
        got: u8,
    },
    /// Reading: the IPv4 header is not 20 octets long. IP options are not read.
    Ipv4HeaderLength {
        /// What the field says, in octets.
        got: usize,
    },
    /// Reading: the packet is not as long as its header says; octets are missing or left over.
    Length {
        /// What the IP header says, itself counted.
        want: usize,
        /// What came.
        got: usize,
    },
    /// Reading: the reserved bit of the IPv4 flags is on.
    Ipv4ReservedBit,
    /// Reading: an IPv4 fragment.
    Fragment {
        /// Its offset.
        offset: u16,
        /// The MF bit.
        more: bool,
    },
    /// Reading: an IPv6 extension header. None are read.
    ExtensionHeader {
        /// Its number.
        got: u8,
    },
    /// Reading: another protocol.
    NotTcp {
        /// Its number.
        got: u8,
    },
    /// Writing: the two addresses are not of one IP version.
    MixedVersions {
        /// Sender.
        src: IpAddr,
        /// Receiver.
        dst: IpAddr,
    },
    /// Writing: headers and text need more than the IP length field can say.
    TooLong {
        /// The most text that fits behind these headers.
        max: usize,
        /// How much there is.
        got: usize,
    },
    /// Writing: the data offset field has four bits.
    DataOffset {
        /// What was asked for.
        got: u8,
    },
    /// Writing: the flow label has 20 bits.
    FlowLabel {
        /// What was asked for.
        got: u32,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            WireError::TooShort { part, want, got } => {
                write!(f, "the {part} needs {want} octets, {got} are there")
            }
            WireError::Version { got } => write!(f, "octet 0: IP version 4 or 6 expected, {got} came"),
            WireError::Ipv4HeaderLength { got } => {
                write!(f, "octet 0: an IPv4 header of 20 octets expected, the field says {got}")
            }
            WireError::Length { want, got } => {
                write!(f, "the IP header says that the packet has {want} octets, {got} came")
            }
            WireError::Ipv4ReservedBit => f.write_str("octet 6: the reserved IPv4 flag must be 0, it is 1"),
            WireError::Fragment { offset, more } => {
                let tail = if more { "more to come" } else { "the last one" };
                write!(f, "octet 6: a whole packet expected, a fragment at offset {offset} came, {tail}")
            }
            WireError::ExtensionHeader { got } => {
                write!(f, "octet 6: TCP (6) expected, IPv6 extension header {got} came")
            }
            WireError::NotTcp { got } => write!(f, "TCP (6) expected, IP protocol {got} came"),
            WireError::MixedVersions { src, dst } => {
                write!(f, "addresses of one IP version expected, {src} and {dst} came")
            }
            WireError::TooLong { max, got } => {
                write!(f, "at most {max} octets of text fit behind these headers, {got} came")
            }
            WireError::DataOffset { got } => write!(f, "a data offset of 0 to 15 words expected, {got} came"),
            WireError::FlowLabel { got } => write!(f, "a flow label of 20 bits expected, {got:#x} came"),
        }
    }
}

impl core::error::Error for WireError {}
