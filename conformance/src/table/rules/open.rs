//! Segments in CLOSED, LISTEN and SYN-SENT: RFC 9293 3.10.7.1 to 3.10.7.3.

use lastack_core::types::State::{Closed, Established, SynReceived};

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{Must, Text};
use crate::table::types::Next::{Stay, To};
use crate::table::types::{Reply as R, Rule, Signal as S, Switch as On};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    // CLOSED, RFC 9293 3.10.7.1
    seg(1, "STRAY-RST",               CL,    On::Core, RST,                               stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.1; 3.5.2(1); MUST-3", &[]),
    seg(2, "STRAY-WITHOUT-ACK",       CL,    On::Core, WITHOUT_ACK.acks(NO_ACK),          stop(R::RstZero,     &[],                               S::None,  Stay),            Text, "3.10.7.1; 3.5.2(1)", &[]),
    seg(2, "STRAY-WITH-ACK",          CL,    On::Core, WITH_ACK,                          stop(R::RstFromAck,  &[],                               S::None,  Stay),            Text, "3.10.7.1; 3.5.2(1)", &[]),
    // LISTEN, RFC 9293 3.10.7.2
    seg(1, "LISTEN-RST",              LI,    On::Core, RST,                               stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.2 first; 3.5.3", &[]),
    seg(2, "LISTEN-ACK",              LI,    On::Core, WITH_ACK,                          stop(R::RstFromAck,  &[],                               S::None,  Stay),            Text, "3.10.7.2 second; 3.5.2(2)", &[COOKIE_ACK]),
    seg(3, "SECURITY-UNSYNCHRONIZED", LI,    On::Mls,  SYN_NO_ACK.given(SecurityDiffers), stop(R::RstZero,     &[],                               S::None,  Stay),            Text, "3.10.7.2 third; RFC 1122 4.2.2.20(b)", &[MLS_IGNORED]),
    seg(3, "LISTEN-SYN",              LI,    On::Core, SYN_NO_ACK.acks(NO_ACK),           stop(R::SynAck,      &[SynIn, ChooseIss, QueueSynText], S::None,  To(SynReceived)), Text, "3.10.7.2 third; MUST-8 MUST-11 MUST-14", &[SYN_COOKIE, SILENT_BACKLOG_FULL, SYN_TEXT_DROPPED, FAST_OPEN_COOKIE]),
    seg(4, "LISTEN-OTHER",            LI,    On::Core, NO_SYN_NO_ACK.acks(NO_ACK),        stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.2 fourth", &[]),
    // SYN-SENT, RFC 9293 3.10.7.3
    seg(1, "SYN-SENT-RST-STRAY",      SS,    On::Core, RST_ACK.acks(BAD),                 stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.3 first; RFC 5961 3.2", &[]),
    seg(1, "SYN-SENT-BAD-ACK",        SS,    On::Core, WITH_ACK.acks(BAD),                stop(R::RstFromAck,  &[],                               S::None,  Stay),            Text, "3.10.7.3 first; 3.5.2(2); Fig. 8, 9", &[]),
    seg(2, "SYN-SENT-RST",            SS,    On::Core, RST_ACK.acks(SYN_ACKED),           stop(R::None,        &[Delete],                         S::Reset, To(Closed)),      Text, "3.10.7.3 second; 3.5.3; RFC 5961 3.2; verified erratum 8167", &[]),
    seg(2, "SYN-SENT-RST-STRAY",      SS,    On::Core, RST_NO_ACK.acks(NO_ACK),           stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.3 second; RFC 5961 3.2", &[]),
    seg(3, "SECURITY-UNSYNCHRONIZED", SS_SR, On::Mls,  NO_RST.given(SecurityDiffers),     stop(R::RstByAckBit, &[],                               S::None,  Stay),            Text, "3.10.7.3 third; 3.10.7.4 third", &[MLS_IGNORED]),
    seg(4, "SYN-SENT-SYN-ACK",        SS,    On::Core, SYN_ACK.acks(SYN_ACKED),           go_on(R::Ack,        &[SynAckIn, ReleaseQueued],        S::Open,  To(Established)), Text, "3.10.7.3 fourth; Fig. 6; RFC 1122 4.2.2.20(c)", &[NO_SEPARATE_ACK, CARRY_QUEUED]),
    seg(4, "SYN-SENT-SYN",            SS,    On::Core, SYN_NO_ACK.acks(NO_ACK),           stop(R::SynAck,      &[SynIn, SynWindow, QueueSynText], S::None,  To(SynReceived)), Must, "3.10.7.3 fourth; 3.5 Fig. 7; MUST-10 MUST-11", &[]),
    seg(5, "SYN-SENT-NO-SYN",         SS,    On::Core, NO_SYN.acks(NONE_OR_RIGHT),        stop(R::None,        &[],                               S::None,  Stay),            Text, "3.10.7.3 fifth", &[]),
];
