//! Segments in SYN-RECEIVED and later, RFC 9293 3.10.7.4: what comes before step 1, and steps 1 to 4
//! (sequence number, RST, security, SYN).

use lastack_core::types::State::{Closed, Listen, SynReceived};

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{May, Must, Should, Text};
use crate::table::types::Next::{Stay, To};
use crate::table::types::{Reply as R, Rule, Signal as S, Switch as On};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    // Before step 1: reopening and timestamps
    seg(0, "SYN-REOPEN-TIMESTAMP",          TW,          On::Rfc6191,    SYN_NO_ACK.given(NewerTimestamp),              stop(R::SynAck,      &[Reopen, SynIn, ChooseIss], S::None,    To(SynReceived)), Should, "3.6.1; 3.10.7.4 first; RFC 6191 2; SHLD-4", &[]),
    seg(0, "SYN-REOPEN",                    TW,          On::Reopen,     SYN_NO_ACK.given(NewerSyn),                    stop(R::SynAck,      &[Reopen, SynIn, ChooseIss], S::None,    To(SynReceived)), May,    "3.6.1; MAY-2", &[]),
    seg(0, "PAWS",                          SR_TW,       On::Timestamps, NO_RST.given(OldTimestamp),                    stop(R::Ack,         &[],                         S::None,    Stay),            Must,   "RFC 7323 5.3 R1", &[TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW)]),
    seg(0, "TIMESTAMP-MISSING",             SR_TW,       On::Timestamps, NO_RST.given(NoTimestamp),                     stop(R::None,        &[],                         S::None,    Stay),            Should, "RFC 7323 3.2", &[]),
    // Step 1: the sequence number
    seg(1, "RST-OUTSIDE-WINDOW",            SR_TW,       On::Core,       RST.at(OUTSIDE),                               stop(R::None,        &[],                         S::None,    Stay),            Text,   "3.10.7.4 first, second 1); RFC 5961 3.2", &[]),
    seg(1, "UNACCEPTABLE-SEQ",              SR_TW,       On::Core,       NO_RST.at(OUTSIDE),                            stop(R::Ack,         &[],                         S::None,    Stay),            Text,   "3.10.7.4 first; 3.5.2(3); RFC 5961 4.2", &[ACK_FIELD_FIRST, TRIM_OR_REFUSE_SPANS, FIG7_SYN_ACK.in_states(SR), RESTART_FREE_OLD.in_states(TW), THROTTLED_SYN_OUT, TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW)]),
    seg(1, "SYN-ZERO-WINDOW",               SR_TW,       On::Core,       SYN.at(EXACT).shut(),                          stop(R::Ack,         &[],                         S::None,    Stay),            Text,   "3.10.7.4 first", &[THROTTLED_SYN_5961.in_states(ES_TW), TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW)]),
    seg(1, "TEXT-ZERO-WINDOW",              SR_TW,       On::Core,       NO_SYN.at(EXACT).shut().given(SegLenPositive), go_on(R::Ack,        &[RefuseText],               S::None,    Stay),            Text,   "3.4; 3.10.7.4 first; 3.8.6.1; MUST-66", &[ACK_AT_ZERO, ONE_ANSWER]),
    seg(1, "RST-ZERO-WINDOW",               SR_TW,       On::Core,       RST.at(EXACT).shut().given(SegLenPositive),    go_on(R::None,       &[IgnoreText],               S::None,    Stay),            Must,   "3.4; MUST-66", &[]),
    // Step 2: RST
    seg(2, "RST-EXACT-PASSIVE",             SR,          On::Core,       RST.at(EXACT).given(OriginPassive),            stop(R::None,        &[ForgetRemote],             S::None,    To(Listen)),      Text,   "3.10.7.4 second 2); RFC 5961 3.2; 3.5.3; MUST-11", &[RETURN_TO_TIME_WAIT]),
    seg(2, "RST-EXACT-ACTIVE",              SR,          On::Core,       RST.at(EXACT).given(OriginActive),             stop(R::None,        &[Delete],                   S::Refused, To(Closed)),      Text,   "3.10.7.4 second 2); RFC 5961 3.2; 3.5.3; MUST-11", &[]),
    seg(2, "RST-IN-WINDOW",                 SR_TW,       On::RstRfc5961, RST.at(IN_WINDOW),                             stop(R::Challenge,   &[],                         S::None,    Stay),            Must,   "3.10.7.4 second 3); RFC 5961 3.2 7", &[THROTTLED_RST, RFC1337_NO_ACK.in_states(TW)]),
    seg(2, "RST-IN-WINDOW-CLASSIC-PASSIVE", SR,          On::RstClassic, RST.at(IN_WINDOW).given(OriginPassive),        stop(R::None,        &[ForgetRemote],             S::None,    To(Listen)),      Text,   "3.10.7.4 second; 3.5.3; MUST-11", &[RETURN_TO_TIME_WAIT]),
    seg(2, "RST-IN-WINDOW-CLASSIC-ACTIVE",  SR,          On::RstClassic, RST.at(IN_WINDOW).given(OriginActive),         stop(R::None,        &[Delete],                   S::Refused, To(Closed)),      Text,   "3.10.7.4 second; 3.5.3; MUST-11", &[]),
    seg(2, "RST-OVERLAP",                   SR_TW,       On::RstRfc5961, RST.at(LEFT_OVERLAP),                          stop(R::None,        &[],                         S::None,    Stay),            Must,   "3.10.7.4 second 1)", &[]),
    seg(2, "RST-IN-WINDOW-CLASSIC-PASSIVE", SR,          On::RstClassic, RST.at(LEFT_OVERLAP).given(OriginPassive),     stop(R::None,        &[ForgetRemote],             S::None,    To(Listen)),      Text,   "3.10.7.4 first, second; 3.5.3; MUST-11", &[OVERLAP_RST, RETURN_TO_TIME_WAIT]),
    seg(2, "RST-IN-WINDOW-CLASSIC-ACTIVE",  SR,          On::RstClassic, RST.at(LEFT_OVERLAP).given(OriginActive),      stop(R::None,        &[Delete],                   S::Refused, To(Closed)),      Text,   "3.10.7.4 first, second; 3.5.3; MUST-11", &[OVERLAP_RST]),
    seg(2, "RST-EXACT",                     ES_F1_F2_CW, On::Core,       RST.at(EXACT),                                 stop(R::None,        &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 second 2); RFC 5961 3.2; MUST-12 SHLD-2", &[]),
    seg(2, "RST-IN-WINDOW-CLASSIC",         ES_F1_F2_CW, On::RstClassic, RST.at(IN_WINDOW),                             stop(R::None,        &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 second; 3.5.3; MUST-12 SHLD-2", &[]),
    seg(2, "RST-IN-WINDOW-CLASSIC",         ES_F1_F2_CW, On::RstClassic, RST.at(LEFT_OVERLAP),                          stop(R::None,        &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 first, second; MUST-12 SHLD-2", &[OVERLAP_RST]),
    seg(2, "RST-EXACT-CLOSING",             CG_LA_TW,    On::Core,       RST.at(EXACT),                                 stop(R::None,        &[Delete],                   S::None,    To(Closed)),      Text,   "3.10.7.4 second 2); RFC 5961 3.2; RFC 1337 3", &[SIGNAL_RESET, RFC1337.in_states(TW)]),
    seg(2, "RST-IN-WINDOW-CLASSIC-CLOSING", CG_LA_TW,    On::RstClassic, RST.at(IN_WINDOW),                             stop(R::None,        &[Delete],                   S::None,    To(Closed)),      Text,   "3.10.7.4 second; 3.5.3; RFC 1337 3", &[SIGNAL_RESET, RFC1337.in_states(TW)]),
    seg(2, "RST-IN-WINDOW-CLASSIC-CLOSING", CG_LA_TW,    On::RstClassic, RST.at(LEFT_OVERLAP),                          stop(R::None,        &[Delete],                   S::None,    To(Closed)),      Text,   "3.10.7.4 first, second; RFC 1337 3", &[OVERLAP_RST, SIGNAL_RESET, RFC1337.in_states(TW)]),
    // Step 3: security
    seg(3, "SECURITY",                      ES_TW,       On::Mls,        NO_RST.given(SecurityDiffers),                 stop(R::RstFromAck,  &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 third; 3.5.2(3)", &[MLS_IGNORED]),
    // Step 4: SYN
    seg(4, "SYN-IN-WINDOW-PASSIVE",         SR,          On::Core,       SYN.at(INSIDE).given(OriginPassive),           stop(R::None,        &[ForgetRemote],             S::None,    To(Listen)),      Text,   "3.10.7.4 fourth; RFC 1122 4.2.2.20(e)", &[TRIM_OR_REFUSE_SYN, RETURN_TO_TIME_WAIT]),
    seg(4, "SYN-IN-WINDOW",                 SR,          On::SynRfc5961, SYN.at(INSIDE).given(OriginActive),            stop(R::Challenge,   &[],                         S::None,    Stay),            Must,   "3.10.7.4 fourth", &[THROTTLED_SYN]),
    seg(4, "SYN-IN-WINDOW-CLASSIC",         SR,          On::SynClassic, SYN.at(INSIDE).given(OriginActive),            stop(R::RstByAckBit, &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 fourth", &[RST_FIELDS_SYN, TRIM_OR_REFUSE_SYN]),
    seg(4, "SYN-IN-WINDOW",                 ES_TW,       On::SynRfc5961, SYN.at(INSIDE),                                stop(R::Challenge,   &[],                         S::None,    Stay),            Must,   "3.10.7.4 fourth; RFC 5961 4.2 7", &[THROTTLED_SYN, TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW)]),
    seg(4, "SYN-IN-WINDOW-CLASSIC",         ES_TW,       On::SynClassic, SYN.at(INSIDE),                                stop(R::RstByAckBit, &[Delete],                   S::Reset,   To(Closed)),      Text,   "3.10.7.4 fourth", &[RST_FIELDS_SYN, TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW), TRIM_OR_REFUSE_SYN]),
];
