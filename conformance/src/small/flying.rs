//! A segment on its way.

use core::net::IpAddr;

use lastack_core::types::{Endpoint, Flags, Header, Options, Segment, SeqNum, wire};

use crate::subject::{IpVersion, stack_addr};

/// One of the two ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Peer {
    A,
    B,
}

impl Peer {
    /// Both.
    pub const BOTH: [Peer; 2] = [Peer::A, Peer::B];

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Peer {
        match self {
            Peer::A => Peer::B,
            Peer::B => Peer::A,
        }
    }

    /// Its place in a pair.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its port. Each end takes itself for the stack and the other for the peer, so addresses say nothing.
    pub const fn port(self) -> u16 {
        match self {
            Peer::A => 4000,
            Peer::B => 80,
        }
    }

    /// Its socket, as the other end sees it.
    pub fn socket(self) -> Endpoint {
        Endpoint { addr: IpAddr::from([192, 0, 2, 2]), port: self.port() }
    }
}

/// A segment on its way, with what only the judge knows of it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Flying {
    /// Whom it is for.
    pub to: Peer,
    /// Control bits.
    pub flags: Flags,
    /// SEG.SEQ.
    pub seq: SeqNum,
    /// The acknowledgment field.
    pub ack: SeqNum,
    /// SEG.WND.
    pub window: u16,
    /// The MSS option.
    pub mss: Option<u16>,
    /// The text.
    pub text: Vec<u8>,
    /// Of which of its sender's incarnations it is; [`super::STALE`] where no sender of this world sent it.
    pub life: u8,
}

impl Flying {
    /// An empty segment that no sender of this world sent.
    pub const fn stale(to: Peer, flags: Flags, seq: u32, ack: u32) -> Flying {
        Flying {
            to,
            flags,
            seq: SeqNum::new(seq),
            ack: SeqNum::new(ack),
            window: 1000,
            mss: None,
            text: Vec::new(),
            life: super::STALE,
        }
    }

    /// From what a stack sends.
    pub fn of(from: Peer, segment: &Segment<'_>) -> Flying {
        let h = &segment.header;
        let mss = wire::options(h.options.as_octets()).find_map(|option| match option {
            Ok(wire::TcpOption::Mss(octets)) => Some(octets),
            _ => None,
        });
        Flying {
            to: from.other(),
            flags: h.flags,
            seq: h.seq,
            ack: h.ack,
            window: h.window,
            mss,
            text: segment.text.to_vec(),
            life: 0,
        }
    }

    /// As its receiver sees it.
    pub fn segment(&self) -> Segment<'_> {
        let dst = Endpoint { addr: stack_addr(IpVersion::V4), port: self.to.port() };
        let mut header = Header::new(self.to.other().socket(), dst, self.flags, self.seq, self.ack);
        header.window = self.window;
        header.options = match self.mss {
            // Four octets of forty.
            Some(mss) => wire::OptionsBuilder::new().mss(mss).build().unwrap_or_default(),
            None => Options::NONE,
        };
        Segment { header, text: &self.text }
    }
}
