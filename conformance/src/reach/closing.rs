//! Ways into the six states of a teardown (RFC 9293 3.6).

use lastack_core::types::State::*;

use super::RecvSituation::*;
use super::SendSituation::*;
use super::Way;
use super::established::{buffer, delaying, nagle, narrow, scaled};
use super::script::{active, nothing, passive, simultaneous, way};
use crate::scenario::build::{RCV_NXT, SND_NXT, SND_UNA};

/// Long enough for one or two retransmissions of an RTO that begins at one second.
const RESENT_MS: u64 = 4_000;

pub(super) fn ways() -> Vec<Way> {
    [fin_wait_1(), fin_wait_2(), close_wait(), closing(), last_ack(), time_wait()].concat()
}

#[rustfmt::skip]
fn fin_wait_1() -> Vec<Way> {
    let state = FinWait1;
    vec![
        way("fin-wait-1/fin",              state, FinInFlight,        Empty, &[1], passive().close()),
        way("fin-wait-1/active",           state, FinInFlight,        Empty, &[1], active().close()),
        way("fin-wait-1/simultaneous",     state, FinInFlight,        Empty, &[1], simultaneous().close()),
        way("fin-wait-1/half-close",       state, FinInFlight,        Empty, &[1], passive().shut()),
        way("fin-wait-1/text-and-fin",     state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).close()),
        way("fin-wait-1/text-acked",       state, FinInFlight,        Empty, &[1], passive().send(5).close().ack_to(SND_NXT.minus(1))),
        way("fin-wait-1/two-flights",      state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).ack().send(5).close()),
        way("fin-wait-1/resent",           state, Resent,             Empty, &[1], passive().close().wait_ms(RESENT_MS)),
        way("fin-wait-1/behind-window",    state, FinQueued,          Empty, &[10], narrow().send(20).close()),
        way("fin-wait-1/behind-nagle",     state, FinQueued,          Empty, &[5], nagle().send(5).send(5).close()),
        way("fin-wait-1/closed-waiting",   state, FinQueued,          Empty, &[], passive().window(0).send(5).close()),
        way("fin-wait-1/closed-in-flight", state, WindowClosed,       Empty, &[5, 1], passive().send(5).close().window(0)),
        way("fin-wait-1/unread",           state, FinInFlight,        Unread, &[1], passive().text(5).shut()),
        way("fin-wait-1/hole",             state, FinInFlight,        Hole, &[1], passive().text_ahead().close()),
        way("fin-wait-1/window-zero",      state, FinInFlight,        WindowZero, &[1], buffer(0).close()),
        way("fin-wait-1/window-filled",    state, FinInFlight,        WindowZero, &[1], passive().fill().shut()),
        way("fin-wait-1/scaled",           state, FinInFlight,        Scaled, &[1], scaled().close()),
        way("fin-wait-1/syn-unacked",      state, FinInFlight,        Empty, &[1, 1], nothing().connect().syn().close()),
    ]
}

#[rustfmt::skip]
fn fin_wait_2() -> Vec<Way> {
    let state = FinWait2;
    vec![
        way("fin-wait-2/passive",       state, Done, Empty, &[], passive().close().ack()),
        way("fin-wait-2/active",        state, Done, Empty, &[], active().close().ack()),
        way("fin-wait-2/half-close",    state, Done, Empty, &[], passive().shut().ack()),
        way("fin-wait-2/text-before",   state, Done, Empty, &[], passive().send(5).close().ack()),
        way("fin-wait-2/unread",        state, Done, Unread, &[], passive().shut().ack().text(5)),
        way("fin-wait-2/hole",          state, Done, Hole, &[], passive().shut().ack().text_ahead()),
        way("fin-wait-2/hole-with-fin", state, Done, Hole, &[], passive().shut().ack().fin_ahead()),
        way("fin-wait-2/ack-pending",   state, Done, AckPending, &[], delaying().shut().ack().text(5)),
        way("fin-wait-2/window-zero",   state, Done, WindowZero, &[], buffer(0).close().ack()),
        way("fin-wait-2/window-filled", state, Done, WindowZero, &[], passive().shut().ack().fill()),
        way("fin-wait-2/scaled",        state, Done, Scaled, &[], scaled().close().ack()),
    ]
}

#[rustfmt::skip]
fn close_wait() -> Vec<Way> {
    let state = CloseWait;
    vec![
        way("close-wait/passive",          state, Idle,         Empty, &[], passive().fin()),
        way("close-wait/active",           state, Idle,         Empty, &[], active().fin()),
        way("close-wait/in-flight",        state, InFlight,     Empty, &[5], passive().send(5).fin()),
        way("close-wait/sent-after",       state, InFlight,     Empty, &[5], passive().fin().send(5)),
        way("close-wait/two-flights",      state, TwoFlights,   Empty, &[5, 5], passive().send(5).ack().fin().send(5).send(5)),
        way("close-wait/resent",           state, Resent,       Empty, &[5], passive().fin().send(5).wait_ms(RESENT_MS)),
        way("close-wait/behind-window",    state, BehindWindow, Empty, &[10], narrow().fin().send(20)),
        way("close-wait/behind-nagle",     state, BehindNagle,  Empty, &[5], nagle().fin().send(5).send(5)),
        way("close-wait/closed-waiting",   state, WindowClosed, Empty, &[], passive().fin().window(0).send(5)),
        way("close-wait/closed-in-flight", state, WindowClosed, Empty, &[5], passive().fin().send(5).window(0)),
        way("close-wait/unread",           state, Idle,         Unread, &[], passive().text(5).fin()),
        way("close-wait/text-with-fin",    state, Idle,         Unread, &[], passive().text_fin_at(RCV_NXT, 5, SND_UNA)),
        way("close-wait/fin-held",         state, Idle,         Unread, &[], passive().fin_ahead().fill_gap()),
        way("close-wait/scaled",           state, Idle,         Scaled, &[], scaled().fin()),
        way("close-wait/in-handshake",     state, Idle,         Empty, &[], nothing().listen().syn().fin_acking(SND_NXT).accept(1)),
        way("close-wait/in-crossing",      state, Idle,         Empty, &[], nothing().connect().syn().fin_acking(SND_NXT)),
    ]
}

#[rustfmt::skip]
fn closing() -> Vec<Way> {
    let state = Closing;
    vec![
        way("closing/passive",       state, FinInFlight,        Empty, &[1], passive().close().fin()),
        way("closing/active",        state, FinInFlight,        Empty, &[1], active().close().fin()),
        way("closing/text-and-fin",  state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).close().fin()),
        way("closing/text-acked",    state, FinInFlight,        Empty, &[1], passive().send(5).close().fin_acking(SND_NXT.minus(1))),
        way("closing/two-flights",   state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).ack().send(5).close().fin()),
        way("closing/resent",        state, Resent,             Empty, &[1], passive().close().fin().wait_ms(RESENT_MS)),
        way("closing/behind-window", state, FinQueued,          Empty, &[10], narrow().send(20).close().fin()),
        way("closing/peer-window-0", state, WindowClosed,       Empty, &[1], passive().close().fin().window(0)),
        way("closing/unread",        state, FinInFlight,        Unread, &[1], passive().shut().text(5).fin()),
        way("closing/scaled",        state, FinInFlight,        Scaled, &[1], scaled().close().fin()),
    ]
}

#[rustfmt::skip]
fn last_ack() -> Vec<Way> {
    let state = LastAck;
    vec![
        way("last-ack/passive",          state, FinInFlight,        Empty, &[1], passive().fin().close()),
        way("last-ack/active",           state, FinInFlight,        Empty, &[1], active().fin().close()),
        way("last-ack/text-and-fin",     state, TextAndFinInFlight, Empty, &[5, 1], passive().fin().send(5).close()),
        way("last-ack/text-before",      state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).fin().close()),
        way("last-ack/text-acked",       state, FinInFlight,        Empty, &[1], passive().fin().send(5).close().ack_to(SND_NXT.minus(1))),
        way("last-ack/two-flights",      state, TextAndFinInFlight, Empty, &[5, 1], passive().send(5).ack().fin().send(5).close()),
        way("last-ack/resent",           state, Resent,             Empty, &[1], passive().fin().close().wait_ms(RESENT_MS)),
        way("last-ack/behind-window",    state, FinQueued,          Empty, &[10], narrow().fin().send(20).close()),
        way("last-ack/closed-waiting",   state, FinQueued,          Empty, &[], passive().fin().window(0).send(5).close()),
        way("last-ack/closed-in-flight", state, WindowClosed,       Empty, &[1], passive().fin().close().window(0)),
        way("last-ack/unread",           state, FinInFlight,        Unread, &[1], passive().text(5).fin().shut()),
        way("last-ack/scaled",           state, FinInFlight,        Scaled, &[1], scaled().fin().close()),
    ]
}

#[rustfmt::skip]
fn time_wait() -> Vec<Way> {
    let state = TimeWait;
    vec![
        way("time-wait/from-fin-wait-1",        state, Done, Empty, &[], passive().close().fin_acking(SND_NXT)),
        way("time-wait/from-fin-wait-2",        state, Done, Empty, &[], passive().close().ack().fin()),
        way("time-wait/from-closing",           state, Done, Empty, &[], passive().close().fin().ack()),
        way("time-wait/from-fin-wait-1-active", state, Done, Empty, &[], active().close().fin_acking(SND_NXT)),
        way("time-wait/from-fin-wait-2-active", state, Done, Empty, &[], active().close().ack().fin()),
        way("time-wait/from-closing-active",    state, Done, Empty, &[], active().close().fin().ack()),
        way("time-wait/text-with-fin",          state, Done, Empty, &[], passive().shut().ack().text_fin_at(RCV_NXT, 5, SND_UNA)),
        way("time-wait/unread",                 state, Done, Unread, &[], passive().shut().text(5).fin_acking(SND_NXT)),
        way("time-wait/later",                  state, Done, Empty, &[], passive().close().ack().fin().wait_ms(1_500)),
        way("time-wait/fin-repeated",           state, Done, Empty, &[], passive().close().ack().fin().wait_ms(1_500).fin_repeated()),
        way("time-wait/scaled",                 state, Done, Scaled, &[], scaled().close().ack().fin()),
        way("time-wait/second-incarnation",     state, Done, Empty, &[], passive().rst().syn_again().ack().accept(2).close().ack().fin()),
    ]
}
