//! Explanations: named cases of core rows, and composites of several. Never executed.

use lastack_core::types::State::{CloseWait, Established, TimeWait};

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{Must, Text};
use crate::table::types::Next::{AsFin, Stay, To};
use crate::table::types::{Reply as R, Rule, Signal as S, Switch as On};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    seg(1, "SYN-BAD-ADDRESS",       CL,       On::Case,      SYN_NO_ACK.given(BadAddress),                                stop(R::None,         &[],                             S::None,            Stay),            Must, "3.9.2.3; MUST-57 MUST-63", &[]),
    seg(1, "SYN-REPEATED",          SR,       On::Case,      SYN_NO_ACK.at(BEFORE).given(RepeatedSyn),                    stop(R::Ack,          &[],                             S::None,            Stay),            Text, "3.10.7.4 first", &[]),
    seg(1, "SYN-ACK-CROSSING",      SR,       On::Case,      SYN_ACK.at(BEFORE).acks(NEW).given(CrossingSynAck),          stop(R::Ack,          &[],                             S::None,            Stay),            Text, "3.10.7.4 first against Fig. 7 line 6; A.2", &[FIG7_OPENS]),
    seg(1, "KEEP-ALIVE-ANSWER",     ES_TW,    On::Case,      ACK_NO_FIN.at(BEFORE).given(KeepAliveProbe),                 stop(R::Ack,          &[],                             S::None,            Stay),            Text, "3.8.4; 3.10.7.4 first", &[]),
    seg(1, "SYN-OUTSIDE-WINDOW",    ES_TW,    On::Case,      SYN.at(OUTSIDE).given(ProfileRfc5961),                       stop(R::Challenge,    &[],                             S::None,            Stay),            Must, "3.10.7.4 first, fourth; RFC 5961 4.2 7", &[THROTTLED_SYN, TW_REOPEN.in_states(TW), RFC6191_SILENT.in_states(TW)]),
    seg(1, "FIN-REPEATED-CROSSING", CG,       On::Case,      ACK_FIN.at(BEFORE).acks(NEW_FIN).given(RepeatedFin),         stop(R::Ack,          &[],                             S::None,            Stay),            Text, "3.10.7.4 first; A.2", &[ACK_ENDS_CLOSING]),
    seg(1, "FIN-REPEATED",          TW,       On::Case,      ACK_FIN.at(BEFORE).given(RepeatedFin),                       stop(R::Ack,          &[Restart2Msl],                  S::None,            Stay),            Text, "3.10.7.4 first, fifth, eighth; MUST-13", &[RESTART_FREE_FIN]),
    seg(4, "SYN-SENT-SYN-ACK-TEXT", SS,       On::Composite, SYN_ACK.acks(SYN_ACKED).text().given(Combined),              stop(R::Ack,          &[SynAckIn, TakeText],           S::None,            To(Established)), Text, "3.10.7.3 fourth + 3.10.7.4 seventh", &[DELAY_TEXT_ACK]),
    seg(4, "SYN-SENT-SYN-ACK-FIN",  SS,       On::Composite, SYN_ACK_FIN.acks(SYN_ACKED).given(Combined),                 stop(R::Ack,          &[SynAckIn, TakeFin],            S::OpenThenClosing, To(CloseWait)),   Text, "3.10.7.3 fourth + 3.10.7.4 eighth", &[PIGGYBACK_FIN]),
    seg(7, "HANDSHAKE-ACK-TEXT",    SR,       On::Composite, ACK.at(EXACT).acks(NEW).text().given(Combined),              stop(R::AckDelayable, &[TakeAck, SetWindow, TakeText], S::None,            To(Established)), Text, "3.10.7.4 fifth, seventh", &[DELAY_TEXT_ACK, PIGGYBACK]),
    seg(8, "HANDSHAKE-ACK-FIN",     SR,       On::Composite, ACK_FIN.at(EXACT).acks(NEW).given(Combined),                 stop(R::Ack,          &[TakeAck, SetWindow, TakeFin],  S::OpenThenClosing, To(CloseWait)),   Text, "3.10.7.4 fifth, eighth", &[PIGGYBACK_FIN]),
    seg(8, "TEXT-AND-FIN",          ES_F1_F2, On::Composite, ACK_FIN.at(EXACT).text().given(Combined),                    stop(R::Ack,          &[TakeText, TakeFin],            S::Closing,         AsFin),           Text, "3.10.7.4 seventh, eighth", &[PIGGYBACK_FIN]),
    seg(8, "FIN-WITH-ACK-OF-FIN",   F1,       On::Composite, ACK_FIN.at(IN_ORDER).acks(NEW_FIN).open().given(FinInOrder), stop(R::Ack,          &[TakeAck, TakeFin, Start2Msl],  S::Closing,         To(TimeWait)),    Text, "3.10.7.4 fifth, eighth; Fig. 5 note 2; RFC 1122 4.2.2.8(c)", &[PIGGYBACK_FIN]),
];
