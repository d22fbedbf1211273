//! Timers (RFC 9293 3.10.8, 3.8.3, 3.8.4, 3.8.6) and ICMP errors (3.9.2.2).

use lastack_core::types::State::Closed;

use super::licences::*;
use super::words::*;
use crate::table::types::Effect::*;
use crate::table::types::Guard::*;
use crate::table::types::Level::{Info, May, Must, Should, Text};
use crate::table::types::Next::{ByOrigin, Stay, To};
use crate::table::types::{IcmpKind as I, Reply as R, Rule, Signal as S, Switch as On, TimerKind as T};

#[rustfmt::skip]
pub(super) const ROWS: &[Rule] = &[
    timer("RTO-SYN",               T::Retransmission,  SS,                       On::Core,      QueueNotEmpty,  stop(R::Syn,            &[BackOff],      S::None,      Stay),       Must,   "3.10.8; 3.8.3; RFC 6298 5.5; MUST-22", &[FAST_OPEN_AGAIN]),
    timer("RTO-SYN",               T::Retransmission,  SR,                       On::Core,      QueueNotEmpty,  stop(R::SynAck,         &[BackOff],      S::None,      Stay),       Must,   "3.10.8; RFC 6298 5.5; MUST-22", &[FAST_OPEN_AGAIN]),
    timer("RTO",                   T::Retransmission,  ES_F1_CW_CG_LA,           On::Core,      QueueNotEmpty,  stop(R::Again,          &[BackOff],      S::None,      Stay),       Text,   "3.10.8; RFC 6298 5.4 5.5; MUST-18 MUST-19", &[RETRANSMIT_RECUT]),
    timer("R1",                    T::R1,              SS_SR.or(ES_F1_CW_CG_LA), On::Core,      R1Reached,      stop(R::None,           &[],             S::SoftError, Stay),       Should, "3.8.3; MUST-20 MUST-22 SHLD-9 SHLD-10", &[]),
    timer("USER-TIMEOUT-SYN",      T::UserTimeout,     SS_SR,                    On::Core,      R2Reached,      stop(R::None,           &[Delete],       S::TimedOut,  To(Closed)), Must,   "3.10.8; 3.8.3; MUST-20 MUST-21 MUST-22 MUST-23 SHLD-11", &[]),
    timer("USER-TIMEOUT",          T::UserTimeout,     ES_F1_CW_CG_LA,           On::Core,      R2Reached,      stop(R::None,           &[Delete],       S::TimedOut,  To(Closed)), Must,   "3.10.8; 3.8.3; MUST-20 MUST-21 SHLD-11", &[]),
    timer("USER-TIMEOUT",          T::UserTimeout,     F2.or(TW),                On::Core,      Always,         stop(R::None,           &[Delete],       S::TimedOut,  To(Closed)), Text,   "3.10.8", &[]),
    timer("ZERO-WINDOW-PROBE",     T::ZeroWindowProbe, ES_F1_CW_CG_LA,           On::Core,      ZeroWindow,     stop(R::Probe,          &[BackOff],      S::None,      Stay),       Must,   "3.8.6.1; MUST-36 MUST-37 SHLD-29 SHLD-30", &[]),
    timer("DELAYED-ACK",           T::DelayedAck,      ES_F1_F2,                 On::Core,      AckPending,     stop(R::Ack,            &[],             S::None,      Stay),       Must,   "3.8.6.3; MUST-40", &[]),
    timer("KEEP-ALIVE",            T::KeepAlive,       ES_CW.or(F2),             On::KeepAlive, Idle,           stop(R::KeepAliveProbe, &[],             S::None,      Stay),       May,    "3.8.4; MAY-5 MAY-6 MUST-24 to MUST-29 SHLD-12", &[]),
    timer("TIME-WAIT-TIMEOUT",     T::TimeWait,        TW,                       On::Core,      TwoMslPassed,   stop(R::None,           &[Delete],       S::None,      To(Closed)), Must,   "3.10.8; 4 (MSL); MUST-13", &[]),
    timer("FIN-WAIT-2-LIMIT",      T::FinWait2,        F2,                       On::Case,      Always,         stop(R::None,           &[Delete],       S::None,      To(Closed)), Info,   "no RFC rule", &[]),
    icmp("ICMP-HARD",              I::Hard,            SS.or(ES_LA),             On::Core,      QuotedInFlight, stop(R::None,           &[Delete],       S::IcmpError, To(Closed)), Should, "3.9.2.2; RFC 5927 4.1; SHLD-26", &[ICMP_HARD_AS_SOFT.in_states(ES_LA)]),
    icmp("ICMP-HARD-SYN-RECEIVED", I::Hard,            SR,                       On::Core,      QuotedInFlight, stop(R::None,           &[ForgetRemote], S::IcmpError, ByOrigin),   Should, "3.9.2.2; SHLD-26", &[]),
    icmp("ICMP-SOFT",              I::Soft,            SS_SR.or(ES_LA),          On::Core,      Always,         stop(R::None,           &[],             S::SoftError, Stay),       Must,   "3.9.2.2; MUST-56 SHLD-25", &[]),
];
