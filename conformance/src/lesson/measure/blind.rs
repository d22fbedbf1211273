//! RST, SYN and text from somebody who sees nothing of the connection.

use lastack_core::config::Protection;
use lastack_core::types::{Endpoint, Flags, SeqNum};
use lastack_core::{Host, Name};

use super::table;
use super::target::{config, send, sent, service};
use crate::suite::random::rng::Rng;

/// The receive window, and the distance of the tries.
const WINDOW: u32 = 65_535;
/// Windows in the sequence space.
const WINDOWS: u32 = u32::MAX / WINDOW + 1;
/// The peer's segments.
const MSS: usize = 1460;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Attack {
    Rst,
    Syn,
    Text,
}

/// Each attack against each set of rules.
pub fn measure(long: bool) -> String {
    let worlds = if long { 200 } else { 4 };
    let head = ["attack", "rules", "worlds", "done", "packets, on average", "at most", "bound"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (attack, name) in [(Attack::Rst, "RST"), (Attack::Syn, "SYN"), (Attack::Text, "text")] {
        for protection in [Protection::Classic, Protection::Rfc5961] {
            let mut rng = Rng::new(2);
            let counts: Vec<u32> = (0..worlds).filter_map(|_| world(attack, protection, &mut rng)).collect();
            let average = match counts.len() {
                0 => "-".to_owned(),
                n => (counts.iter().map(|c| u64::from(*c)).sum::<u64>() / n as u64).to_string(),
            };
            let most = counts.iter().max().map_or("-".to_owned(), u32::to_string);
            let (rules, bound) = bound(attack, protection);
            let cells =
                [name, rules, &worlds.to_string(), &counts.len().to_string(), &average, &most, &bound];
            rows.push(cells.map(str::to_owned).to_vec());
        }
    }
    table(&rows)
}

/// So many packets do it for certain.
fn bound(attack: Attack, protection: Protection) -> (&'static str, String) {
    match (protection, attack) {
        (Protection::Classic, Attack::Text) => ("classic", (2 * WINDOWS).to_string()),
        (Protection::Classic, _) => ("classic", WINDOWS.to_string()),
        (Protection::Rfc5961, Attack::Rst) => ("RFC 5961", "2^32".to_owned()),
        (Protection::Rfc5961, Attack::Syn) => ("RFC 5961", "never".to_owned()),
        (Protection::Rfc5961, Attack::Text) => {
            ("RFC 5961", (u64::from(WINDOWS) * u64::from(WINDOWS)).to_string())
        }
    }
}

/// How many packets it takes, of at most one a window (of text two).
fn world(attack: Attack, protection: Protection, rng: &mut Rng) -> Option<u32> {
    let peer = Endpoint { addr: [198, 51, 100, 7].into(), port: 4000 };
    let mut config = config(rng.next(), 8, 8);
    (config.rst, config.syn, config.ack) = (protection, protection, protection);
    let mut host = Host::new(config);
    let listener = host.open_passive(service().port, None).ok()?;
    let number = |rng: &mut Rng| SeqNum::new((rng.next() >> 32) as u32);
    let irs = number(rng);
    send(&mut host, peer, Flags::SYN, irs, SeqNum::new(0), &[]);
    let iss = sent(&mut host).first()?.seq;
    let next = Next { peer, seq: irs.add(1), ack: iss.add(1) };
    send(&mut host, peer, Flags::ACK, next.seq, next.ack, &[]);
    let name = host.accept(listener)?;

    let (start, ack) = (number(rng), number(rng));
    let zero = SeqNum::new(0);
    let mut packets = 0;
    for window in 0..WINDOWS {
        let seq = start.add(window.wrapping_mul(WINDOW));
        let tries: &[(Flags, SeqNum, &[u8])] = match attack {
            Attack::Rst => &[(Flags::RST, zero, &[])],
            Attack::Syn => &[(Flags::SYN, zero, &[])],
            Attack::Text => &[(Flags::ACK, ack, b"x"), (Flags::ACK, ack.add(1 << 31), b"x")],
        };
        for (flags, ack, text) in tries {
            send(&mut host, peer, *flags, seq, *ack, text);
            sent(&mut host);
            packets += 1;
        }
        let done = match attack {
            Attack::Rst | Attack::Syn => host.status(name).is_err(),
            Attack::Text => seq.in_window(next.seq, WINDOW) && next.is_held(&host, name, seq),
        };
        if done {
            return Some(packets);
        }
    }
    None
}

/// What the true peer would send next.
#[derive(Clone, Copy)]
struct Next {
    peer: Endpoint,
    seq: SeqNum,
    ack: SeqNum,
}

impl Next {
    /// Whether the host holds an octet with this number, which the peer never sent: when the peer has sent
    /// everything before it, the ACK goes beyond.
    fn is_held(self, host: &Host, name: Name, forged: SeqNum) -> bool {
        let mut host = host.clone();
        let octets = vec![b'y'; forged.steps_from(self.seq) as usize];
        let mut seq = self.seq;
        for text in octets.chunks(MSS) {
            send(&mut host, self.peer, Flags::ACK, seq, self.ack, text);
            sent(&mut host);
            seq = seq.add(text.len() as u32);
        }
        let mut received = Vec::new();
        // An error would be an end, and an end no text.
        let _ = host.receive(name, WINDOW, &mut received);
        received.len() > octets.len()
    }
}
