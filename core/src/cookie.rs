//! SYN cookies (RFC 4987 3.6): a SYN,ACK whose sequence number says all that the listener would have to remember.
//!
//! ```text
//! ISS = F(sockets) + IRS + 2^24 * slot + 2^7 * (F(sockets, slot, IRS, data) mod 2^17) + data
//! data = MSS index * 16 + window scale      (7 bits; scale 15 is none)
//! slot = minutes, about: 2^26 microseconds
//! ```
//! F is SipHash under a secret. The ACK of the SYN,ACK carries ISS+1 and IRS+1, so the listener can take F(sockets) and
//! IRS away again; what is left must be of this slot or the one before, and the 17 bits must fit everything else. So
//! numbers that were never a cookie are taken for one with a chance of 2 in 2^8 times 1 in 2^17: one in sixteen
//! million, as in the stacks that use such a scheme. As the slot stands in the highest bits and IRS is added, ISNs of
//! one pair of sockets go forward, as a clock would have them (RFC 9293 3.4.1). The 17 bits know IRS and data too:
//! else a later segment of the peer, its number a little higher, would pass for the ACK of another cookie, and the text
//! before it would be lost.
//!
//! What does not fit is lost: the MSS is rounded down to one of eight; the window of the SYN is learnt from the ACK;
//! and a SYN,ACK is never sent again (RFC 4987 3.6), so a peer whose last ACK is lost learns it by its own text.

use alloc::collections::VecDeque;
use core::hash::{Hash, Hasher};

use siphasher::sip::SipHasher24;

use crate::types::wire::OptionsBuilder;
use crate::types::{Endpoint, Flags, Header, Instant, SeqNum};

/// What keys cookies; it has to be unguessable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CookieSecret(pub [u8; 16]);

/// The secret stays out of every print.
impl core::fmt::Debug for CookieSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CookieSecret")
    }
}

/// What a cookie remembers of a SYN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Remembered {
    /// The peer's MSS, rounded down, in octets.
    pub mss: u16,
    /// The peer's window scale, where it offered one.
    pub shift: Option<u8>,
}

/// The sizes that a cookie can name: the least that every host takes, those of common links, and jumbo frames.
const MSS: [u16; 8] = [64, 256, 536, 1220, 1300, 1440, 1460, 8960];
const NO_SCALE: u32 = 15;
const DATA_BITS: u32 = 7;
const DATA: u32 = (1 << DATA_BITS) - 1;
const TAG: u32 = (1 << 17) - 1;

impl Remembered {
    /// What of a SYN fits into a cookie; `None` where its MSS is smaller than any.
    pub fn of(mss: u16, shift: Option<u8>) -> Option<Remembered> {
        let mss = MSS.into_iter().rev().find(|known| *known <= mss)?;
        Some(Remembered { mss, shift: shift.map(|shift| shift.min(14)) })
    }

    fn data(self) -> u32 {
        let index = MSS.iter().position(|mss| *mss == self.mss).unwrap_or(0) as u32;
        index << 4 | self.shift.map_or(NO_SCALE, u32::from)
    }

    fn from_data(data: u32) -> Option<Remembered> {
        let mss = *MSS.get((data >> 4) as usize)?;
        let scale = data & NO_SCALE;
        Some(Remembered { mss, shift: (scale != NO_SCALE).then_some(scale as u8) })
    }
}

/// The slot of an instant; a cookie is good in its own and in the next one.
pub(crate) fn slot(now: Instant) -> u32 {
    (now.micros() >> 26) as u32
}

/// The cookie for a SYN from `remote` with number `irs`.
pub(crate) fn make(
    secret: &CookieSecret,
    slot: u32,
    (local, remote): (Endpoint, Endpoint),
    irs: SeqNum,
    what: Remembered,
) -> SeqNum {
    let data = what.data();
    let tag = f(secret, local, remote, Some((slot, irs, data))) & TAG;
    irs.add(f(secret, local, remote, None)).add(slot << 24).add(tag << DATA_BITS | data)
}

/// What the cookie of ISS `iss` remembers, if it is one of this slot or the one before.
pub(crate) fn read(
    secret: &CookieSecret,
    now: u32,
    (local, remote): (Endpoint, Endpoint),
    irs: SeqNum,
    iss: SeqNum,
) -> Option<Remembered> {
    let rest = iss.steps_from(irs.add(f(secret, local, remote, None)));
    let slot = [now, now.wrapping_sub(1)].into_iter().find(|slot| slot & 0xff == rest >> 24)?;
    let (tag, data) = (rest >> DATA_BITS & TAG, rest & DATA);
    let fits = tag == f(secret, local, remote, Some((slot, irs, data))) & TAG;
    if fits { Remembered::from_data(data) } else { None }
}

fn f(secret: &CookieSecret, local: Endpoint, remote: Endpoint, what: Option<(u32, SeqNum, u32)>) -> u32 {
    let mut hasher = SipHasher24::new_with_key(&secret.0);
    (local, remote, what).hash(&mut hasher);
    hasher.finish() as u32
}

/// More SYN,ACKs than this are not kept for a caller that takes no packets.
const WAITING_MAX: usize = 1024;

/// SYN,ACKs with cookies that wait to be sent, and what is known of those that were.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Cookies {
    waiting: VecDeque<Header>,
    /// The slot in which the last one was made: an ACK later than the slot after it answers none.
    last: Option<u32>,
}

/// A SYN,ACK without a connection.
pub(crate) struct SynAck {
    pub local: Endpoint,
    pub remote: Endpoint,
    pub iss: SeqNum,
    pub irs: SeqNum,
    pub window: u16,
    pub mss: u16,
    pub shift: Option<u8>,
}

impl Cookies {
    /// Owes a SYN,ACK; says whether there was room for it.
    pub fn push(&mut self, slot: u32, it: &SynAck) -> bool {
        if self.waiting.len() >= WAITING_MAX {
            return false;
        }
        let mut header = Header::new(it.local, it.remote, Flags::SYN | Flags::ACK, it.iss, it.irs.add(1));
        header.window = it.window;
        let options = OptionsBuilder::new().mss(it.mss);
        let options = match it.shift {
            Some(shift) => options.scale(shift),
            None => options,
        };
        // Seven octets of forty.
        header.options = options.build().unwrap_or_default();
        self.waiting.push_back(header);
        self.last = Some(slot);
        true
    }

    pub fn pop(&mut self) -> Option<Header> {
        self.waiting.pop_front()
    }

    /// Whether an ACK may answer a cookie at all.
    pub fn are_out(&self, now: u32) -> bool {
        self.last.is_some_and(|last| now.wrapping_sub(last) <= 1)
    }
}

#[cfg(test)]
mod tests;
