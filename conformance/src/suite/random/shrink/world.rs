//! What only worlds have, made plainer.

use lastack_core::types::Duration;

use super::shorter;
use crate::scenario::{App, Ends, Fault, LinkSetup, Scenario, WorldEvent};
use crate::subject::Setup;

/// Fields of a world's set-up that can go back to their defaults.
pub(super) fn with_default(candidate: &mut Scenario, field: usize) -> Option<()> {
    let world = candidate.world.as_mut()?;
    let (setup, plain) = (&mut world.other, Setup::default());
    match field {
        0 => world.link = LinkSetup::default(),
        1 => world.link.latency = Duration::ZERO,
        2 => (world.link.spacing, world.link.queue) = (Duration::ZERO, 0),
        3 => world.link.mtu = 0,
        4 => *setup = plain,
        5 => setup.recv_buffer = plain.recv_buffer,
        6 => setup.send_buffer = plain.send_buffer,
        7 => setup.nagle = plain.nagle,
        8 => setup.ack_delay = plain.ack_delay,
        9 => setup.mtu = plain.mtu,
        10 => setup.iss = plain.iss,
        11 => setup.user_timeout = plain.user_timeout,
        12 => setup.keep_alive = plain.keep_alive,
        _ => return None,
    }
    Some(())
}

pub(super) fn plainer(event: WorldEvent, how: usize) -> WorldEvent {
    match event {
        WorldEvent::App { host, app } => WorldEvent::App { host, app: plainer_app(app, how) },
        WorldEvent::Crash { host, .. } if how == 0 => WorldEvent::Crash { host, iss: None },
        WorldEvent::Fault { host, packet, fault } => {
            WorldEvent::Fault { host, packet, fault: plainer_fault(fault, how) }
        }
        WorldEvent::Room(packets) if how == 0 && packets != u8::MAX => WorldEvent::Room(0),
        _ => event,
    }
}

fn plainer_app(app: App, how: usize) -> App {
    let plain = App::default();
    match how {
        0 => App { opens: app.opens, ..plain },
        1 => App { chunk: plain.chunk, every: plain.every, ..app },
        2 => App { reads: plain.reads, pause: plain.pause, ..app },
        3 => App { pause: plain.pause, ..app },
        4 => App { ends: Ends::Close, ..app },
        5 => App { ends: Ends::Never, ..app },
        6 => App { writes: 0, ..app },
        7 => App { writes: app.writes.min(1), ..app },
        8 => App { writes: app.writes.min(10), ..app },
        9 => App { writes: app.writes / 2, ..app },
        10 => App { writes: app.writes - app.writes / 4, ..app },
        11 => App { writes: round(app.writes), ..app },
        12 => App { every: plain.every, ..app },
        _ => app,
    }
}

/// The largest number with one digit that is not zero.
fn round(number: u32) -> u32 {
    let unit = 10_u32.pow(number.checked_ilog10().unwrap_or(0));
    number / unit * unit
}

fn plainer_fault(fault: Fault, how: usize) -> Fault {
    match (fault, how) {
        (Fault::Copies(_) | Fault::Flip { .. } | Fault::Cut(_), 0) => Fault::Drop,
        (Fault::Copies(copies), 1) => Fault::Copies(copies.min(1)),
        (Fault::Delay(_), 0) => Fault::Drop,
        (Fault::Delay(_) | Fault::Behind(_), 1) => Fault::Behind(1),
        (Fault::Delay(span), _) if how > 1 => Fault::Delay(rounder(span, how - 2)),
        (Fault::Again(_), 0) => Fault::Copies(1),
        (Fault::Again(span), _) if how > 1 => Fault::Again(rounder(span, how - 2)),
        (Fault::Behind(_), 0) => Fault::Drop,
        _ => fault,
    }
}

/// Shorter and round.
fn rounder(span: Duration, how: usize) -> Duration {
    match how {
        0 => span.min(Duration::from_millis(10)),
        _ => shorter(span, how - 1),
    }
}
