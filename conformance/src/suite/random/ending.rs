//! How every random history ends: the clock runs past all obligations, then data both ways and a close.

use lastack_core::types::Flags;

use super::maker::Maker;
use crate::scenario::ScriptCall;
use crate::scenario::build::*;
use crate::suite::tails::{ACK_DUE_MS, LONG_SILENCE_MS, SILENCE_MS};

impl Maker<'_> {
    /// The end.
    pub fn end(&mut self) {
        self.free_queue();
        let times = self.run.times;
        self.millis(SILENCE_MS);
        let long = times.two_msl.micros().max(times.r2.micros()).saturating_add(1_000_000);
        self.push(wait_micros(long.max(LONG_SILENCE_MS * 1_000)));
        if self.user.unaccepted {
            self.accept();
        }
        self.in_step(Flags::ACK, 0);
        while self.peer.ahead > 0 {
            self.fill_gap();
        }
        self.call(send(5));
        self.millis(ACK_DUE_MS);
        self.in_step(Flags::ACK, 0);
        if !self.peer.fin {
            self.in_step(Flags::PSH | Flags::ACK, 5);
        }
        self.call(receive(65_535));
        self.millis(ACK_DUE_MS);
        self.call(ScriptCall::Close);
        self.millis(ACK_DUE_MS);
        self.in_step(Flags::ACK, 0);
        if !self.peer.fin {
            self.in_step(Flags::FIN | Flags::ACK, 0);
        }
        self.millis(ACK_DUE_MS);
        self.in_step(Flags::ACK, 0);
        self.call(ScriptCall::Status);
        self.probe();
        self.push(wait_micros(times.two_msl.micros().saturating_add(1_000_000)));
        self.probe();
        self.millis(ACK_DUE_MS);
    }

    /// A segment of a peer that has seen everything, its window open.
    fn in_step(&mut self, flags: Flags, octets: u16) {
        self.push(seg(flags).text(octets).event());
    }

    /// One old octet: its answer shows SND.NXT and RCV.NXT, or that nobody is there.
    fn probe(&mut self) {
        self.push(seg(Flags::ACK).seq(RCV_NXT.minus(1)).ack(SND_UNA).text(1).event());
    }
}
