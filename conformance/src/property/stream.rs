//! Octets: what one user is handed is what the other one submitted, and ends where it was closed.

use super::{Breach, Life, Property, partner};
use crate::scenario::Stream;

/// RECEIVE hands over octets, or tells the end: `life` is as it was before. Its partner may be known only
/// later; then only the octets are compared.
pub fn received(lives: &[Life], life: &Life, octets: &[u8], stream: Stream) -> Option<Breach> {
    if let Some((at, octet)) = stream.first_difference(life.read, octets) {
        let want = format_args!("octet {at} of the other user's stream is {:#04x}", stream.octet(at));
        return Some(Breach::new(Property::StreamIntact, life.host, want, format_args!("{octet:#04x}")));
    }
    if octets.is_empty() || !life.settled {
        return None;
    }
    let all = life.read.wrapping_add(octets.len() as u32);
    let Some(other) = partner(lives, life) else {
        // Where the other SYN never left, but a SYN,ACK did, its packets do not tell that it was opened actively.
        if lives.iter().any(|l| l.host != life.host && l.open && !l.gone && l.key.is_none()) {
            return None;
        }
        // A life that nobody has asked for yet (a queue of a listener) cannot have submitted anything.
        let want = format_args!("octets of a connection that the other host has");
        return Some(Breach::new(
            Property::StreamHasSource,
            life.host,
            want,
            format_args!("{all} octets of none"),
        ));
    };
    if all > other.written {
        let want = format_args!("at most {} octets, so many were submitted", other.written);
        return Some(Breach::new(Property::StreamHasSource, life.host, want, format_args!("{all} octets")));
    }
    None
}

/// RECEIVE has told the end of the stream. A partner that is gone tells nothing: its end was judged when it came.
pub fn ended(lives: &[Life], life: &Life) -> Option<Breach> {
    let other = partner(lives, life).filter(|other| !other.gone)?;
    if !life.ended || other.shut && other.written == life.read {
        return None;
    }
    let closed = if other.shut { "closed" } else { "not closed" };
    let want = format_args!("{} octets submitted, the stream {closed}", other.written);
    Some(Breach::new(
        Property::EndIsHonest,
        life.host,
        want,
        format_args!("its end after {} octets", life.read),
    ))
}

/// RECEIVE or SEND tells of a reset; so many RSTs have reached the host in all.
pub fn told_of_reset(life: &Life, resets: u32) -> Option<Breach> {
    let want = format_args!("a RST before");
    (resets <= life.resets_before)
        .then(|| Breach::new(Property::ResetHasCause, life.host, want, format_args!("a reset without one")))
}
