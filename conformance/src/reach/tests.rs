use std::collections::BTreeSet;

use lastack_core::types::State::{self, *};

use super::*;
use crate::scenario::{Anchor, Num, Route, ScriptCall, SegmentSpec, Size};

/// A reading of RFC 9293's Figure 5, with as much of windows and queues as the ways use; written apart from
/// the ways, to catch a way that does not lead where it says.
struct Walk {
    state: State,
    listening: bool,
    passive: bool,
    nagle: bool,
    send_buffer: u32,
    window: u32,
    queued: u32,
    flight: u32,
    fin_queued: bool,
    fin_in_flight: bool,
    peer_fin: bool,
    gap: bool,
}

impl Walk {
    fn new(way: &Way) -> Walk {
        Walk {
            state: Closed,
            listening: false,
            passive: false,
            nagle: way.setup.nagle == Some(true),
            send_buffer: way.setup.send_buffer,
            window: 0,
            queued: 0,
            flight: 0,
            fin_queued: false,
            fin_in_flight: false,
            peer_fin: false,
            gap: false,
        }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Call { call, .. } => self.call(*call),
            Event::Segment(segment) => self.segment(segment),
            Event::Wait(span) => self.wait(span.micros() / 1_000_000),
            Event::Room(_) | Event::World(_) => {}
        }
        self.push();
    }

    fn call(&mut self, call: ScriptCall) {
        match call {
            ScriptCall::OpenPassive { .. } => {
                (self.state, self.listening, self.passive) = (Listen, true, true)
            }
            ScriptCall::OpenActive { .. } => (self.state, self.flight) = (SynSent, 1),
            ScriptCall::Send(octets) => {
                self.queued += octets.min(self.send_buffer - self.queued - self.flight);
            }
            ScriptCall::Close | ScriptCall::ShutdownWrite => self.close(),
            ScriptCall::Abort => self.gone(),
            _ => {}
        }
    }

    fn close(&mut self) {
        self.fin_queued = true;
        self.state = match self.state {
            Listen | SynSent => {
                self.listening = false;
                return self.gone();
            }
            SynReceived if self.queued > 0 => SynReceived,
            SynReceived | Established => FinWait1,
            CloseWait => LastAck,
            other => other,
        };
    }

    /// The connection is no more.
    fn gone(&mut self) {
        self.state = if self.listening { Listen } else { Closed };
        (self.queued, self.flight) = (0, 0);
        (self.fin_queued, self.fin_in_flight, self.peer_fin, self.gap) = (false, false, false, false);
    }

    fn segment(&mut self, segment: &SegmentSpec) {
        let flags = segment.flags;
        self.window = u32::from(segment.window);
        if flags.rst() {
            return self.gone();
        }
        if flags.syn() {
            self.state = match (self.state, flags.ack()) {
                (Listen, false) => {
                    self.flight = 1;
                    SynReceived
                }
                (SynSent, false) => SynReceived,
                (SynSent, true) => {
                    self.flight = 0;
                    Established
                }
                (state, _) => state,
            };
            return;
        }
        self.acked(segment.ack);
        self.received(segment);
    }

    fn acked(&mut self, ack: Num) {
        let left = match ack.anchor {
            Anchor::SndNxt if ack.offset > 0 => return,
            Anchor::SndNxt => ack.offset.unsigned_abs(),
            _ => self.flight - ack.offset.unsigned_abs(),
        };
        let all = left == 0;
        self.flight = left;
        if all && self.state == SynReceived {
            self.state = Established;
        }
        if all && self.fin_in_flight {
            self.fin_in_flight = false;
            self.state = match self.state {
                FinWait1 => FinWait2,
                Closing => TimeWait,
                LastAck => return self.gone(),
                other => other,
            };
        }
    }

    fn received(&mut self, segment: &SegmentSpec) {
        let ahead = segment.seq.anchor == Anchor::RcvNxt && segment.seq.offset > 0;
        if ahead {
            self.gap = true;
        } else if segment.text != Size::Octets(0) && segment.seq.anchor == Anchor::RcvNxt {
            self.gap = false;
        }
        if !segment.flags.fin() || self.peer_fin || self.gap {
            return;
        }
        self.peer_fin = true;
        self.state = match self.state {
            Established => CloseWait,
            FinWait1 => Closing,
            FinWait2 => TimeWait,
            other => other,
        };
    }

    /// Text and FIN leave as window and Nagle allow.
    fn push(&mut self) {
        if !self.state.is_synchronized() {
            return;
        }
        let held = self.nagle && self.flight > 0;
        let now = if held { 0 } else { self.queued.min(self.window.saturating_sub(self.flight)) };
        self.queued -= now;
        self.flight += now;
        if self.fin_queued && self.queued == 0 {
            (self.fin_queued, self.fin_in_flight) = (false, true);
            self.flight += 1;
        }
    }

    fn wait(&mut self, secs: u64) {
        if self.state == TimeWait && secs >= 240 {
            self.gone();
        }
        // A zero-window probe of one octet.
        if self.window == 0 && self.flight == 0 && self.queued > 0 && secs >= 2 {
            (self.flight, self.queued) = (1, self.queued - 1);
        }
    }
}

/// Neighbours confuse a walk that knows one connection.
fn alone() -> impl Iterator<Item = &'static Way> {
    ways().iter().filter(|way| !way.needs.many)
}

fn walked(way: &Way) -> Walk {
    let mut walk = Walk::new(way);
    way.script.iter().for_each(|event| walk.event(event));
    walk
}

#[test]
fn every_way_leads_to_the_state_that_it_names() {
    for way in alone() {
        assert_eq!(walked(way).state, way.state, "{}", way.name);
    }
}

#[test]
fn every_way_leaves_in_flight_what_it_says() {
    for way in alone() {
        assert_eq!(walked(way).flight, way.in_flight(), "{}", way.name);
    }
}

#[test]
fn every_way_knows_whether_the_peers_fin_was_taken() {
    for way in alone().filter(|way| way.state != Closed && way.state != Listen) {
        assert_eq!(walked(way).peer_fin, way.peer_fin, "{}", way.name);
    }
}

#[test]
fn names_are_unique_start_with_the_state_and_need_no_quoting() {
    let mut seen = BTreeSet::new();
    for way in ways() {
        assert!(seen.insert(way.name), "{} twice", way.name);
        assert_eq!(way.state_name(), way.state.name().to_lowercase(), "{}", way.name);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '/';
        assert!(way.name.chars().all(plain), "{}", way.name);
    }
}

#[test]
fn ways_stand_in_the_order_of_the_states() {
    let states: Vec<State> = ways().iter().map(|way| way.state).collect();
    assert!(states.is_sorted());
    assert_eq!(states.iter().collect::<BTreeSet<_>>().len(), State::ALL.len());
}

#[test]
fn the_ways_that_the_suite_promises_are_there() {
    for name in [
        "closed/fresh",
        "closed/after-last-ack",
        "listen/fresh",
        "listen/after-syn-rst",
        "listen/older-connection",
        "established/listener-older",
        "established/listener-younger",
        "syn-received/passive",
        "syn-received/active",
        "established/simultaneous",
        "time-wait/from-fin-wait-1",
        "time-wait/from-fin-wait-2",
        "time-wait/from-closing",
    ] {
        assert!(way_index(name).is_some(), "{name}");
    }
}

#[test]
fn every_situation_is_reached_in_established() {
    let established = || ways().iter().filter(|way| way.state == Established);
    for send in [
        SendSituation::Idle,
        SendSituation::InFlight,
        SendSituation::TwoFlights,
        SendSituation::Resent,
        SendSituation::BehindWindow,
        SendSituation::BehindNagle,
        SendSituation::WindowClosed,
    ] {
        assert!(established().any(|way| way.send == send), "{}", send.name());
    }
    for recv in [
        RecvSituation::Empty,
        RecvSituation::Unread,
        RecvSituation::Hole,
        RecvSituation::AckPending,
        RecvSituation::WindowZero,
        RecvSituation::Scaled,
        RecvSituation::BufferBeyond64K,
        RecvSituation::OneOctet,
    ] {
        assert!(established().any(|way| way.recv == recv), "{}", recv.name());
    }
}

#[test]
fn segments_of_the_main_connection_only_unless_several_are_needed() {
    for way in alone() {
        let stray = |event: &Event| matches!(event, Event::Segment(s) if s.route != Route::MAIN);
        assert!(!way.script.iter().any(stray), "{}", way.name);
    }
}

#[test]
fn a_lacking_capability_is_named() {
    use crate::subject::{Capabilities, ListenerKind};
    let none = Capabilities {
        ipv4: true,
        ipv6: true,
        many: false,
        listener: ListenerKind::BecomesConnection,
        iss: false,
        exact_recv_buffer: false,
        zero_recv_buffer: false,
        half_close: false,
        user_timeout: false,
        keep_alive: false,
        virtual_time: true,
        names_errors: false,
        reads_when_full: false,
    };
    let lacking = |name: &str| way_index(name).and_then(|i| ways()[i].needs.lacking(&none));
    assert_eq!(lacking("established/passive"), None);
    assert_eq!(lacking("fin-wait-1/half-close"), Some("half-close"));
    assert_eq!(lacking("established/window-zero"), Some("a receive buffer of 0 octets"));
    assert_eq!(lacking("established/neighbour"), Some("several connections at once"));
}
