//! Calls of the user: RFC 9293 3.10.1 to 3.10.6.
//!
//! Of the rows of one call and state the first whose guard holds is the rule; what can go wrong stands
//! before what is done.

use lastack_core::types::State::{Closed, FinWait1, LastAck, Listen, SynSent};

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{Must, Should, Text};
use crate::table::types::Next::{Stay, To};
use crate::table::types::{CallKind as C, Reply as R, Rule, Signal as S, Switch as On};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    // OPEN, RFC 9293 3.10.1
    call("CALL-NO-ACCESS",          C::Open,        CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.1", &[]),
    call("CALL-OPEN-NO-ROOM",       C::Open,        CL,                 On::Core,       NoRoom,         stop(R::None,   &[],                     S::NoResources,    Stay),         Text,   "3.10.1", &[]),
    call("CALL-OPEN-BAD-DIFFSERV",  C::Open,        CL,                 On::Core,       BadDiffserv,    stop(R::None,   &[],                     S::NotAllowed,     Stay),         Text,   "3.10.1", &[]),
    call("CALL-OPEN-EXISTS",        C::Open,        SS_TW,              On::Core,       Always,         stop(R::None,   &[],                     S::Exists,         Stay),         Text,   "3.10.1", &[]),
    call("CALL-OPEN-PASSIVE",       C::OpenPassive, CL,                 On::Core,       Always,         stop(R::None,   &[CreateTcb],            S::None,           To(Listen)),   Text,   "3.10.1; MUST-41 MUST-42 MUST-43", &[]),
    call("CALL-OPEN-PASSIVE-AGAIN", C::OpenPassive, LI,                 On::Core,       Always,         stop(R::None,   &[],                     S::RecordOrError,  Stay),         Must,   "3.9.1.1; MUST-41 MUST-42", &[NEW_OR_ERROR]),
    call("CALL-NO-REMOTE",          C::OpenActive,  CL_LI,              On::Core,       RemoteMissing,  stop(R::None,   &[],                     S::NoRemote,       Stay),         Text,   "3.10.1", &[]),
    call("CALL-OPEN-BAD-REMOTE",    C::OpenActive,  CL,                 On::Core,       RemoteBad,      stop(R::None,   &[],                     S::Error,          Stay),         Must,   "3.9.1.1; MUST-46", &[NO_ERROR_NAME]),
    call("CALL-OPEN-ACTIVE",        C::OpenActive,  CL,                 On::Core,       RemoteGiven,    stop(R::Syn,    &[CreateTcb, ChooseIss], S::None,           To(SynSent)),  Text,   "3.10.1; MUST-8 MUST-14 MUST-44 SHLD-1 SHLD-5", &[FAST_OPEN_SYN]),
    call("CALL-OPEN-ON-LISTENER",   C::OpenActive,  LI,                 On::Core,       RemoteGiven,    stop(R::Syn,    &[ChooseIss],            S::None,           To(SynSent)),  Text,   "3.10.1", &[]),
    // SEND, RFC 9293 3.10.2
    call("CALL-NO-ACCESS",          C::Send,        CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.2", &[]),
    call("CALL-NO-REMOTE",          C::Send,        LI,                 On::Core,       RemoteMissing,  stop(R::None,   &[],                     S::NoRemote,       Stay),         Text,   "3.10.2", &[]),
    call("CALL-NO-CONNECTION",      C::Send,        CL,                 On::Core,       HasAccess,      stop(R::None,   &[],                     S::NoConnection,   Stay),         Text,   "3.10.2", &[NOT_OPEN_NAME, IMPLICIT_OPEN]),
    call("CALL-SEND-ON-LISTENER",   C::Send,        LI,                 On::Core,       RemoteGiven,    stop(R::Syn,    &[ChooseIss, QueueSend], S::None,           To(SynSent)),  Text,   "3.10.2", &[]),
    call("CALL-SEND-QUEUED",        C::Send,        SS_SR,              On::Core,       Always,         stop(R::None,   &[QueueSend],            S::None,           Stay),         Text,   "3.10.2", &[]),
    call("CALL-SEND",               C::Send,        ES_CW,              On::Core,       Always,         stop(R::Text,   &[QueueSend],            S::Ok,             Stay),         Text,   "3.10.2; MUST-38 MUST-60 MUST-61 SHLD-7", &[]),
    call("CALL-SEND-CLOSING",       C::Send,        F1_F2.or(CG_LA_TW), On::Core,       Always,         stop(R::None,   &[],                     S::ErrorClosing,   Stay),         Text,   "3.10.2", &[]),
    // RECEIVE, RFC 9293 3.10.3
    call("CALL-NO-ACCESS",          C::Receive,     CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.3", &[]),
    call("CALL-NO-CONNECTION",      C::Receive,     CL,                 On::Core,       HasAccess,      stop(R::None,   &[],                     S::NoConnection,   Stay),         Text,   "3.10.3", &[NOT_OPEN_NAME]),
    call("CALL-RECEIVE-QUEUED",     C::Receive,     LI.or(SS_SR),       On::Core,       Always,         stop(R::None,   &[QueueReceive],         S::None,           Stay),         Text,   "3.10.3", &[]),
    call("CALL-RECEIVE",            C::Receive,     ES_F1_F2,           On::Core,       Always,         stop(R::None,   &[Deliver],              S::Data,           Stay),         Text,   "3.10.3", &[WINDOW_UPDATE, HALF_DUPLEX.in_states(F1_F2)]),
    call("CALL-RECEIVE-REST",       C::Receive,     CW,                 On::Core,       Undelivered,    stop(R::None,   &[Deliver],              S::Data,           Stay),         Text,   "3.10.3", &[]),
    call("CALL-RECEIVE-END",        C::Receive,     CW,                 On::Core,       NothingLeft,    stop(R::None,   &[],                     S::ErrorClosing,   Stay),         Text,   "3.10.3", &[]),
    call("CALL-RECEIVE-CLOSING",    C::Receive,     CG_LA_TW,           On::Core,       Always,         stop(R::None,   &[],                     S::ErrorClosing,   Stay),         Text,   "3.10.3", &[]),
    // CLOSE, RFC 9293 3.10.4
    call("CALL-CLOSE-UNREAD",       C::Close,       ES_CW,              On::HalfDuplex, Unread,         stop(R::RstNxt, &[Delete],               S::None,           To(Closed)),   Should, "3.6.1; SHLD-3 MAY-1", &[RST_FIELDS_CLOSE]),
    call("CALL-NO-ACCESS",          C::Close,       CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.4", &[]),
    call("CALL-NO-CONNECTION",      C::Close,       CL,                 On::Core,       HasAccess,      stop(R::None,   &[],                     S::NoConnection,   Stay),         Text,   "3.10.4", &[NOT_OPEN_NAME]),
    call("CALL-CLOSE-UNOPENED",     C::Close,       LI.or(SS),          On::Core,       Always,         stop(R::None,   &[Delete],               S::PendingClosing, To(Closed)),   Text,   "3.10.4", &[]),
    call("CALL-CLOSE-SYN-RECEIVED", C::Close,       SR,                 On::Core,       NothingPending, stop(R::Fin,    &[QueueFin],             S::None,           To(FinWait1)), Text,   "3.10.4; Fig. 5", &[]),
    call("CALL-CLOSE-QUEUED",       C::Close,       SR,                 On::Core,       TextPending,    stop(R::None,   &[QueueFin],             S::None,           Stay),         Text,   "3.10.4", &[]),
    call("CALL-CLOSE",              C::Close,       ES,                 On::Core,       Always,         stop(R::Fin,    &[QueueFin],             S::None,           To(FinWait1)), Text,   "3.10.4; 3.6", &[]),
    call("CALL-CLOSE-AGAIN",        C::Close,       F1_F2.or(CG_LA_TW), On::Core,       Always,         stop(R::None,   &[],                     S::ErrorClosing,   Stay),         Text,   "3.10.4", &[OK_FOR_CLOSE.in_states(F1_F2)]),
    call("CALL-CLOSE-PASSIVE",      C::Close,       CW,                 On::Core,       Always,         stop(R::Fin,    &[QueueFin],             S::None,           To(LastAck)),  Text,   "3.10.4; 3.6; RFC 1122 4.2.2.20(a)", &[STATE_AT_CLOSE_FREE]),
    // ABORT, RFC 9293 3.10.5
    call("CALL-NO-ACCESS",          C::Abort,       CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.5", &[]),
    call("CALL-NO-CONNECTION",      C::Abort,       CL,                 On::Core,       HasAccess,      stop(R::None,   &[],                     S::NoConnection,   Stay),         Text,   "3.10.5", &[NOT_OPEN_NAME]),
    call("CALL-ABORT-UNOPENED",     C::Abort,       LI.or(SS),          On::Core,       Always,         stop(R::None,   &[Delete],               S::PendingReset,   To(Closed)),   Text,   "3.10.5", &[]),
    call("CALL-ABORT",              C::Abort,       SR.or(ES_F1_F2_CW), On::Core,       Always,         stop(R::RstNxt, &[Delete],               S::PendingReset,   To(Closed)),   Text,   "3.10.5; 3.9.1.6", &[RST_FIELDS_ABORT, STATE_AFTER_RST_FREE]),
    call("CALL-ABORT-CLOSING",      C::Abort,       CG_LA_TW,           On::Core,       Always,         stop(R::None,   &[Delete],               S::Ok,             To(Closed)),   Text,   "3.10.5", &[]),
    // STATUS, RFC 9293 3.10.6
    call("CALL-NO-ACCESS",          C::Status,      CL,                 On::Core,       NoAccess,       stop(R::None,   &[],                     S::Illegal,        Stay),         Text,   "3.10.6", &[]),
    call("CALL-NO-CONNECTION",      C::Status,      CL,                 On::Core,       HasAccess,      stop(R::None,   &[],                     S::NoConnection,   Stay),         Text,   "3.10.6", &[NOT_OPEN_NAME]),
    call("CALL-STATUS",             C::Status,      LI.or(SS_TW),       On::Core,       Always,         stop(R::None,   &[],                     S::Status,         Stay),         Text,   "3.10.6", &[]),
];
