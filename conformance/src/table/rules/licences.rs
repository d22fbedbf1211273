//! What an RFC allows besides a row: kind, source, condition. One licence a line; rows name them.
//!
//! A licence holds in all states of its row unless the row says `in_states`.

use crate::table::types::{Licence, LicenceKind as K, States};

const fn licence(kind: K, cite: &'static str, condition: &'static str) -> Licence {
    Licence { kind, states: States::ALL, cite, condition }
}

impl Licence {
    /// The same, for some of the row's states.
    pub(super) const fn in_states(self, states: States) -> Licence {
        Licence { states, ..self }
    }
}

pub(super) const ACK_AT_ZERO: Licence =          licence(K::AckAtZeroWindow,    "3.10.7.4 first (Table 6), A.2",     "the window is zero: the allowance for ACK is lower-case, for RST and URG it is MUST-66");
pub(super) const ACK_ENDS_CLOSING: Licence =     licence(K::AckFieldFirst,      "3.10.7.4 first, A.2",               "the ACK takes effect, TIME-WAIT follows");
pub(super) const ACK_FIELD_FIRST: Licence =      licence(K::AckFieldFirst,      "3.10.7.4 first, A.2",               "the ACK field alone is good and takes effect");
pub(super) const ACK_OPTIONAL: Licence =         licence(K::AckOptional,        "3.10.7.4 seventh MAY-13",           "not at the left edge");
pub(super) const CARRY_QUEUED: Licence =         licence(K::CarryQueued,        "3.10.7.3 fourth",                   "data or controls were queued");
pub(super) const DELAY_ACK: Licence =            licence(K::DelayAck500Ms,      "3.8.6.3 SHLD-18 MUST-40",           "fewer than two full-sized segments are unacknowledged");
pub(super) const DELAY_TEXT_ACK: Licence =       licence(K::DelayAck500Ms,      "3.8.6.3 SHLD-18 MUST-40",           "for the text, the SYN is acknowledged at once");
pub(super) const NOT_OPEN_NAME: Licence =        licence(K::ErrorNameFree,      "3.10 introduction",                 "\"connection not open\" instead");
pub(super) const NO_ERROR_NAME: Licence =        licence(K::ErrorNameFree,      "3.9.1.1",                           "the text names no error");
pub(super) const FAST_OPEN_AGAIN: Licence =      licence(K::FastOpen,           "RFC 7413 4.2.2",                    "the repetition goes without text and option");
pub(super) const FAST_OPEN_COOKIE: Licence =     licence(K::FastOpen,           "RFC 7413 4.2.2",                    "valid cookie, ACK=SEG.SEQ+SEG.LEN");
pub(super) const FAST_OPEN_SYN: Licence =        licence(K::FastOpen,           "RFC 7413 2",                        "the application asked for it, the SYN carries text");
pub(super) const FIG7_OPENS: Licence =           licence(K::Fig7Either,         "3.5 Fig. 7, A.2",                   "the ACK takes effect, ESTABLISHED follows");
pub(super) const FIG7_SYN_ACK: Licence =         licence(K::Fig7Either,         "3.5 Fig. 7, A.2",                   "SYN,ACK of a crossing open with a right ACK");
pub(super) const HALF_DUPLEX: Licence =          licence(K::HalfDuplex,         "3.6.1 MAY-1",                       "half-duplex close, an error after CLOSE");
pub(super) const HOLD_OR_DROP: Licence =         licence(K::HoldOrDrop,         "3.10.7.4 first SHLD-31",            "no room to hold it");
pub(super) const HOLD_OR_DROP_FIN: Licence =     licence(K::HoldOrDrop,         "3.10.7.4 first SHLD-31",            "the FIN comes again");
pub(super) const ICMP_HARD_AS_SOFT: Licence =    licence(K::IcmpHardAsSoft,     "3.9.2.2, RFC 5927 5.2",             "synchronized state");
pub(super) const IMPLICIT_OPEN: Licence =        licence(K::ImplicitOpen,       "3.9.1.2",                           "SEND opens the connection itself");
pub(super) const MLS_IGNORED: Licence =          licence(K::MlsIgnored,         "A.1.2",                             "the system is not multi-level secure");
pub(super) const NEW_OR_ERROR: Licence =         licence(K::NewOrError,         "3.9.1.1",                           "a second record or an error, the first record untouched");
pub(super) const NO_SEPARATE_ACK: Licence =      licence(K::NoSeparateAck,      "3.10.7.3 fourth",                   "text in the segment causes an ACK later in the walk");
pub(super) const OK_FOR_CLOSE: Licence =         licence(K::OkForClose,         "3.10.4",                            "\"ok\", no second FIN");
pub(super) const ONE_ANSWER: Licence =           licence(K::OneAnswer,          "3.10.7.4 first MUST-58",            "several answers are owed at one instant");
pub(super) const OVERLAP_RST: Licence =          licence(K::OverlapRstEither,   "3.5.3",                             "SEG.SEQ itself is left of RCV.NXT, reset or silence");
pub(super) const PIGGYBACK: Licence =            licence(K::Piggyback,          "3.10.7.4 seventh",                  "something is about to be sent");
pub(super) const PIGGYBACK_FIN: Licence =        licence(K::Piggyback,          "3.10.7.4 first MUST-58",            "something is sent at the same instant");
pub(super) const RESTART_FREE_ACK: Licence =     licence(K::Restart2MslFree,    "3.10.7.4 fifth",                    "the segment is no FIN");
pub(super) const RESTART_FREE_FIN: Licence =     licence(K::Restart2MslFree,    "3.10.7.4 first, fifth, eighth",     "the FIN fails step 1");
pub(super) const RESTART_FREE_OLD: Licence =     licence(K::Restart2MslFree,    "3.10.7.4 first, fifth, eighth",     "FIN on");
pub(super) const RETRANSMIT_RECUT: Licence =     licence(K::RetransmitRecut,    "RFC 1122 4.2.2.15",                 "cut or merged anew");
pub(super) const RETURN_TO_TIME_WAIT: Licence =  licence(K::ReturnToTimeWait,   "3.6.1 MAY-2",                       "the SYN had reopened a connection in TIME-WAIT");
pub(super) const RFC1337: Licence =              licence(K::Rfc1337,            "RFC 1337 3",                        "TIME-WAIT, the RST is ignored");
pub(super) const RFC1337_NO_ACK: Licence =       licence(K::Rfc1337,            "RFC 1337 3",                        "TIME-WAIT, the RST is ignored without an ACK");
pub(super) const RFC6191_SILENT: Licence =       licence(K::Rfc6191Silent,      "RFC 6191 2",                        "TIME-WAIT, SYN on, the RFC 6191 test refuses it");
pub(super) const RST_FIELDS_ABORT: Licence =     licence(K::RstFieldsFree,      "3.1",                               "RST,ACK with ACK=RCV.NXT");
pub(super) const RST_FIELDS_CLOSE: Licence =     licence(K::RstFieldsFree,      "3.6.1",                             "the text gives no fields");
pub(super) const RST_FIELDS_SYN: Licence =       licence(K::RstFieldsFree,      "3.10.7.4 fourth",                   "the text gives no fields");
pub(super) const ACK_OR_RST: Licence =           licence(K::RstOrAck,           "3.5.2(2), 3.10.7.4 fifth",          "RST as HANDSHAKE-ACK-BAD has it");
pub(super) const RST_OR_ACK: Licence =           licence(K::RstOrAck,           "3.10.7.4 fifth MAY-12",             "the stack has the MAY-12 check, class ancient or future, an ACK instead");
pub(super) const SECOND_FIN_FREE: Licence =      licence(K::SecondFinFree,      "3.10.7.4 seventh, eighth, 4 (FIN)", "a FIN with a new number, ignored with or without ACK");
pub(super) const SIGNAL_RESET: Licence =         licence(K::SignalReset,        "3.5.3",                             "the user is told of the reset");
pub(super) const SILENT_BACKLOG_FULL: Licence =  licence(K::SilentBacklogFull,  "RFC 3360 2.3",                      "the backlog is full");
pub(super) const SILENT_TW_ACK: Licence =        licence(K::SilentTwAck,        "3.10.7.4 fifth",                    "the segment is no FIN");
pub(super) const STATE_AFTER_RST_FREE: Licence = licence(K::StateAfterRstFree,  "3.5.2, 3.3.2 Fig. 5 note 3",        "the sender of the RST rests in TIME-WAIT");
pub(super) const STATE_AT_CLOSE_FREE: Licence =  licence(K::StateAtCloseFree,   "3.10.4",                            "text is queued, LAST-ACK at the call or when the FIN goes");
pub(super) const COOKIE_ACK: Licence =           licence(K::SynCookie,          "RFC 4987 3.6",                      "SEG.ACK-1 verifies as a cookie, a connection opens instead");
pub(super) const SYN_COOKIE: Licence =           licence(K::SynCookie,          "RFC 4987 3.5 3.6",                  "little or no state is kept until the ACK");
pub(super) const SYN_TEXT_DROPPED: Licence =     licence(K::SynTextDropped,     "RFC 4987 3.5 3.6",                  "cache or cookie, SYN text is left for its retransmission");
pub(super) const THROTTLED_ACK: Licence =        licence(K::ThrottledChallenge, "RFC 5961 5.2 7",                    "one challenge ACK sent within the last 5 s");
pub(super) const THROTTLED_ACK_5961: Licence =   licence(K::ThrottledChallenge, "RFC 5961 5.2 7",                    "profile rfc5961 or MAY-12, one challenge ACK sent within the last 5 s");
pub(super) const THROTTLED_RST: Licence =        licence(K::ThrottledChallenge, "RFC 5961 3.2 7",                    "one challenge ACK sent within the last 5 s");
pub(super) const THROTTLED_SYN: Licence =        licence(K::ThrottledChallenge, "RFC 5961 4.2 7",                    "one challenge ACK sent within the last 5 s");
pub(super) const THROTTLED_SYN_5961: Licence =   licence(K::ThrottledChallenge, "RFC 5961 4.2 7",                    "profile rfc5961, one challenge ACK sent within the last 5 s");
pub(super) const THROTTLED_SYN_OUT: Licence =    licence(K::ThrottledSyn,       "RFC 5961 4.2 7",                    "SYN on, profile not classic, one challenge ACK sent within the last 5 s");
pub(super) const TRIM_OR_REFUSE_LEFT: Licence =  licence(K::TrimOrRefuse,       "3.10.7.4 first",                    "class left-overlap, refused with the same ACK");
pub(super) const TRIM_OR_REFUSE_RIGHT: Licence = licence(K::TrimOrRefuse,       "3.10.7.4 first",                    "the part inside is taken or the text is refused with an ACK");
pub(super) const TRIM_OR_REFUSE_SPANS: Licence = licence(K::TrimOrRefuse,       "3.10.7.4 first",                    "class spans, the part inside is taken");
pub(super) const TRIM_OR_REFUSE_SYN: Licence =   licence(K::TrimOrRefuse,       "3.10.7.4 first",                    "class left-overlap: the SYN is left of RCV.NXT, trimmed or refused with an ACK");
pub(super) const TW_REOPEN: Licence =            licence(K::TwReopen,           "3.6.1 SHLD-4 MAY-2, RFC 6191 2",    "TIME-WAIT, SYN on, a listener is there");
pub(super) const WINDOW_UPDATE: Licence =        licence(K::WindowUpdate,       "3.8.6.2.2 MUST-39",                 "the read frees a useful amount of window");
