//! A flood of spoofed SYNs, and what helps against it.

use lastack_core::types::{Duration, Endpoint, Flags, Instant, SeqNum};
use lastack_core::{Config, Host, Name};

use super::table;
use super::target::{config, send, sent, service};
use crate::suite::random::rng::Rng;

/// Between two spoofed SYNs.
const SPOOFED: Duration = Duration::from_millis(1);
/// So many spoofed SYNs come between two honest clients.
const BETWEEN: u32 = 100;
/// When an honest client sends its SYN again, in seconds after the first; then it gives up after as long again.
const AGAIN: [u64; 3] = [1, 3, 7];

/// A defence, alone.
struct Defence {
    name: &'static str,
    change: fn(&mut Config),
    /// Of spoofed sources one in so many gets through; 0 is all.
    filter: u32,
}

const DEFENCES: [Defence; 5] = [
    Defence { name: "none", change: |_| {}, filter: 0 },
    Defence { name: "given up after 3 s", change: |c| c.r2_syn = Duration::from_secs(3), filter: 0 },
    Defence { name: "4096 places", change: |c| c.listening = queues(4096), filter: 0 },
    Defence { name: "source filter, nine in ten", change: |_| {}, filter: 10 },
    Defence { name: "SYN cookies", change: |c| c.syn_cookies = cookies(), filter: 0 },
];

fn queues(syn_queue: u16) -> lastack_core::config::Listening {
    lastack_core::config::Listening::Forks { syn_queue, accept_queue: 128 }
}

fn cookies() -> Option<lastack_core::CookieSecret> {
    Some(lastack_core::CookieSecret(*b"a secret, really"))
}

/// What one flood came to.
struct Flooded {
    honest: u32,
    open: u32,
    /// The most records at once, listener included.
    records: usize,
    cookies: u64,
}

/// 20,000 spoofed SYNs against each defence, or 1,000,000.
pub fn measure(long: bool) -> String {
    let spoofed = if long { 1_000_000 } else { 20_000 };
    let head = ["defence", "spoofed SYNs", "honest opens", "succeeded", "records at most", "cookies"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for defence in &DEFENCES {
        let Some(it) = flood(defence, spoofed) else { continue };
        let share = format!("{}.{} %", it.open * 100 / it.honest, it.open * 1000 / it.honest % 10);
        rows.push(vec![
            defence.name.to_owned(),
            spoofed.to_string(),
            it.honest.to_string(),
            share,
            it.records.to_string(),
            it.cookies.to_string(),
        ]);
    }
    let memory = if long { peak_memory() } else { String::new() };
    table(&rows) + &memory
}

/// An honest client that has no answer yet.
struct Client {
    port: u16,
    /// When it sends its SYN, and how often it has.
    at: Instant,
    tries: usize,
}

fn flood(defence: &Defence, spoofed: u32) -> Option<Flooded> {
    let mut config = config(3, 128, 128);
    config.syn_cookies = None;
    (defence.change)(&mut config);
    let mut rng = Rng::new(3);
    let mut server = Server { host: Host::new(config), listener: None, clients: Vec::new(), open: 0 };
    server.listener = server.host.open_passive(service().port, None).ok();
    let (mut honest, mut records) = (0, 0);
    for n in 0..spoofed {
        // At any time within its millisecond: else what is given up is taken again at the same instant.
        let within = Duration::from_micros(rng.below(SPOOFED.micros()));
        let now = Instant::ZERO + SPOOFED.times(n.into()) + within;
        server.host.advance(now);
        if defence.filter == 0 || n % defence.filter == 0 {
            // 16 million addresses of 10/8, each one silent.
            let [_, b, c, d] = n.wrapping_mul(0x9e37_79b1).to_be_bytes();
            let from = Endpoint { addr: [10, b, c, d].into(), port: 1024 + (n % 50_000) as u16 };
            send(&mut server.host, from, Flags::SYN, SeqNum::new(n), SeqNum::new(0), &[]);
        }
        server.answers();
        // The first seconds fill the queue; nobody is counted who could not see the flood to its end.
        let counted = now.since(Instant::ZERO) >= Duration::from_secs(2) && n + 9_000 < spoofed;
        if n % BETWEEN == 50 && counted {
            let port = 1024 + (honest % 60_000) as u16;
            server.clients.push(Client { port, at: now, tries: 0 });
            honest += 1;
        }
        server.clients_try(now + Duration::from_micros(rng.below(SPOOFED.micros() - within.micros())));
        if n % 100 == 0 {
            records = records.max(server.host.connections().count());
        }
    }
    let cookies = server.host.connections().map(|connection| connection.cookies).sum();
    Some(Flooded { honest, open: server.open, records, cookies })
}

struct Server {
    host: Host,
    listener: Option<Name>,
    clients: Vec<Client>,
    open: u32,
}

impl Server {
    fn client(port: u16) -> Endpoint {
        Endpoint { addr: [198, 51, 100, 7].into(), port }
    }

    fn clients_try(&mut self, now: Instant) {
        self.host.advance(now);
        for client in &mut self.clients {
            if client.at > now {
                continue;
            }
            let irs = SeqNum::new(u32::from(client.port) << 12);
            send(&mut self.host, Server::client(client.port), Flags::SYN, irs, SeqNum::new(0), &[]);
            let first = client.at;
            let wait = match client.tries {
                0 => AGAIN[0],
                n => AGAIN.get(n).map_or(u64::MAX, |at| at - AGAIN[n - 1]),
            };
            client.at = if wait == u64::MAX { Instant::NEVER } else { first + Duration::from_secs(wait) };
            client.tries += 1;
        }
        self.clients.retain(|client| client.at != Instant::NEVER || client.tries <= AGAIN.len());
        self.answers();
    }

    /// SYN,ACKs for honest clients are answered; what is open is accepted, and let go at once.
    fn answers(&mut self) {
        for header in sent(&mut self.host) {
            let is_answer = header.flags == Flags::SYN | Flags::ACK;
            let Some(at) = self.clients.iter().position(|c| Server::client(c.port) == header.dst) else {
                continue;
            };
            if is_answer {
                self.clients.swap_remove(at);
                send(&mut self.host, header.dst, Flags::ACK, header.ack, header.seq.add(1), &[]);
            }
        }
        while let Some(name) = self.listener.and_then(|listener| self.host.accept(listener)) {
            self.open += 1;
            // It was open a moment ago.
            let _ = self.host.abort(name);
            self.host.release(name);
        }
        sent(&mut self.host);
    }
}

/// The most memory that this process ever had, where the system says so.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.map_or(String::new(), |peak| format!("peak memory of the whole process: {}\n", peak.trim()))
}
