//! Ways into ESTABLISHED.

use lastack_core::types::State::Established;

use super::RecvSituation::*;
use super::SendSituation::*;
use super::Way;
use super::script::{Script, active, nothing, passive, simultaneous, way};
use crate::scenario::build::SND_UNA;

/// ESTABLISHED with a peer whose window is ten octets from the start.
pub(super) fn narrow() -> Script {
    nothing().peer_window(10).passive()
}

/// ESTABLISHED with Nagle.
pub(super) fn nagle() -> Script {
    nothing().nagle().passive()
}

/// ESTABLISHED with a receive buffer of so many octets.
pub(super) fn buffer(octets: u32) -> Script {
    nothing().buffer(octets).passive()
}

/// ESTABLISHED with delayed acknowledgments.
pub(super) fn delaying() -> Script {
    nothing().ack_delay().passive()
}

/// ESTABLISHED with a scaled window.
pub(super) fn scaled() -> Script {
    nothing().buffer(200_000).peer_scale(7).passive()
}

#[rustfmt::skip]
pub(super) fn ways() -> Vec<Way> {
    let state = Established;
    vec![
        way("established/passive",             state, Idle,         Empty, &[], passive()),
        way("established/active",              state, Idle,         Empty, &[], active()),
        way("established/simultaneous",        state, Idle,         Empty, &[], simultaneous()),

        way("established/in-flight",           state, InFlight,     Empty, &[5], passive().send(5)),
        way("established/in-flight-active",    state, InFlight,     Empty, &[5], active().send(5)),
        way("established/two-in-flight",       state, InFlight,     Empty, &[5, 5], passive().send(5).send(5)),
        way("established/two-flights",         state, TwoFlights,   Empty, &[5], passive().send(5).ack().send(5)),
        way("established/partly-acked",        state, TwoFlights,   Empty, &[5], passive().send(5).send(5).ack_to(SND_UNA.plus(5))),
        way("established/split-acked",         state, TwoFlights,   Empty, &[3], passive().send(5).ack_to(SND_UNA.plus(2))),
        way("established/resent",              state, Resent,       Empty, &[5], passive().send(5).wait_ms(4_000)),
        way("established/full-segments",       state, InFlight,     Empty, &[1460, 1460], passive().send(2_920)),
        way("established/small-mss",           state, InFlight,     Empty, &[100, 100, 50], nothing().peer_mss(100).passive().send(250)),
        way("established/send-buffer-full",    state, InFlight,     Empty, &[10], nothing().send_buffer(10).passive().send(20)),
        way("established/behind-window",       state, BehindWindow, Empty, &[10], narrow().send(20)),
        way("established/behind-nagle",        state, BehindNagle,  Empty, &[5], nagle().send(5).send(5)),
        way("established/peer-window-0",       state, WindowClosed, Empty, &[], passive().window(0)),
        way("established/closed-waiting",      state, WindowClosed, Empty, &[], passive().window(0).send(5)),
        way("established/closed-in-flight",    state, WindowClosed, Empty, &[5], passive().send(5).window(0)),
        way("established/closed-both",         state, WindowClosed, Empty, &[5], passive().send(5).window(0).send(5)),
        way("established/closed-probed",       state, WindowClosed, Empty, &[1], passive().window(0).send(5).wait_ms(4_000)),

        way("established/unread",              state, Idle,         Unread, &[], passive().text(5)),
        way("established/unread-in-flight",    state, InFlight,     Unread, &[5], passive().text(5).send(5)),
        way("established/read",                state, Idle,         Empty, &[], passive().text(5).receive(5)),
        way("established/hole",                state, Idle,         Hole, &[], passive().text_ahead()),
        way("established/two-holes",           state, Idle,         Hole, &[], passive().text_ahead().text_further(15)),
        way("established/many-holes",          state, Idle,         Hole, &[], passive().islands(40)),
        way("established/hole-in-flight",      state, InFlight,     Hole, &[5], passive().send(5).text_ahead()),
        way("established/hole-with-fin",       state, Idle,         Hole, &[], passive().fin_ahead()),
        way("established/ack-pending",         state, Idle,         AckPending, &[], delaying().text(5)),
        way("established/window-zero",         state, Idle,         WindowZero, &[], buffer(0)),
        way("established/window-filled",       state, Idle,         WindowZero, &[], passive().fill()),
        way("established/filled-in-flight",    state, InFlight,     WindowZero, &[5], passive().send(5).fill()),
        way("established/filled-read-one",     state, Idle,         WindowZero, &[], passive().fill().receive(1)),
        way("established/filled-read",         state, Idle,         Empty, &[], passive().fill().receive(1_000)),
        way("established/one-octet",           state, Idle,         OneOctet, &[], buffer(1)),
        way("established/scaled",              state, Idle,         Scaled, &[], scaled()),
        way("established/scaled-in-flight",    state, InFlight,     Scaled, &[5], scaled().send(5)),
        way("established/beyond-64k",          state, Idle,         BufferBeyond64K, &[], buffer(200_000)),

        way("established/user-timeout",        state, Idle,         Empty, &[], nothing().user_timeout_secs(20).passive()),
        way("established/timeout-in-flight",   state, InFlight,     Empty, &[5], nothing().user_timeout_secs(20).passive().send(5)),
        way("established/keep-alive",          state, Idle,         Empty, &[], nothing().keep_alive_secs(20).passive()),

        way("established/listener-older",      state, Idle,         Empty, &[], nothing().many().listen().on(1).connect().syn_ack()),
        way("established/listener-younger",    state, Idle,         Empty, &[], active().many().on(1).listen().on(0)),
        way("established/neighbour",           state, Idle,         Empty, &[], passive().many().peer(1).syn().ack().accept(2).on(1)),
        way("established/second-incarnation",  state, Idle,         Empty, &[], passive().rst().syn_again().ack().accept(2)),
    ]
}
