//! One host and a scripted peer. What arrives and what leaves stands in the notation of RFC 9293's figures:
//! `<SEQ=101><ACK=301><CTL=ACK><LEN=5>`, with `<WND=1000>`, `<MSS=1000>` and `<WS=3>` where they matter.
//!
//! The stack's ISS is 300, the peer's 100. An octet of text is known by its sequence number, in both directions, so
//! that a length says which text it is; whatever leaves and whatever is read is held against that.

use std::net::IpAddr;

use lastack_core::config::{Address, Listening};
use lastack_core::types::wire::{OptionsBuilder, TcpOption, emit, options, parse};
use lastack_core::types::{Duration, Endpoint, Flags, Header, Instant, Segment, SeqNum, State};
use lastack_core::{Config, Host, IsnGenerator, Name, ReceiveError, SendError, Signal};

pub const STACK: [u8; 4] = [192, 0, 2, 1];
pub const PEER: [u8; 4] = [192, 0, 2, 9];
/// The stack's port where it opens actively; passively it is 80, as the peer's is otherwise.
pub const PORT: u16 = 4000;

/// A host, the connection that the test is about, and what its user has sent and read.
pub struct Rig {
    pub host: Host,
    pub name: Name,
    pub stack: Endpoint,
    pub peer: Endpoint,
    /// The number of the next octet that the user gives.
    sends: u32,
    /// The number of the next octet that the user gets.
    reads: u32,
}

/// Numbers easily read: ISS 300, one record a listener, ACKs at once, no window scale.
pub fn config(own: IpAddr) -> Config {
    let mut config = Config::new(vec![Address { addr: own, prefix_len: 24 }], [7; 16]);
    config.isn = IsnGenerator::Fixed(300);
    config.listening = Listening::Becomes;
    config.ack_delay = None;
    config.window_scale = false;
    config
}

pub fn socket(addr: impl Into<IpAddr>, port: u16) -> Endpoint {
    Endpoint { addr: addr.into(), port }
}

/// The octet with this sequence number.
fn octet(seq: u32) -> u8 {
    (seq.wrapping_mul(167) >> 3) as u8
}

fn octets(seq: u32, len: u32) -> Vec<u8> {
    (0..len).map(|i| octet(seq.wrapping_add(i))).collect()
}

/// Constructors.
impl Rig {
    /// A passive OPEN on port 80.
    pub fn listening(change: impl FnOnce(&mut Config)) -> Rig {
        let mut config = config(STACK.into());
        change(&mut config);
        let mut host = Host::new(config);
        let name = host.open_passive(80, None).expect("a free port");
        Rig { host, name, stack: socket(STACK, 80), peer: socket(PEER, PORT), sends: 301, reads: 101 }
    }

    /// An active OPEN between these addresses; the SYN has not been asked for.
    pub fn opening_at(own: IpAddr, peer: IpAddr, change: impl FnOnce(&mut Config)) -> Rig {
        let mut config = config(own);
        change(&mut config);
        let mut host = Host::new(config);
        let name = host.open_active(PORT, socket(peer, 80)).expect("a free pair of sockets");
        Rig { host, name, stack: socket(own, PORT), peer: socket(peer, 80), sends: 301, reads: 101 }
    }

    /// An active OPEN; the SYN has left.
    pub fn opening(change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::opening_at(STACK.into(), PEER.into(), change);
        assert_eq!(rig.says().len(), 1);
        rig
    }

    /// ESTABLISHED by an active OPEN. The peer's window is 1000 and so is its MSS.
    pub fn established(change: impl FnOnce(&mut Config)) -> Rig {
        Rig::established_by("<SEQ=100><ACK=301><CTL=SYN,ACK><WND=1000><MSS=1000>", change)
    }

    /// ESTABLISHED by an active OPEN and this SYN,ACK.
    pub fn established_by(syn_ack: &str, change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::opening(change);
        rig.answers(syn_ack, &["<SEQ=301><ACK=101><CTL=ACK>"]);
        rig.is_in(State::Established);
        rig
    }

    /// SYN-RECEIVED by a passive OPEN; the SYN,ACK has left.
    pub fn syn_received(change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::listening(change);
        rig.hears("<SEQ=100><CTL=SYN><WND=1000><MSS=1000>");
        assert_eq!(rig.says().len(), 1);
        rig.is_in(State::SynReceived);
        rig
    }

    /// The user has closed, and the FIN, number 301, is acknowledged or not.
    pub fn closed_first(acknowledged: bool, change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::established(change);
        rig.host.close(rig.name).expect("it is open");
        assert_eq!(rig.says(), ["<SEQ=301><ACK=101><CTL=FIN,ACK>"]);
        if acknowledged {
            rig.answers("<SEQ=101><ACK=302><CTL=ACK>", &[]);
            rig.is_in(State::FinWait2);
        }
        rig
    }

    /// The peer has closed: its FIN had number 101.
    pub fn close_wait(change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::established(change);
        rig.answers("<SEQ=101><ACK=301><CTL=FIN,ACK>", &["<SEQ=301><ACK=102><CTL=ACK>"]);
        rig.is_in(State::CloseWait);
        rig
    }

    /// TIME-WAIT since now; both FINs are acknowledged.
    pub fn time_wait(change: impl FnOnce(&mut Config)) -> Rig {
        let mut rig = Rig::closed_first(true, change);
        rig.answers("<SEQ=101><ACK=302><CTL=FIN,ACK>", &["<SEQ=302><ACK=102><CTL=ACK>"]);
        rig.is_in(State::TimeWait);
        rig
    }
}

/// The wire.
impl Rig {
    /// A segment of the peer arrives. A window that is not told is 1000.
    pub fn hears(&mut self, segment: &str) {
        let packet = self.packet(segment);
        self.host.arrives(&packet);
    }

    pub fn packet(&self, segment: &str) -> Vec<u8> {
        let mut header =
            Header::new(self.peer, self.stack, Flags::NONE, SeqNum::default(), SeqNum::default());
        header.window = 1000;
        let (mut len, mut options) = (0, OptionsBuilder::new());
        for field in segment.split_terminator('>') {
            let (key, value) = field.strip_prefix('<').and_then(|f| f.split_once('=')).expect(segment);
            let number = || value.parse::<u32>().expect(segment);
            match key {
                "SEQ" => header.seq = SeqNum::new(number()),
                "ACK" => header.ack = SeqNum::new(number()),
                "CTL" => header.flags = value.split(',').fold(Flags::NONE, |all, flag| all | named(flag)),
                "LEN" => len = number(),
                "WND" => header.window = number() as u16,
                "MSS" => options = options.mss(number() as u16),
                "WS" => options = options.scale(number() as u8),
                _ => panic!("{field} in {segment}"),
            }
        }
        header.options = options.build().expect("few options");
        let first = header.seq.add(header.flags.syn().into());
        let text = octets(first.value(), len);
        let mut packet = Vec::new();
        emit(&Segment { header, text: &text }, &mut packet).expect("a segment of this file");
        packet
    }

    /// Everything that leaves now.
    pub fn says(&mut self) -> Vec<String> {
        self.leaves(false)
    }

    /// Everything that leaves now, with its windows.
    pub fn says_windows(&mut self) -> Vec<String> {
        self.leaves(true)
    }

    fn leaves(&mut self, windows: bool) -> Vec<String> {
        let (mut all, mut packet) = (Vec::new(), Vec::new());
        while self.host.transmit(&mut packet) {
            let segment = parse(&packet).expect("a TCP segment");
            let h = &segment.header;
            assert_eq!((h.src, h.dst), (self.stack, self.peer), "{segment}");
            assert_eq!(segment.text, octets(h.seq.value(), segment.text.len() as u32), "{segment}");
            let mut line = segment.to_string();
            for option in options(h.options.as_octets()).flatten() {
                match option {
                    TcpOption::Mss(mss) => line.push_str(&format!("<MSS={mss}>")),
                    TcpOption::WindowScale(shift) => line.push_str(&format!("<WS={shift}>")),
                    _ => {}
                }
            }
            if windows {
                line.push_str(&format!("<WND={}>", h.window));
            }
            all.push(line);
            packet.clear();
            assert!(all.len() < 1000, "no end of sending");
        }
        all
    }

    /// A segment arrives, and this leaves.
    #[track_caller]
    pub fn answers(&mut self, segment: &str, wanted: &[&str]) {
        self.hears(segment);
        assert_eq!(self.says(), wanted, "in answer to {segment}");
    }
}

fn named(flag: &str) -> Flags {
    match flag {
        "SYN" => Flags::SYN,
        "FIN" => Flags::FIN,
        "RST" => Flags::RST,
        "ACK" => Flags::ACK,
        "PSH" => Flags::PSH,
        "URG" => Flags::URG,
        "none" => Flags::NONE,
        _ => panic!("no flag {flag}"),
    }
}

/// The user and the clock.
impl Rig {
    #[track_caller]
    pub fn is_in(&self, state: State) {
        assert_eq!(self.host.status(self.name).unwrap_or(State::Closed), state);
    }

    /// SEND of so many octets; how many were taken.
    pub fn send(&mut self, len: u32) -> Result<usize, SendError> {
        let taken = self.host.send(self.name, &octets(self.sends, len))?;
        self.sends += taken as u32;
        Ok(taken)
    }

    /// RECEIVE; how many octets came. They are the right ones.
    pub fn read(&mut self, max: u32) -> Result<usize, ReceiveError> {
        let mut text = Vec::new();
        let taken = self.host.receive(self.name, max, &mut text)?;
        assert_eq!(text, octets(self.reads, taken as u32), "octets from number {} on", self.reads);
        self.reads += taken as u32;
        Ok(taken)
    }

    pub fn told(&mut self) -> Vec<Signal> {
        self.host.signals(self.name).collect()
    }

    /// So much time passes at once.
    pub fn after_ms(&mut self, millis: u64) {
        let then = self.host.now() + Duration::from_millis(millis);
        self.host.advance(then);
    }

    /// The time passes, from timer to timer, up to this second since the beginning: what leaves, and when.
    pub fn until(&mut self, second: u64) -> Vec<String> {
        let (end, mut all) = (Instant::ZERO + Duration::from_secs(second), self.says());
        while let Some(at) = self.host.next_timer().filter(|at| *at <= end) {
            self.host.advance(at);
            let now = self.host.now();
            all.extend(self.says().iter().map(|line| format!("{now} {line}")));
            assert!(all.len() < 1000, "no end of sending");
        }
        self.host.advance(end);
        all
    }
}
