//! Ways into CLOSED, LISTEN, SYN-SENT and SYN-RECEIVED.

use lastack_core::types::State::*;

use super::RecvSituation::*;
use super::SendSituation::*;
use super::Way;
use super::script::{active, nothing, passive, way};
use crate::scenario::build::SND_NXT;

/// Longer than 2 MSL with the MSL of RFC 9293 3.4.2, two minutes.
const PAST_2MSL_MS: u64 = 300_000;
/// Long enough for one or two retransmissions of an RTO that begins at one second.
const RESENT_MS: u64 = 4_000;

#[rustfmt::skip]
pub(super) fn ways() -> Vec<Way> {
    vec![
        // CLOSED: no listener on the port, or a stray segment would find it.
        way("closed/fresh",               Closed, Idle, Empty, &[], nothing()),
        way("closed/listener-closed",     Closed, Idle, Empty, &[], nothing().listen().close_listener()),
        way("closed/after-last-ack",      Closed, Idle, Empty, &[], active().fin().close().ack()),
        way("closed/after-time-wait",     Closed, Idle, Empty, &[], active().close().ack().fin().wait_ms(PAST_2MSL_MS)),
        way("closed/after-abort",         Closed, Idle, Empty, &[], active().abort()),
        way("closed/after-rst",           Closed, Idle, Empty, &[], active().rst()),
        way("closed/after-rst-unread",    Closed, Idle, Empty, &[], active().text(5).send(5).rst()),
        way("closed/refused",             Closed, Idle, Empty, &[], nothing().connect().refuse()),
        way("closed/refused-crossing",    Closed, Idle, Empty, &[], nothing().connect().syn().rst()),
        way("closed/open-given-up",       Closed, Idle, Empty, &[], nothing().connect().close()),

        way("listen/fresh",               Listen, Idle, Empty, &[], nothing().listen()),
        way("listen/after-syn-rst",       Listen, Idle, Empty, &[], nothing().listen().syn().rst()),
        way("listen/after-connection",    Listen, Idle, Empty, &[], passive().rst().on(0)),
        way("listen/older-connection",    Listen, Idle, Empty, &[], nothing().many().connect_to(1).peer(1).syn_ack().on(1).listen()),
        way("listen/own-connection",      Listen, Idle, Empty, &[], nothing().many().peer(1).passive().on(0)),
        way("listen/half-open-beside",    Listen, Idle, Empty, &[], nothing().many().listen().peer(1).syn().on(1).listen()),

        way("syn-sent/fresh",             SynSent, SynInFlight, Empty, &[1], nothing().connect()),
        way("syn-sent/resent",            SynSent, Resent,      Empty, &[1], nothing().connect().wait_ms(RESENT_MS)),
        way("syn-sent/text-queued",       SynSent, SynInFlight, Empty, &[1], nothing().connect().send(5)),
        way("syn-sent/window-zero",       SynSent, SynInFlight, WindowZero, &[1], nothing().buffer(0).connect()),
        way("syn-sent/listener-older",    SynSent, SynInFlight, Empty, &[1], nothing().many().listen().on(1).connect()),
        way("syn-sent/listener-younger",  SynSent, SynInFlight, Empty, &[1], nothing().many().connect().on(1).listen().on(0)),
        way("syn-sent/user-timeout",      SynSent, SynInFlight, Empty, &[1], nothing().user_timeout_secs(20).connect()),

        way("syn-received/passive",       SynReceived, SynInFlight, Empty, &[1], nothing().listen().syn()),
        way("syn-received/active",        SynReceived, SynInFlight, Empty, &[1], nothing().connect().syn()),
        way("syn-received/syn-text",      SynReceived, SynInFlight, Empty, &[1], nothing().listen().syn_text(5)),
        way("syn-received/resent",        SynReceived, Resent,      Empty, &[1], nothing().listen().syn().wait_ms(RESENT_MS)),
        way("syn-received/active-resent", SynReceived, Resent,      Empty, &[1], nothing().connect().syn().wait_ms(RESENT_MS)),
        way("syn-received/active-text",   SynReceived, SynInFlight, Empty, &[1], nothing().connect().send(5).syn()),
        way("syn-received/active-close",  SynReceived, FinQueued,   Empty, &[1], nothing().connect().send(5).syn().close()),
        way("syn-received/peer-window-0", SynReceived, WindowClosed, Empty, &[1], nothing().peer_window(0).listen().syn()),
        way("syn-received/window-zero",   SynReceived, SynInFlight, WindowZero, &[1], nothing().buffer(0).listen().syn()),
        way("syn-received/scaled",        SynReceived, SynInFlight, Scaled, &[1], nothing().buffer(200_000).peer_scale(7).listen().syn()),
        way("syn-received/after-reset",   SynReceived, SynInFlight, Empty, &[1], nothing().listen().syn().ack_to(SND_NXT.plus(9)).rst().syn_again()),
    ]
}
