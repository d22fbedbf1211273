//! RFC 9293's figures 6 to 13, played by two references over a scripted wire and drawn as the RFC draws them.
//!
//! A line has the left end's state, the segment, the right end's state, both after it left or came. `-->` is a
//! segment on its way, `...` one that is delayed or lost, or comes late.

use std::net::{IpAddr, SocketAddr};

use lastack_core::config::{Address, Listening};
use lastack_core::types::{Duration, State, wire};
use lastack_core::{Config, Host, IsnGenerator, Name};

/// A page of the RFC.
struct Figure {
    ends: [End; 2],
    lines: Vec<String>,
}

/// One end: a host and the connection that the figure is about.
struct End {
    host: Host,
    name: Option<Name>,
}

const A: usize = 0;
const B: usize = 1;
const PORTS: [u16; 2] = [4000, 80];

fn addr(end: usize) -> IpAddr {
    IpAddr::from([192, 0, 2, 1 + end as u8])
}

/// A host with one listening record that becomes its connection, and this ISN for every connection.
fn host(end: usize, isn: u32) -> Host {
    let mut config = Config::new(vec![Address { addr: addr(end), prefix_len: 24 }], [0; 16]);
    config.listening = Listening::Becomes;
    config.isn = IsnGenerator::Fixed(isn);
    config.window_scale = false;
    config.ack_delay = None;
    Host::new(config)
}

impl Figure {
    fn new(isns: [u32; 2]) -> Figure {
        let end = |end: usize| End { host: host(end, isns[end]), name: None };
        Figure { ends: [end(A), end(B)], lines: Vec::new() }
    }

    /// Both ends ESTABLISHED, with these numbers to send next.
    fn established(next: [u32; 2]) -> Figure {
        let mut figure = Figure::new(next.map(|next| next - 1));
        figure.listen(B);
        figure.open(A);
        for end in [A, B, A] {
            figure.sends(end);
        }
        assert_eq!([figure.state(A), figure.state(B)], [State::Established; 2]);
        figure.lines.clear();
        figure
    }

    fn listen(&mut self, end: usize) {
        self.ends[end].name = Some(self.ends[end].host.open_passive(PORTS[end], None).expect("a free port"));
    }

    fn open(&mut self, end: usize) {
        let remote = SocketAddr::from((addr(1 - end), PORTS[1 - end]));
        let opened = self.ends[end].host.open_active(PORTS[end], remote.into());
        self.ends[end].name = Some(opened.expect("a free pair of sockets"));
    }

    fn close(&mut self, end: usize) {
        let End { host, name } = &mut self.ends[end];
        host.close(name.expect("a connection")).expect("it is open");
    }

    fn state(&self, end: usize) -> State {
        let End { host, name } = &self.ends[end];
        name.and_then(|name| host.status(name).ok()).unwrap_or(State::Closed)
    }

    /// The next packet of an end.
    fn take(&mut self, end: usize) -> Vec<u8> {
        let mut packet = Vec::new();
        assert!(self.ends[end].host.transmit(&mut packet), "{} has nothing to send", ["A", "B"][end]);
        packet
    }

    /// A line of its own: both states.
    fn states(&mut self, remark: &str) {
        self.line(remark, "", String::new());
    }

    fn line(&mut self, remark: &str, arrows: &str, segment: String) {
        let [left, right] = [A, B].map(|end| self.state(end).name());
        let number = self.lines.len() + 1;
        let (from, to) = arrows.split_once(' ').unwrap_or((arrows, ""));
        let text = format!("{number}. {left:<12} {from:<3} {segment:<36} {to:<3} {right:<12} {remark}");
        self.lines.push(text.trim_end().to_owned());
    }

    /// The next packet of an end arrives at the other.
    fn sends(&mut self, end: usize) {
        let packet = self.take(end);
        self.deliver(end, &packet, ["--> -->", "<-- <--"][end]);
    }

    /// The next packet of an end leaves and is late.
    fn sends_late(&mut self, end: usize) -> Vec<u8> {
        let packet = self.take(end);
        self.line("", ["--> ...", "... <--"][end], printed(&packet));
        packet
    }

    /// A late packet of an end arrives after all.
    fn arrives_late(&mut self, end: usize, packet: &[u8]) {
        self.deliver(end, packet, ["... -->", "<-- ..."][end]);
    }

    fn deliver(&mut self, from: usize, packet: &[u8], arrows: &str) {
        self.ends[1 - from].host.arrives(packet);
        self.line("", arrows, printed(packet));
    }

    /// Nobody has anything to send.
    fn is_quiet(&mut self) -> bool {
        let mut packet = Vec::new();
        [A, B].iter().all(|end| !self.ends[*end].host.transmit(&mut packet))
    }

    fn text(mut self) -> String {
        assert!(self.is_quiet(), "the figure ends when both are quiet");
        self.lines.join("\n")
    }
}

fn printed(packet: &[u8]) -> String {
    wire::parse(packet).expect("a packet of ours").to_string()
}

/// A SYN of an earlier incarnation, with this number.
fn old_syn(from: usize, seq: u32) -> Vec<u8> {
    let mut past = Figure::new([seq; 2]);
    past.open(from);
    past.take(from)
}

#[test]
fn figure_6_basic_three_way_handshake() {
    let mut f = Figure::new([100, 300]);
    f.listen(B);
    f.states("");
    f.open(A);
    f.sends(A);
    f.sends(B);
    f.sends(A);
    f.ends[A].host.send(f.ends[A].name.expect("open"), b"text!").expect("it is established");
    f.sends(A);
    f.sends(B);
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_7_simultaneous_synchronization() {
    let mut f = Figure::new([100, 300]);
    f.states("");
    f.open(A);
    f.open(B);
    let late = f.sends_late(A);
    f.sends(B);
    f.arrives_late(A, &late);
    let crossing = f.sends_late(A);
    f.sends(B);
    f.arrives_late(A, &crossing);
    // By 3.10.7.4, step 1, a SYN,ACK whose number has been taken is only answered, and the answer opens.
    f.sends(A);
    f.sends(B);
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_8_recovery_from_old_duplicate_syn() {
    let mut f = Figure::new([100, 300]);
    f.listen(B);
    f.states("");
    f.open(A);
    let late = f.sends_late(A);
    f.deliver(A, &old_syn(A, 90), "... -->");
    f.sends(B);
    f.sends(A);
    f.arrives_late(A, &late);
    f.sends(B);
    f.sends(A);
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_9_half_open_connection_discovery() {
    let mut f = Figure::established([100, 300]);
    f.ends[A] = End { host: host(A, 400), name: None };
    f.states("A has crashed");
    f.open(A);
    f.sends(A);
    f.sends(B);
    f.sends(A);
    // B is free again; A's next SYN finds it CLOSED.
    f.ends[A].host.advance(f.ends[A].host.next_timer().expect("the SYN waits"));
    f.sends(A);
    f.sends(B);
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_10_active_side_causes_half_open_discovery() {
    let mut f = Figure::established([100, 300]);
    f.ends[A] = End { host: host(A, 400), name: None };
    f.states("A has crashed");
    f.ends[B].host.send(f.ends[B].name.expect("open"), &[0; 10]).expect("it is established");
    f.sends(B);
    f.sends(A);
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_11_old_duplicate_syn_on_two_passive_sockets() {
    let mut f = Figure::new([100, 300]);
    f.listen(A);
    f.listen(B);
    f.states("");
    f.deliver(A, &old_syn(A, 90), "... -->");
    f.sends(B);
    f.sends(A);
    f.states("");
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_12_normal_close_sequence() {
    let mut f = Figure::established([100, 300]);
    f.states("");
    f.close(A);
    f.sends(A);
    f.sends(B);
    f.close(B);
    f.sends(B);
    f.sends(A);
    f.ends[A].host.advance(f.ends[A].host.now() + Duration::from_secs(240));
    f.states("2 MSL later");
    insta::assert_snapshot!(f.text());
}

#[test]
fn figure_13_simultaneous_close_sequence() {
    let mut f = Figure::established([100, 300]);
    f.states("");
    f.close(A);
    f.close(B);
    let fin = f.sends_late(A);
    f.sends(B);
    f.arrives_late(A, &fin);
    let ack = f.sends_late(A);
    f.sends(B);
    f.arrives_late(A, &ack);
    for end in [A, B] {
        f.ends[end].host.advance(f.ends[end].host.now() + Duration::from_secs(240));
    }
    f.states("2 MSL later");
    insta::assert_snapshot!(f.text());
}
