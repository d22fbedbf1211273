//! A script under a change.

use lastack_core::types::Flags;

use super::prelude::prelude;
use super::{Change, PAUSE};
use crate::reach::SendSituation;
use crate::scenario::{Anchor, Event, OddOptions, Scenario, ScriptCall, SegmentSpec, Size, Trick};
use crate::subject::{Capabilities, IpVersion};
use crate::suite::cells::CrossIn;
use crate::suite::histories::History;

/// First numbers from which a few octets cross 2^32 at the stack and 2^31 at the peer.
const ISS: u32 = 0xffff_fffd;
const PEER_ISN: u32 = 0x7fff_fffa;
/// Added to every port.
const PORT_SHIFT: u16 = 1_111;
/// How much longer an IPv6 header is.
const IPV6_MORE: u16 = 20;
/// Room for what the script before receives.
const WINDOW_MIN: u32 = 64;
/// ECE and CWR among the bits of [`Trick::ReservedBits`], and the four that have no meaning.
const ECN_BITS: u8 = 0x03;
const RESERVED_BITS: u8 = 0x3c;

/// A changed script and where the script proper begins in it.
#[derive(Clone, PartialEq, Debug)]
pub struct Changed {
    /// The script.
    pub scenario: Scenario,
    /// Index of the first event that the unchanged script has too.
    pub main: usize,
}

/// The history under the change; `None` where the change means nothing for it.
pub(super) fn changed(
    change: Change,
    history: &History,
    run: &CrossIn,
    has: &Capabilities,
) -> Option<Changed> {
    let mut run = *run;
    match change {
        Change::Isns => {
            run.iss = Some(ISS);
            run.peer_isn = Some(PEER_ISN);
            run.seed = run.seed.wrapping_add(1);
        }
        Change::IpVersion if has.ipv6 && run.ip == IpVersion::V4 => run.ip = IpVersion::V6,
        Change::IpVersion => return None,
        _ => {}
    }
    let (mut scenario, _) = history.scenario(&run);
    let mut before = prelude(change, has.listener);
    if change != Change::Clock {
        before.push(Event::Wait(PAUSE));
    }
    let main = before.len();
    let applies = match change {
        Change::Isns => {
            let way = history.way().map_or(0, |way| way.script.len());
            let again = scenario.events.iter().skip(way).any(is_syn);
            !again && !scenario.events.iter().any(has_literal)
        }
        Change::IpVersion => {
            scenario.setup.mtu += IPV6_MORE;
            true
        }
        Change::Ports => {
            scenario.events.iter_mut().for_each(shift_ports);
            true
        }
        Change::Padding => each_segment(&mut scenario, |s| odd(s, OddOptions::Padding)),
        Change::UnknownOption => each_segment(&mut scenario, |s| odd(s, OddOptions::Unknown)),
        Change::ReservedBits => each_segment(&mut scenario, |s| bits(s, RESERVED_BITS)),
        Change::EcnBits => each_segment(&mut scenario, |s| !s.flags.syn() && bits(s, ECN_BITS)),
        Change::Push => each_segment(&mut scenario, flip_push),
        // Text and FIN of the script before need a window.
        Change::AfterClose => scenario.setup.recv_buffer >= WINDOW_MIN && begins_with_open(&scenario),
        Change::AfterReset | Change::AfterRefusal | Change::AfterOtherOptions => begins_with_open(&scenario),
        Change::Clock | Change::PolledOften | Change::OneAPoll => true,
        Change::ManyAPoll => {
            let way = history.way()?;
            let after = scenario.events.get(way.script.len()..).unwrap_or_default();
            way.state.is_synchronized() && is_all_sent(way.send) && in_step(after)
        }
    };
    if !applies {
        return None;
    }
    scenario.events.splice(0..0, before);
    Some(Changed { scenario, main })
}

/// Nothing waits that an ACK would let go, so that the peer's numbers do not depend on the answer.
fn is_all_sent(send: SendSituation) -> bool {
    use SendSituation as S;
    matches!(send, S::Idle | S::InFlight | S::TwoFlights | S::FinInFlight | S::TextAndFinInFlight | S::Done)
}

/// Two segments follow one another, and none may end or open a connection, or is as long as the window that was
/// told last: what follows such a one, and its length, depends on the answer.
fn in_step(events: &[Event]) -> bool {
    let plain = |event: &Event| match event {
        Event::Segment(s) => {
            let sized = matches!(s.text, Size::Window(_));
            s.flags.has(Flags::ACK) && !s.flags.syn() && !s.flags.rst() && !sized
        }
        _ => true,
    };
    let two = |two: &[Event]| two.iter().all(|event| matches!(event, Event::Segment(_)));
    events.iter().all(plain) && events.windows(2).any(two)
}

/// A SYN after the way opens a connection whose ISN is the driver's.
fn is_syn(event: &Event) -> bool {
    matches!(event, Event::Segment(s) if s.flags.syn())
}

/// A number that stays where it is when the ISNs move.
fn has_literal(event: &Event) -> bool {
    let Event::Segment(s) = event else { return false };
    s.seq.anchor == Anchor::Literal && s.seq.offset != PEER_ISN.cast_signed()
        || s.flags.ack() && s.ack.anchor == Anchor::Literal
}

/// Changes every segment; whether that changed any.
fn each_segment(scenario: &mut Scenario, change: impl Fn(&mut SegmentSpec) -> bool) -> bool {
    let mut any = false;
    for event in &mut scenario.events {
        if let Event::Segment(segment) = event {
            any |= change(segment);
        }
    }
    any
}

fn odd(segment: &mut SegmentSpec, options: OddOptions) -> bool {
    if segment.options.odd != OddOptions::None {
        return false;
    }
    segment.options.odd = options;
    true
}

fn bits(segment: &mut SegmentSpec, bits: u8) -> bool {
    if segment.trick != Trick::None {
        return false;
    }
    segment.trick = Trick::ReservedBits(bits);
    true
}

fn flip_push(segment: &mut SegmentSpec) -> bool {
    if segment.text == Size::Octets(0) {
        return false;
    }
    let on = segment.flags.has(Flags::PSH);
    segment.flags = if on { segment.flags.without(Flags::PSH) } else { segment.flags | Flags::PSH };
    true
}

/// Port 0 stays what it is.
fn shift(port: &mut u16) {
    if *port != 0 {
        *port = port.saturating_add(PORT_SHIFT);
    }
}

fn shift_ports(event: &mut Event) {
    match event {
        Event::Call { call: ScriptCall::OpenPassive { port }, .. } => shift(port),
        Event::Call { call: ScriptCall::OpenActive { port, remote_port, .. }, .. } => {
            shift(port);
            shift(remote_port);
        }
        Event::Segment(segment) => {
            shift(&mut segment.route.from_port);
            shift(&mut segment.route.to_port);
        }
        Event::Call { .. } | Event::Wait(_) | Event::Room(_) | Event::World(_) => {}
    }
}

/// Nothing comes before the first OPEN, so nothing depends on numbers of before.
fn begins_with_open(scenario: &Scenario) -> bool {
    let open =
        |call: &ScriptCall| matches!(call, ScriptCall::OpenPassive { .. } | ScriptCall::OpenActive { .. });
    matches!(scenario.events.first(), Some(Event::Call { handle: 0, call }) if open(call))
}
