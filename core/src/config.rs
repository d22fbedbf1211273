//! What a host is told before it runs: addresses, sizes, times, and where the RFCs leave a choice.

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::cookie::CookieSecret;
use crate::isn::IsnGenerator;
use crate::types::Duration;

/// An address of the host and the network that it stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Address {
    /// IPv4 or IPv6, unicast.
    pub addr: IpAddr,
    /// Length of the network's prefix, in bits; it tells the directed broadcast address of an IPv4 network.
    pub prefix_len: u8,
}

/// How a listener makes connections.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Listening {
    /// As RFC 9293 writes it: the listening record itself becomes the connection, and goes back to LISTEN
    /// where the RFC says so.
    Becomes,
    /// As hosts do it: the record keeps listening, and every SYN makes a record of its own.
    Forks {
        /// The most connections in SYN-RECEIVED a listener; a SYN beyond is answered by a cookie, or dropped
        /// without an answer.
        syn_queue: u16,
        /// The most established connections that wait for `accept`; while it is full, SYNs are dropped.
        /// Handshakes already begun are still finished, so `syn_queue` more may wait.
        accept_queue: u16,
    },
}

/// Whether a mechanism follows RFC 5961 or RFC 9293 without it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Protection {
    Classic,
    Rfc5961,
}

/// What a RST does in TIME-WAIT.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TimeWaitRst {
    /// It closes (RFC 9293 3.10.7.4, step 2).
    Close,
    /// It is ignored (RFC 1337 3).
    Ignore,
}

/// So many challenge ACKs a connection may send in one span of time (RFC 5961 7).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ChallengeLimit {
    /// The most that are sent in one span.
    pub count: u16,
    /// The span, beginning with its first challenge ACK.
    pub span: Duration,
}

/// Everything that a host is told before it runs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Config {
    /// The host's own addresses. A packet to any other is not for it.
    pub addresses: Vec<Address>,
    /// The largest IP packet that the link takes, in octets; the MSS follows from it.
    pub mtu: u16,
    /// RCV.BUFF of every connection, in octets. 0 is a window that never opens.
    pub recv_buffer: u32,
    /// How much unacknowledged and unsent text a connection keeps, in octets.
    pub send_buffer: u32,
    /// Whether the window scale option is offered (RFC 7323 2).
    pub window_scale: bool,
    /// What becomes of a listener.
    pub listening: Listening,
    /// Where initial sequence numbers come from.
    pub isn: IsnGenerator,
    /// SYN cookies for a listener that forks, when its SYN queue is full (RFC 4987 3.6); `None` drops the SYN.
    pub syn_cookies: Option<CookieSecret>,
    /// The very first initial sequence number, in place of the generator's.
    pub first_isn: Option<u32>,
    /// The Nagle algorithm (RFC 9293 3.7.4), for connections that do not say otherwise.
    pub nagle: bool,
    /// How long an ACK may wait, below 0.5 s (MUST-40); `None` sends each at once.
    pub ack_delay: Option<Duration>,
    /// How long the sender's silly-window avoidance may hold text back, 0.1 to 1 s (3.8.6.2.1, rule 4).
    pub override_timeout: Duration,
    /// Maximum segment lifetime; TIME-WAIT lasts twice as long (MUST-13).
    pub msl: Duration,
    /// The smallest retransmission timeout (RFC 6298 2.4).
    pub rto_min: Duration,
    /// The largest retransmission timeout, 60 s or more (RFC 6298 2.5).
    pub rto_max: Duration,
    /// R1: after so many retransmissions the user is told (SHLD-9, SHLD-10).
    pub r1: u32,
    /// R2: an unanswered segment ends the connection after this time, 100 s or more (SHLD-11).
    pub r2: Duration,
    /// R2 of a SYN or SYN,ACK, three minutes or more (MUST-23).
    pub r2_syn: Duration,
    /// The user timeout, for connections that do not say otherwise (3.9.1.1, OPEN).
    pub user_timeout: Option<Duration>,
    /// RST in step 2: any in the window, or only one at RCV.NXT (RFC 5961 3.2).
    pub rst: Protection,
    /// SYN in step 4: a reset, or a challenge ACK (RFC 5961 4.2).
    pub syn: Protection,
    /// The range check of SEG.ACK in step 5 (MAY-12; RFC 5961 5.2).
    pub ack: Protection,
    /// The throttle of challenge ACKs; `None` sends them all.
    pub challenge_limit: Option<ChallengeLimit>,
    /// RST in TIME-WAIT.
    pub time_wait_rst: TimeWaitRst,
    /// A SYN in TIME-WAIT may open a new connection (MAY-2).
    pub reopen: bool,
    /// CLOSE closes both directions for the user, and unread text makes it a reset (MAY-1, SHLD-3).
    pub half_duplex: bool,
    /// Segments with SYN and FIN are dropped at the door: a common filter, not the RFC's.
    pub drop_synfin: bool,
}

impl Config {
    /// RFC 9293's own recommendations, with RFC 5961 and RFC 6528, for a host with these addresses.
    /// `secret` keys the initial sequence numbers and has to be unguessable.
    pub fn new(addresses: Vec<Address>, secret: [u8; 16]) -> Config {
        Config {
            addresses,
            mtu: 1500,
            recv_buffer: 65_535,
            send_buffer: 65_535,
            window_scale: true,
            listening: Listening::Forks { syn_queue: 128, accept_queue: 128 },
            isn: IsnGenerator::Rfc6528 { secret },
            syn_cookies: Some(CookieSecret(secret)),
            first_isn: None,
            nagle: true,
            ack_delay: Some(Duration::from_millis(200)),
            override_timeout: Duration::from_millis(200),
            msl: Duration::from_secs(120),
            rto_min: Duration::from_secs(1),
            rto_max: Duration::from_secs(60),
            r1: 3,
            r2: Duration::from_secs(180),
            r2_syn: Duration::from_secs(180),
            user_timeout: Some(Duration::from_secs(300)),
            rst: Protection::Rfc5961,
            syn: Protection::Rfc5961,
            ack: Protection::Rfc5961,
            challenge_limit: Some(ChallengeLimit { count: 10, span: Duration::from_secs(5) }),
            time_wait_rst: TimeWaitRst::Ignore,
            reopen: true,
            half_duplex: false,
            drop_synfin: false,
        }
    }

    /// The largest segment that the link carries from or to this address, in octets of text (MUST-16,
    /// 3.7.1): the MTU without the fixed IP and TCP headers, at least 1.
    pub(crate) fn mss(&self, addr: IpAddr) -> u16 {
        let headers = match addr {
            IpAddr::V4(_) => 20 + 20,
            IpAddr::V6(_) => 40 + 20,
        };
        self.mtu.saturating_sub(headers).max(1)
    }
}
