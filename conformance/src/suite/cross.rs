//! Set-ups that are crossed pairwise over the cells: buffers, window scale, both ends' first numbers.

use core::fmt;

use crate::reach::{BUFFER, Needs, RecvSituation, SendSituation, Way};
use crate::scenario::{Anchor, Event, Num, Route, Scenario, Size};

/// One set-up of sixteen, a row of an orthogonal array: for any two of its four columns every pair of
/// values stands in some row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Cross(u8);

/// Buffers: one octet, one MSS, all that a field without scale can say, more than that.
const BUFFERS: [u32; 4] = [1, 1_460, 65_535, 200_000];
/// First numbers: the borders of signed and unsigned arithmetic.
const ISNS: [u32; 4] = [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
/// The shift that the peer offers.
const PEER_SHIFT: u8 = 2;

impl Cross {
    /// All sixteen.
    pub fn all() -> impl Iterator<Item = Cross> {
        (0..16).map(Cross)
    }

    /// With four values to a factor the columns a, b and their combinations over the field of four elements
    /// (addition is XOR) are pairwise independent.
    const fn columns(self) -> [usize; 4] {
        let (a, b) = ((self.0 >> 2) as usize, (self.0 & 3) as usize);
        let twice_b = [0, 2, 3, 1][b];
        [a, b, a ^ b, a ^ twice_b]
    }

    /// Octets of both buffers.
    pub const fn buffer(self) -> u32 {
        BUFFERS[self.columns()[0]]
    }

    /// The stack's ISS.
    pub const fn iss(self) -> u32 {
        ISNS[self.columns()[1]]
    }

    /// The peer's ISN.
    pub const fn peer_isn(self) -> u32 {
        ISNS[self.columns()[2]]
    }

    /// Whether the peer offers window scale.
    pub const fn scale(self) -> bool {
        self.columns()[3] & 1 == 1
    }

    /// The set-up with this name.
    pub fn from_name(name: &str) -> Option<Cross> {
        Cross::all().find(|cross| cross.to_string() == name)
    }

    /// What the stack must be able to do. The ISS is no need: it is set where it can be.
    pub fn needs(self, way: &Way) -> Needs {
        let small = self.buffer_for(way) < BUFFER && !matches!(way.recv, RecvSituation::WindowZero);
        Needs { exact_recv_buffer: small, ..Needs::default() }
    }

    /// The receive buffer under this set-up: that of the row, where the way does not depend on its own.
    pub fn buffer_for(self, way: &Way) -> u32 {
        if depends_on_buffer(way) { way.setup.recv_buffer } else { self.buffer() }
    }

    /// Changes a scenario that begins with the way's script.
    pub fn apply(self, way: &Way, scenario: &mut Scenario) {
        scenario.setup.recv_buffer = self.buffer_for(way);
        if matches!(way.send, SendSituation::Idle | SendSituation::SynInFlight | SendSituation::Done) {
            scenario.setup.send_buffer = self.buffer();
        }
        if self.scale() && way.recv != RecvSituation::Scaled {
            for event in &mut scenario.events {
                offer_scale(event);
            }
        }
        fix_peer_isn(way, &mut scenario.events, self.peer_isn());
    }
}

/// The peer sends text in the script, or the buffer is what the way is about.
pub(super) fn depends_on_buffer(way: &Way) -> bool {
    let has_text =
        |event: &Event| matches!(event, Event::Segment(segment) if segment.text != Size::Octets(0));
    way.setup.recv_buffer != BUFFER || way.script.iter().any(has_text)
}

fn offer_scale(event: &mut Event) {
    if let Event::Segment(segment) = event
        && segment.flags.syn()
    {
        segment.options.scale = Some(PEER_SHIFT);
    }
}

/// Puts a number in place of "the peer's ISN" in a scenario that begins with the way's script. Once the
/// script has opened the connection, IRS is what it opened with.
pub fn fix_peer_isn(way: &Way, events: &mut [Event], isn: u32) {
    let opens = |event: &Event| matches!(event, Event::Segment(segment) if segment.flags.syn() && segment.route == Route::MAIN);
    let end = way.script.iter().rposition(opens).map_or(events.len(), |place| place + 1);
    let fix = |num: &mut Num| {
        if num.anchor == Anchor::Irs {
            *num = Num::new(Anchor::Literal, isn.cast_signed().wrapping_add(num.offset));
        }
    };
    for event in events.iter_mut().take(end) {
        if let Event::Segment(segment) = event {
            fix(&mut segment.seq);
            fix(&mut segment.ack);
        }
    }
}

/// `buf1460,iss80000000,isn0,scale`.
impl fmt::Display for Cross {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "buf{},iss{:x},isn{:x}", self.buffer(), self.iss(), self.peer_isn())?;
        if self.scale() { f.write_str(",scale") } else { Ok(()) }
    }
}

/// Which set-up, if any, the event at this place of a way's list of so many is also run under: about one
/// event in ten, more where there are few, so that every way, kind, place and call meets every set-up.
pub fn cross_for(way: usize, event: usize, events: usize) -> Option<Cross> {
    // Primes, so that whoever has as many events meets all sixteen.
    let modulus = match events {
        0..100 => 47,
        100..300 => 89,
        _ => 151,
    };
    let place = (way * 29 + event * 37) % modulus;
    u8::try_from(place).ok().filter(|place| *place < 16).map(Cross)
}
