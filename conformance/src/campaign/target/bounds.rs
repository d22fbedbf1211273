//! What a scenario may cost. A change of one octet can ask for a gigabyte or for a century; neither shows what less
//! does not, and a loop that is long because the script asks for it would look like one that never ends.

use lastack_core::types::Duration;

use crate::scenario::{App, Event, Fault, Scenario, ScriptCall, SegmentSpec, Size, WorldEvent};
use crate::subject::{Setup, SocketOption};

/// Beyond what a window field can say without scale, which is 65,535.
const RECV_BUFFER_MAX: u32 = 1 << 20;
const SEND_BUFFER_MAX: u32 = 1 << 16;
/// Of a send buffer whose text a peer may ask for in pieces of less than [`MSS_SMALL`].
const SEND_BUFFER_SMALL: u32 = 2_048;
const MSS_SMALL: u16 = 32;
/// So much more than a buffer holds may be offered to it.
const BEYOND: u32 = 3_000;
/// Room for the headers and some text.
const MTU_MIN: u16 = 100;
/// Longer than any timer: TIME-WAIT, R2, the largest RTO and the oracle's patience with each.
const WAIT_MAX: Duration = Duration::from_secs(1_000);
/// Of all waits together.
const WAITS_MAX: Duration = Duration::from_secs(4_000);
/// More often would be more timers than a wait may have.
const KEEP_ALIVE_MIN: Duration = Duration::from_secs(1);
/// The link of a world.
const LATENCY_MAX: Duration = Duration::from_secs(100);
const SPACING_MAX: Duration = Duration::from_secs(1);
const COPIES_MAX: u8 = 8;
/// Users of a world, and in how many pieces each writes and reads.
const USERS_MAX: usize = 12;
const PIECES_MAX: u32 = 64;
/// Between two calls of a user.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Brings everything within bounds; what is within them stays as it is.
pub fn bound(scenario: &mut Scenario) {
    let small = scenario.events.iter().any(has_small_mss);
    setup(&mut scenario.setup, small);
    if let Some(world) = &mut scenario.world {
        setup(&mut world.other, small);
        world.link.latency = world.link.latency.min(LATENCY_MAX);
        world.link.spacing = world.link.spacing.min(SPACING_MAX);
    }
    let pieces = piece(scenario);
    let sends = scenario.setup.send_buffer.max(scenario.world.unwrap_or_default().other.send_buffer);
    let sends = sends.saturating_add(BEYOND);
    let texts = scenario.setup.recv_buffer.saturating_add(BEYOND);
    let mut left = WAITS_MAX;
    let mut users = 0;
    scenario.events.retain_mut(|event| {
        match event {
            Event::Wait(span) => {
                *span = (*span).min(WAIT_MAX).min(left);
                left = Duration::from_micros(left.micros() - span.micros());
            }
            Event::Call { call, .. } | Event::World(WorldEvent::Call { call, .. }) => {
                bound_call(call, sends);
            }
            Event::Segment(SegmentSpec { text: Size::Octets(octets), .. }) => {
                *octets = u32::from(*octets).min(texts) as u16;
            }
            Event::World(WorldEvent::App { app, .. }) => {
                users += 1;
                user(app, pieces);
            }
            Event::World(WorldEvent::Fault { fault: Fault::Copies(copies), .. }) => {
                *copies = (*copies).min(COPIES_MAX);
            }
            Event::World(_) | Event::Segment(_) | Event::Room(_) => {}
        }
        users <= USERS_MAX || !matches!(event, Event::World(WorldEvent::App { .. }))
    });
}

fn has_small_mss(event: &Event) -> bool {
    matches!(event, Event::Segment(spec) if spec.options.mss.is_some_and(|mss| mss < MSS_SMALL))
}

fn setup(setup: &mut Setup, small: bool) {
    let most = if small { SEND_BUFFER_SMALL } else { SEND_BUFFER_MAX };
    setup.recv_buffer = setup.recv_buffer.min(RECV_BUFFER_MAX);
    setup.send_buffer = setup.send_buffer.clamp(1, most);
    setup.mtu = setup.mtu.max(MTU_MIN);
    setup.keep_alive = setup.keep_alive.map(|span| span.max(KEEP_ALIVE_MIN));
}

fn bound_call(call: &mut ScriptCall, sends: u32) {
    match call {
        ScriptCall::Set(SocketOption::KeepAlive(Some(span))) => *span = (*span).max(KEEP_ALIVE_MIN),
        ScriptCall::Send(octets) => *octets = (*octets).min(sends),
        _ => {}
    }
}

/// The most text that moves at once: a world of one-octet windows has to end too.
fn piece(scenario: &Scenario) -> u32 {
    let other = scenario.world.unwrap_or_default().other;
    let of = |setup: &Setup| setup.send_buffer.min(setup.recv_buffer).min(u32::from(setup.mtu) - 40);
    of(&scenario.setup).min(of(&other)).max(1)
}

fn user(app: &mut App, piece: u32) {
    app.writes = app.writes.min(piece.saturating_mul(PIECES_MAX));
    if app.chunk > 0 {
        app.chunk = app.chunk.max(app.writes.div_ceil(PIECES_MAX));
    }
    if app.reads > 0 {
        app.reads = app.reads.max(piece.div_ceil(2));
    }
    app.every = app.every.min(PAUSE_MAX);
    app.pause = app.pause.min(PAUSE_MAX);
}
