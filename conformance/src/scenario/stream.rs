//! The octets that users send: everybody knows them by their place.

/// The octets of one user's stream, by their place (0 is the octet after the SYN).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Stream(u32);

/// So much of each stream is made before the program starts: more than most scenarios move.
const MADE: usize = 1 << 15;
static MADE_USER: [u8; MADE] = made(Stream::USER);
static MADE_PEER: [u8; MADE] = made(Stream::PEER);

const fn made(stream: Stream) -> [u8; MADE] {
    let mut octets = [0; MADE];
    let mut place = 0;
    while place < MADE {
        octets[place] = stream.octet(place as u32);
        place += 1;
    }
    octets
}

impl Stream {
    /// What the stack's user sends; in a world the first host's user.
    pub const USER: Stream = Stream(0x85eb_ca6b);
    /// What the scripted peer sends; in a world the second host's user.
    pub const PEER: Stream = Stream(0x9e37_79b9);

    /// The octet at this place: octets differ from their neighbours near and far, so that a shifted or
    /// repeated piece shows.
    pub const fn octet(self, offset: u32) -> u8 {
        let x = offset.wrapping_mul(0x0001_0dcd).wrapping_add(self.0);
        (x ^ (x >> 8) ^ (x >> 17)) as u8
    }

    /// So many octets from this place on, where they are made already.
    fn known(self, from: u32, octets: usize) -> Option<&'static [u8]> {
        let from = from as usize;
        let made = if self == Stream::USER { &MADE_USER } else { &MADE_PEER };
        made.get(from..from.checked_add(octets)?)
    }

    /// So many octets from this place on, behind what is in `to`.
    pub fn append(self, from: u32, octets: u32, to: &mut Vec<u8>) {
        match self.known(from, octets as usize) {
            Some(known) => to.extend_from_slice(known),
            None => to.extend((0..octets).map(|i| self.octet(from.wrapping_add(i)))),
        }
    }

    /// The first of these octets, with its place, that is not the stream's from this place on.
    pub fn first_difference(self, from: u32, octets: &[u8]) -> Option<(u32, u8)> {
        if self.known(from, octets.len()) == Some(octets) {
            return None;
        }
        let place = |i: u32| from.wrapping_add(i);
        // Without a way out of the loop the compiler compares many at once.
        let differ = octets.iter().zip(0u32..).fold(0, |all, (got, i)| all | (got ^ self.octet(place(i))));
        if differ == 0 {
            return None;
        }
        let mut each = octets.iter().zip(0u32..).map(|(got, i)| (place(i), *got));
        each.find(|(at, got)| *got != self.octet(*at))
    }
}

/// The two streams of a connection as one end sees them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Streams {
    /// What its own user sends.
    pub own: Stream,
    /// What comes from the other end.
    pub peer: Stream,
}

impl Default for Streams {
    fn default() -> Self {
        Streams { own: Stream::USER, peer: Stream::PEER }
    }
}

/// The octet of the peer's stream at offset `offset` (0 is the octet after the SYN).
pub const fn peer_octet(offset: u32) -> u8 {
    Stream::PEER.octet(offset)
}

/// The octet of the stack user's stream at offset `offset`.
pub const fn user_octet(offset: u32) -> u8 {
    Stream::USER.octet(offset)
}
