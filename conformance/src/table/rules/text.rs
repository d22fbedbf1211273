//! Segments in SYN-RECEIVED and later, RFC 9293 3.10.7.4: steps 5 to 8 (ACK, URG, text, FIN).
//!
//! The three rows `On::Case` whose names say RIGHT-OVERLAP are executed: a segment that runs past the
//! window's edge takes them, and never the core row behind them.

use lastack_core::types::State::{CloseWait, Closed, Closing, Established, FinWait2, TimeWait};

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{Must, Should, Text};
use crate::table::types::Next::{Stay, To};
use crate::table::types::{Reply as R, Rule, Signal as S, Switch as On};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    // Step 5: ACK
    seg(5, "ACK-RANGE",               SR_TW,               On::May12,      ACK.at(INSIDE).acks(OUT_OF_RANGE),                                   stop(R::Ack,           &[],                                  S::None,         Stay),            Must,   "3.10.7.4 fifth; RFC 5961 5.2; MAY-12", &[THROTTLED_ACK, ACK_OR_RST.in_states(SR)]),
    seg(5, "ACK-MISSING",             SR_TW,               On::Core,       NO_SYN_NO_ACK.at(INSIDE).acks(NO_ACK),                               stop(R::None,          &[],                                  S::None,         Stay),            Text,   "3.10.7.4 fifth", &[]),
    seg(5, "HANDSHAKE-ACK",           SR,                  On::Core,       ACK.at(INSIDE).acks(NEW),                                            go_on(R::None,         &[TakeAck, SetWindow, ReleaseQueued], S::Open,         To(Established)), Text,   "3.10.7.4 fifth; Fig. 6 line 4; RFC 1122 4.2.2.20(f)", &[]),
    seg(5, "HANDSHAKE-ACK-BAD",       SR,                  On::Core,       ACK.at(INSIDE).acks(NOT_NEW),                                        stop(R::RstFromAck,    &[],                                  S::None,         Stay),            Text,   "3.10.7.4 fifth; 3.5.2(2); erratum 3301", &[RST_OR_ACK]),
    seg(5, "ACK-NEW",                 ES_CW.or(F1).or(LA), On::Core,       ACK.at(INSIDE).acks(NEW),                                            go_on(R::None,         &[TakeAck, UpdateWindow],             S::Acknowledged, Stay),            Text,   "3.10.7.4 fifth; 3.4", &[]),
    seg(5, "ACK-OLD",                 ES_CW.or(F1).or(LA), On::Core,       ACK.at(INSIDE).acks(NOT_ABOVE),                                      go_on(R::None,         &[UpdateWindow],                      S::None,         Stay),            Text,   "3.10.7.4 fifth; RFC 1122 4.2.2.20(g)", &[]),
    seg(5, "ACK-UNSENT",              ES_TW,               On::Core,       ACK.at(INSIDE).acks(FUTURE),                                         stop(R::Ack,           &[],                                  S::None,         Stay),            Text,   "3.10.7.4 fifth; 3.5.2(3)", &[THROTTLED_ACK_5961]),
    seg(5, "ACK-OF-FIN",              F1,                  On::Core,       ACK.at(INSIDE).acks(NEW_FIN),                                        go_on(R::None,         &[TakeAck, UpdateWindow],             S::Acknowledged, To(FinWait2)),    Text,   "3.10.7.4 fifth", &[]),
    seg(5, "ACK-QUEUE-EMPTY",         F2,                  On::Core,       ACK.at(INSIDE).acks(DUP),                                            go_on(R::None,         &[UpdateWindow],                      S::Acknowledged, Stay),            Text,   "3.10.7.4 fifth", &[]),
    seg(5, "ACK-OLD",                 F2,                  On::Core,       ACK.at(INSIDE).acks(BELOW),                                          go_on(R::None,         &[],                                  S::None,         Stay),            Text,   "3.10.7.4 fifth", &[]),
    seg(5, "ACK-OF-FIN-CLOSING",      CG,                  On::Core,       ACK.at(INSIDE).acks(NEW_FIN),                                        go_on(R::None,         &[TakeAck, UpdateWindow, Start2Msl],  S::None,         To(TimeWait)),    Text,   "3.10.7.4 fifth; Fig. 13", &[]),
    seg(5, "ACK-NEW-CLOSING",         CG,                  On::Core,       ACK.at(INSIDE).acks(NEW),                                            stop(R::None,          &[TakeAck, UpdateWindow],             S::Acknowledged, Stay),            Text,   "3.10.7.4 fifth", &[]),
    seg(5, "ACK-OLD-CLOSING",         CG,                  On::Core,       ACK.at(INSIDE).acks(NOT_ABOVE),                                      stop(R::None,          &[UpdateWindow],                      S::None,         Stay),            Text,   "3.10.7.4 fifth; RFC 1122 4.2.2.20(g)", &[]),
    seg(5, "ACK-OF-FIN-LAST",         LA,                  On::Core,       ACK.at(INSIDE).acks(NEW_FIN),                                        stop(R::None,          &[Delete],                            S::Closed,       To(Closed)),      Text,   "3.10.7.4 fifth; Fig. 12", &[]),
    seg(5, "ACK-OLD-TIME-WAIT",       TW,                  On::Core,       ACK.at(INSIDE).acks(NOT_ABOVE),                                      go_on(R::Ack,          &[Restart2Msl],                       S::None,         Stay),            Text,   "3.10.7.4 fifth", &[SILENT_TW_ACK, RESTART_FREE_ACK]),
    // Step 6: URG
    seg(6, "URG",                     ES_F1_F2,            On::Core,       ACK.at(INSIDE).given(Urgent),                                        go_on(R::None,         &[TakeUrgent],                        S::Urgent,       Stay),            Must,   "3.10.7.4 sixth; MUST-30 MUST-32", &[]),
    seg(6, "URG-AFTER-FIN",           CW_CG_LA_TW,         On::Core,       ACK.at(INSIDE).given(Urgent),                                        go_on(R::None,         &[IgnoreUrgent],                      S::None,         Stay),            Text,   "3.10.7.4 sixth", &[]),
    // Step 7: text
    seg(7, "TEXT-AFTER-CLOSE",        ES_F1_F2,            On::HalfDuplex, ACK.at(INSIDE).text().open().given(CannotRead),                      stop(R::RstEither,     &[Delete],                            S::None,         To(Closed)),      Should, "3.6.1; RFC 2525 2.17; SHLD-3 MAY-1", &[RST_FIELDS_CLOSE]),
    seg(7, "TEXT-RIGHT-OVERLAP",      ES_F1_F2,            On::Case,       ACK.at(EXACT).text().open().given(OverrunAtNxt),                     go_on(R::Ack,          &[TakeText],                          S::Data,         Stay),            Text,   "3.10.7.4 first, seventh; 3.4", &[PIGGYBACK, DELAY_ACK, TRIM_OR_REFUSE_RIGHT]),
    seg(7, "TEXT-RIGHT-OVERLAP-HELD", ES_F1_F2,            On::Case,       ACK.at(IN_WINDOW).text().open().given(OverrunRight),                 go_on(R::AckOptional,  &[HoldText],                          S::None,         Stay),            Should, "3.10.7.4 first, seventh; SHLD-31 MAY-13", &[TRIM_OR_REFUSE_RIGHT, HOLD_OR_DROP, ACK_OPTIONAL]),
    seg(7, "TEXT-IN-ORDER",           ES_F1_F2,            On::Core,       ACK.at(IN_ORDER).text().open(),                                      go_on(R::AckDelayable, &[TakeText],                          S::Data,         Stay),            Text,   "3.10.7.4 seventh; MUST-40 MUST-58 MUST-59 SHLD-14 SHLD-18 SHLD-19", &[PIGGYBACK, DELAY_ACK, TRIM_OR_REFUSE_LEFT]),
    seg(7, "TEXT-OUT-OF-ORDER",       ES_F1_F2,            On::Core,       ACK.at(IN_WINDOW).text().open(),                                     go_on(R::AckOptional,  &[HoldText],                          S::None,         Stay),            Should, "3.10.7.4 first, seventh; SHLD-31 MAY-13", &[HOLD_OR_DROP, ACK_OPTIONAL]),
    seg(7, "TEXT-AFTER-FIN",          CW_CG_LA_TW,         On::Core,       ACK.at(INSIDE).text(),                                               go_on(R::None,         &[IgnoreText],                        S::None,         Stay),            Text,   "3.10.7.4 seventh", &[]),
    // Step 8: FIN
    seg(8, "FIN-RIGHT-OVERLAP",       ES_TW,               On::Case,       ACK_FIN.at(EXACT_OR_RIGHT).text().open().given(FinPastEdge),         stop(R::None,          &[TrimFin],                           S::None,         Stay),            Text,   "3.10.7.4 first, eighth; 3.4", &[]),
    seg(8, "FIN-IN-ORDER",            ES,                  On::Core,       ACK_FIN.at(IN_ORDER).open().given(FinInOrder),                       stop(R::Ack,           &[TakeFin],                           S::Closing,      To(CloseWait)),   Text,   "3.10.7.4 eighth; Fig. 12; MUST-12", &[PIGGYBACK_FIN]),
    seg(8, "FIN-OUT-OF-ORDER",        ES_F1_F2,            On::Core,       ACK_FIN.at(IN_WINDOW),                                               stop(R::AckOptional,   &[HoldFin],                           S::None,         Stay),            Should, "3.10.7.4 first; SHLD-31 MAY-13", &[HOLD_OR_DROP_FIN, ACK_OPTIONAL]),
    seg(8, "FIN-IN-ORDER-CROSSING",   F1,                  On::Core,       ACK_FIN.at(IN_ORDER).acks(FIN_OPEN).open().given(FinInOrderOwnOpen), stop(R::Ack,           &[TakeFin],                           S::Closing,      To(Closing)),     Text,   "3.10.7.4 eighth; Fig. 13", &[PIGGYBACK_FIN]),
    seg(8, "FIN-IN-ORDER-LAST",       F2,                  On::Core,       ACK_FIN.at(IN_ORDER).open().given(FinInOrder),                       stop(R::Ack,           &[TakeFin, Start2Msl],                S::Closing,      To(TimeWait)),    Text,   "3.10.7.4 eighth; MUST-13", &[PIGGYBACK_FIN]),
    seg(8, "FIN-AFTER-FIN",           CW_CG_LA,            On::Core,       ACK_FIN.at(INSIDE).open(),                                           stop(R::Ack,           &[SecondFin],                         S::None,         Stay),            Text,   "3.10.7.4 eighth", &[SECOND_FIN_FREE]),
    seg(8, "FIN-AFTER-FIN-TIME-WAIT", TW,                  On::Core,       ACK_FIN.at(INSIDE).open(),                                           stop(R::Ack,           &[SecondFin, Restart2Msl],            S::None,         Stay),            Text,   "3.10.7.4 eighth", &[SECOND_FIN_FREE]),
];
