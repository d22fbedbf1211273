//! How a random history begins: the set-up, and how a connection comes about; and how it comes about again.

use lastack_core::types::{Duration, Flags};

use super::maker::{LISTENER, Maker, Peer};
use crate::reach::Way;
use crate::scenario::build::*;
use crate::scenario::{Num, STACK_PORT, ScriptCall};
use crate::suite::cross::{depends_on_buffer, fix_peer_isn};

/// First numbers: the borders of signed and unsigned arithmetic, and just before them.
const ISNS: [u32; 8] = [0, 1, 0x7fff_ffff, 0x7fff_fff0, 0x8000_0000, 0xffff_ffff, 0xffff_fff0, 0xffff_f000];
/// Receive buffers.
const RECV_BUFFERS: [u32; 9] = [0, 1, 10, 536, 1_000, 1_460, 4_096, 4_096, 65_535];
/// Send buffers.
const SEND_BUFFERS: [u32; 6] = [1, 10, 1_460, 4_096, 4_096, 65_535];
/// More than a window field without scale can say; rare, because it is slow to make.
const LARGE: u32 = 200_000;
/// Far beyond the numbers of the incarnation before.
const NEXT_ISN: i32 = 100_000;

impl Maker<'_> {
    /// The set-up of a history that begins with nothing.
    pub fn set_up(&mut self) {
        let lacks = self.run.lacks;
        let recv = self.rng.pick(&RECV_BUFFERS);
        let recv = if self.rng.chance(1, 24) { LARGE } else { recv };
        let small = recv < 1_000 && lacks.exact_recv_buffer || recv == 0 && lacks.zero_recv_buffer;
        self.scenario.setup.recv_buffer = if small { 4_096 } else { recv };
        self.scenario.setup.send_buffer = self.rng.pick(&SEND_BUFFERS);
        self.vary();
    }

    /// What may differ from a way's own set-up without making the way another one.
    pub fn vary_way(&mut self, way: &Way) {
        if !depends_on_buffer(way) && self.rng.chance(1, 4) {
            self.scenario.setup.recv_buffer = self.rng.pick(&[1_000, 1_460, 4_096, 65_535]);
        }
        if self.rng.chance(1, 4) {
            let isn = self.rng.pick(&ISNS);
            fix_peer_isn(way, &mut self.scenario.events, isn);
        }
        self.vary();
    }

    fn vary(&mut self) {
        let lacks = self.run.lacks;
        let setup = &mut self.scenario.setup;
        if self.run.can_set_iss && self.rng.chance(1, 2) {
            setup.iss = Some(self.rng.pick(&ISNS));
        }
        if self.rng.chance(1, 4) {
            setup.nagle = self.rng.pick(&[Some(true), Some(false), None]);
        }
        if self.rng.chance(1, 4) {
            setup.ack_delay = self.rng.pick(&[Some(true), Some(false), None]);
        }
        if self.rng.chance(1, 16) {
            setup.mtu = 1_280;
        }
        if !lacks.user_timeout && self.rng.chance(1, 16) {
            setup.user_timeout = self.rng.pick(&[Some(20), Some(90)]).map(Duration::from_secs);
        }
        if !lacks.keep_alive && self.rng.chance(1, 16) {
            setup.keep_alive = self.rng.pick(&[Some(1), Some(20), Some(90)]).map(Duration::from_secs);
        }
    }

    /// The peer's own side of the handshake.
    pub fn new_peer(&mut self) {
        self.peer = Peer::new();
        self.peer.window = self.rng.pick(&[4_096, 4_096, 65_535, 10, 0, 1_000]);
        self.peer.mss = self.rng.pick(&[1_460, 1_460, 536, 100]);
        self.peer.scale = self.rng.pick(&[None, None, Some(0), Some(2), Some(7), Some(14)]);
    }

    /// Some OPEN, and most likely what follows it.
    pub fn open_first(&mut self) {
        self.new_peer();
        let isn = if self.rng.chance(1, 2) { IRS } else { literal(self.rng.pick(&ISNS)) };
        self.user.handle = LISTENER;
        if self.rng.chance(1, 16) {
            // Of what is not open yet.
            self.set();
        }
        match self.rng.below(8) {
            0 => self.listen(),
            1 => self.call(connect(STACK_PORT)),
            2 => self.open_crossing(isn),
            3 | 4 => self.open_active(isn),
            _ => self.open_passive(isn),
        }
    }

    fn listen(&mut self) {
        self.user.listener = Some(self.user.handle);
        self.user.unaccepted = true;
        self.call(listen(STACK_PORT));
    }

    fn open_passive(&mut self, isn: Num) {
        self.listen();
        let text = if self.rng.chance(1, 8) { 5 } else { 0 };
        self.push(self.syn(isn).text(text).event());
        self.push(self.seg(Flags::ACK).event());
        self.accept();
    }

    fn open_active(&mut self, isn: Num) {
        self.call(connect(STACK_PORT));
        let text = if self.rng.chance(1, 8) { 5 } else { 0 };
        self.push(self.syn(isn).flags(Flags::SYN | Flags::ACK).ack(SND_NXT).text(text).event());
    }

    fn open_crossing(&mut self, isn: Num) {
        self.call(connect(STACK_PORT));
        self.push(self.syn(isn).event());
        self.push(self.seg(Flags::ACK).event());
    }

    /// The connection ends in some way, and the same sockets open another one: on the same handle, or the
    /// listener's next.
    pub fn reopen(&mut self) {
        match self.rng.below(4) {
            0 => self.call(ScriptCall::Abort),
            1 => self.push(self.seg(Flags::RST).event()),
            2 => self.close_both(),
            _ => {
                self.close_both();
                let two_msl = self.run.times.two_msl.micros();
                self.push(wait_micros(two_msl + 1_000_000));
            }
        }
        self.free_queue();
        self.peer.again();
        let isn = IRS.plus(NEXT_ISN);
        if self.user.listener.is_some() && self.rng.chance(2, 3) {
            self.user.unaccepted = true;
            self.push(self.syn(isn).event());
            self.push(self.seg(Flags::ACK).event());
            return self.accept();
        }
        match self.rng.below(3) {
            0 if self.user.listener.is_none() => self.open_passive(isn),
            0 | 1 => self.open_crossing(isn),
            _ => self.open_active(isn),
        }
    }

    /// CLOSE and FIN in some order, each acknowledged.
    pub fn close_both(&mut self) {
        self.free_queue();
        let first = self.rng.chance(1, 2);
        if first {
            self.call(ScriptCall::Close);
            self.push(self.seg(Flags::ACK).event());
        }
        self.fin();
        if !first {
            self.call(ScriptCall::Close);
        }
        self.push(self.seg(Flags::ACK).event());
        self.peer.in_flight = 0;
    }
}
