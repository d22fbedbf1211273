//! A listener's two queues, full.

use lastack_core::types::wire::parse;
use lastack_core::types::{Endpoint, Flags, SeqNum};
use lastack_core::{Config, Host};

use super::target::{config, send, service};

/// A host, and what is told of it.
struct Scene {
    host: Host,
    out: String,
}

impl Scene {
    fn new(title: &str, change: fn(&mut Config)) -> Scene {
        let mut config = config(4, 2, 2);
        config.isn = lastack_core::IsnGenerator::Fixed(300);
        change(&mut config);
        let mut host = Host::new(config);
        // A fresh host has every port free.
        let _ = host.open_passive(service().port, None);
        Scene { host, out: format!("{title}\n\n") }
    }

    fn client(port: u16) -> Endpoint {
        Endpoint { addr: [198, 51, 100, 7].into(), port }
    }

    fn arrives(&mut self, port: u16, flags: Flags, seq: u32, ack: u32) {
        let ack_field = if flags.ack() { format!("<ACK={ack}>") } else { String::new() };
        self.out.push_str(&format!("  {port} --> <SEQ={seq}>{ack_field}<CTL={flags}>\n"));
        send(&mut self.host, Scene::client(port), flags, SeqNum::new(seq), SeqNum::new(ack), &[]);
        let (mut packet, mut answers) = (Vec::new(), 0);
        while self.host.transmit(&mut packet) {
            if let Ok(segment) = parse(&packet) {
                self.out.push_str(&format!("  {} <-- {segment}\n", segment.header.dst.port));
            }
            packet.clear();
            answers += 1;
        }
        if answers == 0 && flags.syn() {
            self.out.push_str(&format!("  {port}     no answer\n"));
        }
    }

    fn list(mut self) -> String {
        self.out.push('\n');
        for connection in self.host.connections() {
            self.out.push_str(&format!("  {connection}\n"));
        }
        self.out.push('\n');
        self.out
    }
}

/// Two places for handshakes, three clients; then the same with cookies.
pub fn syn_queue(_: bool) -> String {
    let mut scene = Scene::new("Two places, no cookies:", |config| config.syn_cookies = None);
    for port in 1..=3 {
        scene.arrives(port, Flags::SYN, 100, 0);
    }
    let mut out = scene.list();
    let mut scene = Scene::new("Two places, and cookies beyond:", |_| {});
    for port in 1..=3 {
        scene.arrives(port, Flags::SYN, 100, 0);
    }
    out.push_str(&scene.list());
    out
}

/// Two places for connections that wait, and a third client.
pub fn accept_queue(_: bool) -> String {
    let mut scene = Scene::new("Two connections wait, nobody accepts:", |_| {});
    for port in 1..=2 {
        scene.arrives(port, Flags::SYN, 100, 0);
        scene.arrives(port, Flags::ACK, 101, 301);
    }
    scene.arrives(3, Flags::SYN, 100, 0);
    scene.list()
}
