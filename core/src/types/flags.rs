use core::fmt;
use core::ops::BitOr;

/// The twelve bits between data offset and window: four reserved, then CWR to FIN (RFC 9293 3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u16);

#[allow(missing_docs)]
impl Flags {
    pub const NONE: Flags = Flags(0);
    pub const FIN: Flags = Flags(0x001);
    pub const SYN: Flags = Flags(0x002);
    pub const RST: Flags = Flags(0x004);
    pub const PSH: Flags = Flags(0x008);
    pub const ACK: Flags = Flags(0x010);
    pub const URG: Flags = Flags(0x020);
    pub const ECE: Flags = Flags(0x040);
    pub const CWR: Flags = Flags(0x080);
    /// The four reserved bits.
    pub const RESERVED: Flags = Flags(0xf00);
    /// Every defined control bit.
    pub const ALL_DEFINED: Flags = Flags(0x0ff);

    /// The low twelve bits of `bits`.
    pub const fn from_bits(bits: u16) -> Flags {
        Flags(bits & 0xfff)
    }

    /// All twelve bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// Every bit of `other` is on.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of bits.
    #[must_use]
    pub const fn with(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Without the bits of `other`.
    #[must_use]
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    pub const fn syn(self) -> bool {
        self.has(Flags::SYN)
    }
    pub const fn ack(self) -> bool {
        self.has(Flags::ACK)
    }
    pub const fn rst(self) -> bool {
        self.has(Flags::RST)
    }
    pub const fn fin(self) -> bool {
        self.has(Flags::FIN)
    }

    /// Names in the RFC's print order, `SYN,ACK`.
    const NAMES: [(Flags, &'static str); 8] = [
        (Flags::SYN, "SYN"),
        (Flags::FIN, "FIN"),
        (Flags::RST, "RST"),
        (Flags::PSH, "PSH"),
        (Flags::URG, "URG"),
        (Flags::ECE, "ECE"),
        (Flags::CWR, "CWR"),
        (Flags::ACK, "ACK"),
    ];
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        self.with(other)
    }
}

/// `SYN,ACK`; reserved bits as `+0x500`; nothing at all as `none`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("none");
        }
        let mut first = true;
        for (flag, name) in Flags::NAMES {
            if self.has(flag) {
                if !first {
                    f.write_str(",")?;
                }
                f.write_str(name)?;
                first = false;
            }
        }
        let reserved = self.0 & Flags::RESERVED.0;
        if reserved != 0 {
            write!(f, "+{reserved:#05x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
