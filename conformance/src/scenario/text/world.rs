//! The lines of a world as text.

use core::fmt;

use super::{ROOM_ANY, Seconds, write_setup};
use crate::scenario::{App, Ends, Fault, LinkSetup, Opens, WorldEvent, WorldSetup};

/// Names of the ways to begin.
pub(in crate::scenario) const OPENS: [(Opens, &str); 3] =
    [(Opens::Connect, "connect"), (Opens::Listen, "listen"), (Opens::Accept, "accept")];
/// Names of the ways to end.
pub(in crate::scenario) const ENDS: [(Ends, &str); 5] = [
    (Ends::Close, "close"),
    (Ends::Half, "half"),
    (Ends::Last, "last"),
    (Ends::Abort, "abort"),
    (Ends::Never, "never"),
];

/// `world`, the link, and what host B's set-up has that is not the default.
pub(super) fn write_world(f: &mut fmt::Formatter<'_>, world: &WorldSetup) -> fmt::Result {
    let LinkSetup { latency, spacing, queue, mtu } = world.link;
    let default = LinkSetup::default();
    f.write_str("world")?;
    if latency != default.latency {
        write!(f, " latency {}", Seconds(latency))?;
    }
    if spacing != default.spacing {
        write!(f, " spacing {}", Seconds(spacing))?;
    }
    if queue != default.queue {
        write!(f, " queue {queue}")?;
    }
    if mtu != default.mtu {
        write!(f, " mtu {mtu}")?;
    }
    writeln!(f)?;
    write_setup(f, "B ", &world.other)
}

/// One line, without its end.
impl fmt::Display for WorldEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            WorldEvent::Call { handle, call } => write!(f, "B call {handle} {call}"),
            WorldEvent::Room(ROOM_ANY) => f.write_str("B room any"),
            WorldEvent::Room(packets) => write!(f, "B room {packets}"),
            WorldEvent::App { host, app } => write!(f, "app {host} {app}"),
            WorldEvent::Crash { host, iss: None } => write!(f, "crash {host}"),
            WorldEvent::Crash { host, iss: Some(iss) } => write!(f, "crash {host} iss {iss}"),
            WorldEvent::Fault { host, packet, fault } => write!(f, "fault {host} {packet} {fault}"),
        }
    }
}

/// How it begins, then what is not the default: `connect send 1500 chunk 100 then half`.
impl fmt::Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = App::default();
        f.write_str(super::name_of(&OPENS, self.opens).unwrap_or_default())?;
        if self.writes != default.writes {
            write!(f, " send {}", self.writes)?;
        }
        if self.chunk != default.chunk {
            write!(f, " chunk {}", self.chunk)?;
        }
        if self.every != default.every {
            write!(f, " every {}", Seconds(self.every))?;
        }
        if self.reads != default.reads {
            write!(f, " receive {}", self.reads)?;
        }
        if self.pause != default.pause {
            write!(f, " pause {}", Seconds(self.pause))?;
        }
        if self.ends != default.ends {
            write!(f, " then {}", super::name_of(&ENDS, self.ends).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// `drop`, `delay 30ms`, `flip 170 mended`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::Drop => f.write_str("drop"),
            Fault::Delay(span) => write!(f, "delay {}", Seconds(span)),
            Fault::Behind(packets) => write!(f, "behind {packets}"),
            Fault::Copies(copies) => write!(f, "copies {copies}"),
            Fault::Again(span) => write!(f, "again {}", Seconds(span)),
            Fault::Flip { bit, mended: false } => write!(f, "flip {bit}"),
            Fault::Flip { bit, mended: true } => write!(f, "flip {bit} mended"),
            Fault::Cut(octets) => write!(f, "cut {octets}"),
        }
    }
}
