use arrayvec::ArrayVec;
use lastack_core::types::wire::{TcpOption, options};
use lastack_core::types::{Segment, SeqNum};

/// The largest shift that counts (RFC 7323 2.3).
const SHIFT_MAX: u8 = 14;

/// What a SYN or SYN,ACK offers. SYNs with the same number are one offer; where they differ it holds the
/// larger value and says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The SYN's number.
    pub seq: SeqNum,
    /// The number after SYN, text and FIN.
    pub end: SeqNum,
    /// The window, never scaled.
    pub window: u16,
    /// MSS; `None` when the option was missing.
    pub mss: Option<u16>,
    /// One of the SYNs came without MSS.
    pub mss_missing: bool,
    /// Window scale, at most 14; `None` when the option was missing.
    pub scale: Option<u8>,
    /// SACK permitted (RFC 2018).
    pub sack: bool,
    /// Timestamps (RFC 7323).
    pub timestamps: bool,
    /// SYNs with this number offered different things, or one had options that cannot be read.
    pub mixed: bool,
}

impl Offer {
    /// Of one segment.
    pub fn of(segment: &Segment<'_>) -> Offer {
        let h = &segment.header;
        let mut offer = Offer {
            seq: h.seq,
            end: segment.end(),
            window: h.window,
            mss: None,
            mss_missing: false,
            scale: None,
            sack: false,
            timestamps: false,
            mixed: h.data_offset.is_some(),
        };
        for option in options(h.options.as_octets()) {
            match option {
                Ok(TcpOption::Mss(mss)) => offer.mss = Some(mss),
                Ok(TcpOption::WindowScale(shift)) => offer.scale = Some(shift.min(SHIFT_MAX)),
                Ok(TcpOption::SackPermitted) => offer.sack = true,
                Ok(TcpOption::Timestamps { .. }) => offer.timestamps = true,
                Ok(_) => {}
                Err(_) => offer.mixed = true,
            }
        }
        offer.mss_missing = offer.mss.is_none() || offer.mixed;
        offer
    }

    /// Adds the SYN to the offers. The oldest goes where there is no room.
    pub(super) fn file<const N: usize>(
        offers: &mut ArrayVec<Offer, N>,
        segment: &Segment<'_>,
        taken: Option<SeqNum>,
    ) {
        let new = Offer::of(segment);
        if let Some(old) = offers.iter_mut().find(|o| o.seq == new.seq) {
            old.join(&new);
            return;
        }
        if offers.is_full() {
            // The oldest goes, but for the one that the stack took.
            offers.remove(usize::from(Some(offers[0].seq) == taken && N > 1));
        }
        offers.push(new);
    }

    /// The window may stand for more than it says, since a SYN's window is never scaled.
    pub(super) fn open_ended(&self) -> bool {
        self.window == u16::MAX && self.scale.is_some()
    }

    fn join(&mut self, other: &Offer) {
        let same = (self.mss, self.scale, self.sack, self.timestamps)
            == (other.mss, other.scale, other.sack, other.timestamps);
        *self = Offer {
            seq: self.seq,
            end: self.end.max(other.end),
            window: self.window.max(other.window),
            mss: self.mss.max(other.mss),
            mss_missing: self.mss_missing || other.mss_missing,
            scale: self.scale.max(other.scale),
            sack: self.sack || other.sack,
            timestamps: self.timestamps || other.timestamps,
            mixed: self.mixed || other.mixed || !same,
        };
    }
}
