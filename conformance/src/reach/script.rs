//! A script under construction: one method per thing that a user or a peer does.

use lastack_core::types::{Duration, Flags, State};

use super::{BUFFER, GAP, Needs, Origin, PEER_WINDOW, RecvSituation, SendSituation, TEXT, Way};
use crate::scenario::build::*;
use crate::scenario::{Addr, Num};
use crate::scenario::{Event, PEER_PORT, Route, STACK_PORT, ScriptCall, SegmentSpec, Size};
use crate::subject::{Handle, Setup};

/// Events so far, and what the next ones depend on.
#[derive(Clone)]
pub(super) struct Script {
    events: Vec<Event>,
    setup: Setup,
    origin: Origin,
    handle: Handle,
    listener: Option<Handle>,
    route: Route,
    window: u16,
    mss: u16,
    scale: Option<u8>,
    peer_fin: bool,
    peer_ahead: u16,
    peer_fin_ahead: bool,
    needs: Needs,
}

/// Nothing has happened.
pub(super) fn nothing() -> Script {
    Script {
        events: Vec::new(),
        setup: Setup { recv_buffer: BUFFER, ..Setup::default() },
        origin: Origin::None,
        handle: 0,
        listener: None,
        route: Route::MAIN,
        window: PEER_WINDOW,
        mss: 1460,
        scale: None,
        peer_fin: false,
        peer_ahead: 0,
        peer_fin_ahead: false,
        needs: Needs::default(),
    }
}

/// ESTABLISHED by a passive OPEN, accepted as handle 1, the listener listening again.
pub(super) fn passive() -> Script {
    nothing().passive()
}

/// ESTABLISHED by an active OPEN, handle 0.
pub(super) fn active() -> Script {
    nothing().active()
}

/// ESTABLISHED by two active OPENs that crossed, handle 0.
pub(super) fn simultaneous() -> Script {
    nothing().connect().syn().ack()
}

/// Set-up: before the first event.
impl Script {
    pub(super) fn buffer(mut self, octets: u32) -> Script {
        self.setup.recv_buffer = octets;
        self.needs.zero_recv_buffer |= octets == 0;
        self.needs.exact_recv_buffer |= octets < BUFFER;
        self
    }

    pub(super) fn nagle(mut self) -> Script {
        self.setup.nagle = Some(true);
        self
    }

    pub(super) fn ack_delay(mut self) -> Script {
        self.setup.ack_delay = Some(true);
        self
    }

    pub(super) fn send_buffer(mut self, octets: u32) -> Script {
        self.setup.send_buffer = octets;
        self
    }

    /// The peer's window field from the first SYN on.
    pub(super) fn peer_window(mut self, window: u16) -> Script {
        self.window = window;
        self
    }

    pub(super) fn peer_scale(mut self, shift: u8) -> Script {
        self.scale = Some(shift);
        self
    }

    pub(super) fn peer_mss(mut self, mss: u16) -> Script {
        self.mss = mss;
        self
    }

    /// Unacknowledged text ends the connection after so long.
    pub(super) fn user_timeout_secs(mut self, secs: u64) -> Script {
        self.setup.user_timeout = Some(Duration::from_secs(secs));
        self.needs.user_timeout = true;
        self
    }

    pub(super) fn keep_alive_secs(mut self, secs: u64) -> Script {
        self.setup.keep_alive = Some(Duration::from_secs(secs));
        self.needs.keep_alive = true;
        self
    }

    pub(super) fn many(mut self) -> Script {
        self.needs.many = true;
        self
    }
}

/// The user.
impl Script {
    fn event(mut self, event: impl Into<Event>) -> Script {
        self.events.push(event.into());
        self
    }

    fn call(self, what: ScriptCall) -> Script {
        let handle = self.handle;
        self.event(call(handle, what))
    }

    pub(super) fn listen(mut self) -> Script {
        if self.origin == Origin::None {
            self.origin = Origin::Passive;
        }
        self.listener = Some(self.handle);
        self.call(listen(STACK_PORT))
    }

    pub(super) fn connect(mut self) -> Script {
        self.origin = Origin::Active;
        self.call(connect(STACK_PORT))
    }

    /// OPEN active to another peer.
    pub(super) fn connect_to(mut self, number: u8) -> Script {
        self.origin = Origin::Active;
        let remote = Addr::Peer(number);
        self.call(ScriptCall::OpenActive { port: STACK_PORT, remote, remote_port: PEER_PORT })
    }

    /// The listener's connection becomes `into`, and the script goes on with it.
    pub(super) fn accept(mut self, into: Handle) -> Script {
        let listener = self.listener.unwrap_or(0);
        self.handle = into;
        self.event(call(listener, accept(into)))
    }

    pub(super) fn passive(self) -> Script {
        self.listen().syn().ack().accept(1)
    }

    pub(super) fn active(self) -> Script {
        self.connect().syn_ack()
    }

    pub(super) fn send(self, octets: u32) -> Script {
        self.call(send(octets))
    }

    pub(super) fn receive(self, octets: u32) -> Script {
        self.call(receive(octets))
    }

    pub(super) fn close(self) -> Script {
        self.call(ScriptCall::Close)
    }

    pub(super) fn abort(self) -> Script {
        self.call(ScriptCall::Abort)
    }

    pub(super) fn shut(mut self) -> Script {
        self.needs.half_close = true;
        self.call(ScriptCall::ShutdownWrite)
    }

    /// The listener goes away; it never made a connection.
    pub(super) fn close_listener(mut self) -> Script {
        self.origin = Origin::None;
        self.listener = None;
        self.close()
    }

    /// From here on calls are made on `handle`; a connection that was there stays as a neighbour.
    pub(super) fn on(mut self, handle: Handle) -> Script {
        self.handle = handle;
        self
    }

    pub(super) fn wait_ms(self, millis: u64) -> Script {
        self.event(wait_millis(millis))
    }
}

/// The peer. Unless the name says otherwise it has not seen what is in flight: ACK=SND.UNA.
impl Script {
    fn segment(&self, flags: Flags) -> SegmentSpec {
        seg(flags).route(self.route).window(self.window).ack(SND_UNA)
    }

    /// Segments come from this peer from here on.
    pub(super) fn peer(mut self, number: u8) -> Script {
        self.route = Route { from: Addr::Peer(number), from_port: PEER_PORT, ..Route::MAIN };
        self
    }

    fn opening(&self, flags: Flags) -> SegmentSpec {
        let spec = self.segment(flags).seq(IRS).ack(literal(0)).mss(self.mss);
        match self.scale {
            Some(shift) => spec.scale(shift),
            None => spec,
        }
    }

    pub(super) fn syn(mut self) -> Script {
        if self.origin == Origin::Active {
            self.origin = Origin::Simultaneous;
        }
        let spec = self.opening(Flags::SYN);
        self.event(spec)
    }

    /// A SYN of a later incarnation.
    pub(super) fn syn_again(self) -> Script {
        let spec = self.opening(Flags::SYN).seq(IRS.plus(100_000));
        self.event(spec)
    }

    pub(super) fn syn_text(self, octets: u16) -> Script {
        let spec = self.opening(Flags::SYN).text(octets);
        self.event(spec)
    }

    pub(super) fn syn_ack(self) -> Script {
        let spec = self.opening(Flags::SYN | Flags::ACK).ack(SND_NXT);
        self.event(spec)
    }

    /// All that was sent is acknowledged.
    pub(super) fn ack(self) -> Script {
        self.ack_to(SND_NXT)
    }

    pub(super) fn ack_to(self, number: Num) -> Script {
        let spec = self.segment(Flags::ACK).ack(number);
        self.event(spec)
    }

    /// The peer's window field changes, told in an ACK of nothing new.
    pub(super) fn window(mut self, window: u16) -> Script {
        self.window = window;
        self.ack_to(SND_UNA)
    }

    pub(super) fn text(self, octets: u16) -> Script {
        let spec = self.segment(Flags::PSH | Flags::ACK).text(octets);
        self.event(spec)
    }

    /// Five octets of text beyond a gap; nothing is acknowledged.
    pub(super) fn text_ahead(self) -> Script {
        self.text_further(GAP)
    }

    /// Five octets of text so far beyond RCV.NXT.
    pub(super) fn text_further(mut self, gap: u16) -> Script {
        self.peer_ahead = gap + TEXT;
        let spec = self.segment(Flags::PSH | Flags::ACK).seq(RCV_NXT.plus(gap.into())).text(TEXT);
        self.event(spec)
    }

    /// Five octets of text beyond each of so many gaps.
    pub(super) fn islands(self, many: u16) -> Script {
        (0..many).fold(self, |script, island| script.text_further(GAP + island * (GAP + TEXT)))
    }

    /// Text and the FIN beyond a gap.
    pub(super) fn fin_ahead(mut self) -> Script {
        (self.peer_ahead, self.peer_fin_ahead) = (GAP + TEXT, true);
        let spec = self.segment(Flags::FIN | Flags::ACK).seq(RCV_NXT.plus(GAP.into())).text(TEXT);
        self.event(spec)
    }

    /// The gap is filled, and what was beyond it is sent again, for a stack that did not hold it.
    pub(super) fn fill_gap(mut self) -> Script {
        (self.peer_ahead, self.peer_fin_ahead) = (0, false);
        self.text(GAP).text_fin_at(IRS.plus(1 + i32::from(GAP)), TEXT, SND_UNA)
    }

    /// The FIN that was taken, once more.
    pub(super) fn fin_repeated(self) -> Script {
        self.text_fin_at(RCV_NXT.minus(1), 0, SND_NXT)
    }

    /// Text up to the edge of the stack's window.
    pub(super) fn fill(self) -> Script {
        let spec = self.segment(Flags::PSH | Flags::ACK).size(Size::Window(0));
        self.event(spec)
    }

    pub(super) fn fin(self) -> Script {
        self.fin_acking(SND_UNA)
    }

    pub(super) fn fin_acking(self, number: Num) -> Script {
        self.text_fin_at(RCV_NXT, 0, number)
    }

    pub(super) fn text_fin_at(mut self, seq: Num, octets: u16, acking: Num) -> Script {
        self.peer_fin = true;
        let spec = self.segment(Flags::FIN | Flags::ACK).seq(seq).text(octets).ack(acking);
        self.event(spec)
    }

    pub(super) fn rst(self) -> Script {
        let spec = self.segment(Flags::RST);
        self.event(spec)
    }

    pub(super) fn refuse(self) -> Script {
        let spec = self.segment(Flags::RST | Flags::ACK).seq(literal(0)).ack(SND_NXT).window(0);
        self.event(spec)
    }
}

/// A row of the lists of ways.
pub(super) fn way(
    name: &'static str,
    state: State,
    send: SendSituation,
    recv: RecvSituation,
    flight: &'static [u16],
    script: Script,
) -> Way {
    Way {
        name,
        state,
        origin: script.origin,
        send,
        recv,
        flight,
        handle: script.handle,
        listener: script.listener,
        peer_window: script.window,
        peer_fin: script.peer_fin,
        peer_ahead: script.peer_ahead,
        peer_fin_ahead: script.peer_fin_ahead,
        setup: script.setup,
        script: script.events,
        needs: script.needs,
    }
}
