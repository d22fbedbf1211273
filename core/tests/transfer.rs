//! Two references and a wire that loses, repeats and reorders packets: the octets arrive whole, both ways, whatever the
//! sizes, and both ends close.

use lastack_core::config::{Address, Listening};
use lastack_core::types::{Duration, Instant, State};
use lastack_core::{Config, Host, Name, SendError};

/// How the two hosts and the wire are.
#[derive(Clone, Copy, Debug)]
struct World {
    octets: usize,
    recv_buffer: u32,
    send_buffer: u32,
    mtu: u16,
    nagle: bool,
    /// So many packets of a hundred are lost.
    lose: u32,
    /// So many of a hundred are late by some packets, and come twice.
    delay: u32,
}

const WORLD: World = World {
    octets: 20_000,
    recv_buffer: 4_096,
    send_buffer: 4_096,
    mtu: 576,
    nagle: true,
    lose: 0,
    delay: 0,
};

fn host(last: u8, world: &World) -> Host {
    let own = Address { addr: [192, 0, 2, last].into(), prefix_len: 24 };
    let mut config = Config::new(vec![own], [last; 16]);
    (config.recv_buffer, config.send_buffer) = (world.recv_buffer, world.send_buffer);
    (config.mtu, config.nagle) = (world.mtu, world.nagle);
    config.listening = Listening::Becomes;
    config.first_isn = Some(0xffff_fff0);
    // Without congestion control every loss waits for the timer; nobody gives up here.
    (config.user_timeout, config.r2) = (None, Duration::from_secs(100_000));
    Host::new(config)
}

/// The octet of a user's stream at a place; the two streams differ.
fn octet(end: usize, at: usize) -> u8 {
    ((at * 31 + at / 251) as u8).wrapping_add(end as u8 * 101)
}

/// One end's user: writes all, reads all, closes when both are done.
struct User {
    name: Name,
    sent: usize,
    got: usize,
    closed: bool,
}

impl User {
    fn new(name: Name) -> User {
        User { name, sent: 0, got: 0, closed: false }
    }

    /// Whether that changed anything.
    fn work(&mut self, end: usize, host: &mut Host, world: &World) -> bool {
        let before = (self.sent, self.got, self.closed);
        let rest: Vec<u8> =
            (self.sent..world.octets.min(self.sent + 3_000)).map(|at| octet(end, at)).collect();
        match host.send(self.name, &rest) {
            Ok(taken) => self.sent += taken,
            Err(SendError::NoResources | SendError::RemoteUnspecified) => {}
            Err(error) => assert!(self.closed, "{error}"),
        }
        let mut text = Vec::new();
        // At the end of the stream there is an error, and nothing to read.
        let _ = host.receive(self.name, 1_000, &mut text);
        for got in text {
            assert_eq!(got, octet(1 - end, self.got), "octet {} of end {end}, {world:?}", self.got);
            self.got += 1;
        }
        let open = host.status(self.name).is_ok_and(State::is_synchronized);
        // What is unread when the connection has ended is lost (RFC 9293 3.10.3, CLOSED), so both read first.
        if self.sent == world.octets && self.got == world.octets && open && !self.closed {
            self.closed = host.close(self.name).is_ok();
        }
        before != (self.sent, self.got, self.closed)
    }
}

/// The same dice every time (the generator of Numerical Recipes).
struct Chance(u32);

impl Chance {
    fn hits(&mut self, percent: u32) -> bool {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 16) % 100 < percent
    }
}

/// Runs until both ends are closed; the packets that crossed and how long it took.
fn run(world: World) -> (u32, Duration) {
    let mut hosts = [host(1, &world), host(2, &world)];
    let server = hosts[0].open_passive(80, None).expect("a free port");
    let remote = std::net::SocketAddr::from(([192, 0, 2, 1], 80));
    let client = hosts[1].open_active(4_000, remote.into()).expect("a free pair of sockets");
    let mut users = [User::new(server), User::new(client)];
    let (mut packets, mut late): (u32, Vec<(usize, Vec<u8>)>) = (0, Vec::new());
    let mut chance = Chance(1);
    for _ in 0..1_000_000 {
        let mut moved = false;
        for end in [0, 1] {
            moved |= users[end].work(end, &mut hosts[end], &world);
        }
        for end in [0, 1] {
            let mut packet = Vec::new();
            if !hosts[end].transmit(&mut packet) {
                continue;
            }
            (moved, packets) = (true, packets + 1);
            if chance.hits(world.lose) {
                continue;
            }
            if chance.hits(world.delay) {
                late.push((end, packet));
                continue;
            }
            hosts[1 - end].arrives(&packet);
            if late.len() > 2 {
                // Late, and twice.
                let (from, packet) = late.remove(0);
                hosts[1 - from].arrives(&packet);
                hosts[1 - from].arrives(&packet);
            }
        }
        let states = [0, 1].map(|end| hosts[end].status(users[end].name).unwrap_or(State::Closed));
        if !moved && states.iter().all(|state| matches!(state, State::Closed | State::TimeWait)) {
            let got = users.map(|user| user.got);
            assert_eq!(got, [world.octets; 2], "{world:?}");
            return (packets, hosts[0].now().since(Instant::ZERO));
        }
        if !moved {
            late.drain(..).for_each(|(from, packet)| hosts[1 - from].arrives(&packet));
            let next = hosts.iter().filter_map(Host::next_timer).min();
            let next = next.unwrap_or_else(|| panic!("{states:?} rest for ever in {world:?}"));
            hosts.iter_mut().for_each(|host| host.advance(next));
        }
    }
    panic!("no end in {world:?}");
}

#[test]
fn a_clean_wire_takes_few_packets_and_no_time() {
    let (packets, time) = run(WORLD);
    // 38 full segments each way, their ACKs, and the hands shaken.
    assert!(packets < 160, "{packets} packets");
    assert!(time < Duration::from_secs(2), "{time} s");
}

#[test]
fn octets_arrive_whole_whatever_the_sizes() {
    for recv_buffer in [1, 100, 1_460, 200_000] {
        for send_buffer in [1, 1_000, 200_000] {
            for mtu in [68, 1_500] {
                let octets = if recv_buffer.min(send_buffer) == 1 { 50 } else { 5_000 };
                run(World { octets, recv_buffer, send_buffer, mtu, ..WORLD });
            }
        }
    }
}

#[test]
fn octets_arrive_whole_whatever_the_wire_does() {
    for lose in [0, 1, 3, 10] {
        for delay in [0, 5, 30] {
            for nagle in [false, true] {
                run(World { octets: 8_000, lose, delay, nagle, ..WORLD });
            }
        }
    }
}
