//! The monitors: names, sources, weight, meaning.

use crate::table::Level;
use crate::verdict::Verdict;

/// One monitor. Its number is its place in [`MONITORS`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum MonitorId {
    PacketForm,
    ChecksumIp,
    ChecksumTcp,
    DataOffset,
    ReservedBits,
    TtlZero,
    WrongSource,
    BadDestination,
    NoAckBit,
    OptionForm,
    OptionPadding,
    MssOffSyn,
    MssMissing,
    MssAboveMtu,
    ScaleOffSyn,
    ScaleAbove14,
    ScaleUnasked,
    SackPermittedOffSyn,
    SackUnasked,
    SackUntrue,
    TimestampsUnasked,
    TimestampsMissing,
    UrgentUnasked,
    SynUnasked,
    SynAckUnasked,
    NoConnection,
    AfterRst,
    AfterReset,
    IssMoves,
    IsnReused,
    SeqOutside,
    OldIncarnation,
    TextTooEarly,
    TextPastWindow,
    TextPastShrunkWindow,
    ProbeTooLong,
    MssExceeded,
    MtuExceeded,
    FinMoves,
    TextAfterFin,
    FinUnasked,
    StreamSent,
    TextUnsubmitted,
    AckUnsent,
    AckMovesBack,
    AckStaleAgain,
    RightEdgeShrinks,
    SillySegment,
    SillyWindow,
    RstForRst,
    RstUnprompted,
    RstForm,
    RstControls,
    AnswersMultiply,
    AckForAck,
    AckUnprompted,
    AckEverySecond,
    KeepAliveUnasked,
    KeepAliveInFlight,
    KeepAliveTooEarly,
    Flood,
    ProbeTooEarly,
    RtoTooEarly,
    BackoffShrinks,
    BackoffMissing,
    BackoffForgotten,
    RtoAfterSyn,
    SynAgainTooLate,
    LossWindow,
    StreamDelivered,
    DeliversUnsent,
    AfterEndOfStream,
    EndWithoutFin,
}

/// What a monitor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MonitorInfo {
    /// Which one.
    pub id: MonitorId,
    /// Stable name.
    pub name: &'static str,
    /// How strongly the RFCs ask for what it checks.
    pub level: Level,
    /// `Fail` or `NonStrict`.
    pub verdict: Verdict,
    /// Sections and requirement ids.
    pub cite: &'static str,
    /// What a stack that breaks it did.
    pub meaning: &'static str,
}

impl MonitorId {
    /// What it is.
    pub fn info(self) -> &'static MonitorInfo {
        // A test holds that every id stands at its own place.
        &MONITORS[self as usize]
    }

    /// Whether a stack that breaks it only spends what it need not: both ends are as sound as before, and whatever comes
    /// later has other causes.
    pub const fn is_waste(self) -> bool {
        matches!(
            self,
            Id::SillySegment | Id::SillyWindow | Id::KeepAliveTooEarly | Id::RtoAfterSyn | Id::LossWindow
        )
    }

    /// The monitor with this name.
    pub fn from_name(name: &str) -> Option<MonitorId> {
        MONITORS.iter().find(|m| m.name == name).map(|m| m.id)
    }

    pub(crate) const fn bit(self) -> u128 {
        1 << self as u8
    }
}

use Level::{Must, Should, Text};
use MonitorId as Id;
use Verdict::{Fail, NonStrict};

const fn row(
    id: MonitorId,
    name: &'static str,
    level: Level,
    verdict: Verdict,
    cite: &'static str,
    meaning: &'static str,
) -> MonitorInfo {
    MonitorInfo { id, name, level, verdict, cite, meaning }
}

/// All monitors, in the order of [`MonitorId`].
#[rustfmt::skip]
pub static MONITORS: &[MonitorInfo] = &[
    // The packet itself.
    row(Id::PacketForm,           "PACKET-FORM",             Must,   Fail,      "3.1; RFC 791 3.1; RFC 8200 3",             "a packet whose headers or lengths cannot be read"),
    row(Id::ChecksumIp,           "CHECKSUM-IP",             Must,   Fail,      "RFC 791 3.1; RFC 1122 3.2.1.2",            "a wrong IPv4 header checksum"),
    row(Id::ChecksumTcp,          "CHECKSUM-TCP",            Must,   Fail,      "3.1; MUST-2",                              "a wrong TCP checksum"),
    row(Id::DataOffset,           "DATA-OFFSET",             Text,   Fail,      "3.1",                                      "a data offset that the segment cannot have"),
    row(Id::ReservedBits,         "RESERVED-BITS",           Text,   Fail,      "3.1",                                      "a reserved control bit is on"),
    row(Id::TtlZero,              "TTL-ZERO",                Must,   Fail,      "RFC 1122 3.2.1.7",                         "a packet with no time to live"),
    row(Id::WrongSource,          "WRONG-SOURCE",            Must,   Fail,      "RFC 1122 3.2.1.3 (c) to (e), (g)",         "a packet from an address that is not the stack's"),
    row(Id::BadDestination,       "BAD-DESTINATION",         Must,   Fail,      "3.9.1.1, 3.9.2.3; RFC 1122 3.2.1.3; MUST-46 MUST-57 MUST-63", "a packet to an address that no connection can have"),
    row(Id::NoAckBit,             "NO-ACK-BIT",              Text,   Fail,      "3.1, 3.10.7.4",                            "a segment without SYN, RST and ACK, which every receiver drops"),
    // Options.
    row(Id::OptionForm,           "OPTION-FORM",             Must,   Fail,      "3.1, 3.2; MUST-68",                        "options that cannot be read"),
    row(Id::OptionPadding,        "OPTION-PADDING",          Must,   Fail,      "3.1; MUST-69",                             "something other than zeros behind the end of the option list"),
    row(Id::MssOffSyn,            "MSS-OFF-SYN",             Must,   Fail,      "3.2; MUST-65",                             "an MSS option on a segment without SYN"),
    row(Id::MssMissing,           "MSS-MISSING",             Should, NonStrict, "3.7.1; SHLD-5",                            "a SYN without MSS option although the MSS is not the default"),
    row(Id::MssAboveMtu,          "MSS-ABOVE-MTU",           Text,   NonStrict, "3.7.1; MUST-67",                           "an MSS that does not fit the interface's MTU; legal only where IP reassembles more"),
    row(Id::ScaleOffSyn,          "SCALE-OFF-SYN",           Text,   NonStrict, "RFC 7323 2.2",                             "a window scale option on a segment without SYN"),
    row(Id::ScaleAbove14,         "SCALE-ABOVE-14",          Must,   Fail,      "RFC 7323 2.3",                             "a window scale shift above 14"),
    row(Id::ScaleUnasked,         "SCALE-UNASKED",           Text,   Fail,      "RFC 7323 2.2",                             "a SYN,ACK with window scale although the SYN had none"),
    row(Id::SackPermittedOffSyn,  "SACK-PERMITTED-OFF-SYN",  Must,   Fail,      "RFC 2018 2",                               "SACK-permitted on a segment without SYN"),
    row(Id::SackUnasked,          "SACK-UNASKED",            Must,   Fail,      "RFC 2018 4",                               "a SACK option to a peer that did not permit it"),
    row(Id::SackUntrue,           "SACK-UNTRUE",             Text,   Fail,      "RFC 2018 3, 4; S3",                        "a SACK block of numbers that never arrived"),
    row(Id::TimestampsUnasked,    "TIMESTAMPS-UNASKED",      Text,   NonStrict, "RFC 7323 3.2",                             "timestamps to a peer that did not offer them"),
    row(Id::TimestampsMissing,    "TIMESTAMPS-MISSING",      Must,   Fail,      "RFC 7323 3.2",                             "a segment without the timestamps that were agreed"),
    row(Id::UrgentUnasked,        "URGENT-UNASKED",          Text,   NonStrict, "3.8.5, 3.9.1.2; MUST-62",                  "URG although no user sent urgent data"),
    // Who may speak at all.
    row(Id::SynUnasked,           "SYN-UNASKED",             Text,   Fail,      "3.10.1, 3.10.2",                           "a SYN although no user opened a connection"),
    row(Id::SynAckUnasked,        "SYN-ACK-UNASKED",         Text,   Fail,      "3.10.7.2, 3.10.7.3",                       "a SYN,ACK although the peer sent no SYN"),
    row(Id::NoConnection,         "NO-CONNECTION",           Text,   Fail,      "3.10.7.1, 3.5.2",                          "a segment other than RST where the stack never sent a SYN"),
    row(Id::AfterRst,             "AFTER-RST",               Text,   Fail,      "3.5.2, 3.10.5; S14",                       "a segment unasked on a connection that the stack itself had reset"),
    row(Id::AfterReset,           "AFTER-RESET",             Text,   Fail,      "3.10.7.4; S14",                            "a segment unasked on a connection that the peer had reset at RCV.NXT"),
    // Numbers.
    row(Id::IssMoves,             "ISS-MOVES",               Text,   Fail,      "3.4.1, 3.8.1",                             "a repeated SYN with another number"),
    row(Id::IsnReused,            "ISN-REUSED",              Must,   Fail,      "3.4.1; MUST-8; S13",                       "a new connection begins inside the numbers of the old one, although the clock has left them behind"),
    row(Id::SeqOutside,           "SEQ-OUTSIDE",             Text,   Fail,      "3.4, 3.10.7.4",                            "a sequence number below ISS or above SND.NXT"),
    row(Id::OldIncarnation,       "OLD-INCARNATION",         Text,   Fail,      "3.3.1, 3.4.1; S6",                         "a number of the incarnation before: two records speak for one pair of sockets"),
    row(Id::TextTooEarly,         "TEXT-TOO-EARLY",          Text,   Fail,      "3.10.2, 3.5; S5",                          "text before the peer acknowledged the SYN"),
    row(Id::TextPastWindow,       "TEXT-PAST-WINDOW",        Text,   Fail,      "3.4, 3.8.6",                               "new text past every right edge that the peer ever advertised, and no probe"),
    row(Id::TextPastShrunkWindow, "TEXT-PAST-SHRUNK-WINDOW", Should, NonStrict, "3.8.6; SHLD-15",                           "new text past the window after the peer had shrunk it"),
    row(Id::ProbeTooLong,         "PROBE-TOO-LONG",          Text,   NonStrict, "3.8.6.1",                                  "a probe of a closed window with more than one octet of new text"),
    row(Id::MssExceeded,          "MSS-EXCEEDED",            Must,   Fail,      "3.7.1; MUST-14 MUST-15 MUST-16",           "more text than the peer's MSS, or the default one, allows"),
    row(Id::MtuExceeded,          "MTU-EXCEEDED",            Must,   Fail,      "3.7.1; MUST-16",                           "a packet that is larger than the interface's MTU"),
    row(Id::FinMoves,             "FIN-MOVES",               Text,   Fail,      "3.4, 3.6; S8",                             "a second FIN with another number"),
    row(Id::TextAfterFin,         "TEXT-AFTER-FIN",          Text,   Fail,      "3.6; S8",                                  "text at or past the number of the FIN"),
    row(Id::FinUnasked,           "FIN-UNASKED",             Text,   Fail,      "3.6, 3.10.4",                              "a FIN although no user closed anything"),
    row(Id::StreamSent,           "STREAM-SENT",             Text,   Fail,      "3.4, 3.8.1; S2",                           "text octets that are not the user's at these numbers"),
    row(Id::TextUnsubmitted,      "TEXT-UNSUBMITTED",        Text,   Fail,      "3.10.2; S2",                               "more text than the user has submitted"),
    row(Id::AckUnsent,            "ACK-UNSENT",              Text,   Fail,      "3.4, 3.10.7.4; S3",                        "an acknowledgment of numbers that never arrived"),
    row(Id::AckMovesBack,         "ACK-MOVES-BACK",          Text,   Fail,      "3.4, 3.10.7.4; S12",                       "an acknowledgment below one given before"),
    row(Id::AckStaleAgain,        "ACK-STALE-AGAIN",         Text,   NonStrict, "3.10.7.4, 3.8.1; S12",                     "a retransmission with an acknowledgment below one given before"),
    row(Id::RightEdgeShrinks,     "RIGHT-EDGE-SHRINKS",      Should, NonStrict, "3.8.6; SHLD-14; RFC 7323 2.4",             "the stack's right window edge moves left by more than rounding"),
    row(Id::SillySegment,         "SILLY-SEGMENT",           Must,   Fail,      "3.8.6.2.1; MUST-38",                       "a small segment into what is left of the window, although more waits"),
    row(Id::SillyWindow,          "SILLY-WINDOW",            Must,   Fail,      "3.8.6.2.2; MUST-39",                       "a right window edge that moves by a few octets, to a window that holds no full segment"),
    // Resets.
    row(Id::RstForRst,            "RST-FOR-RST",             Text,   Fail,      "3.5.2, 3.10.7.1; S11",                     "a RST in answer to a RST"),
    row(Id::RstUnprompted,        "RST-UNPROMPTED",          Text,   Fail,      "3.5.2; S11",                               "more RSTs than segments arrived, where there never was a connection"),
    row(Id::RstForm,              "RST-FORM",                Text,   Fail,      "3.5.2, 3.10.5; S11",                       "a RST whose number fits neither what arrived nor the connection"),
    row(Id::RstControls,          "RST-CONTROLS",            Text,   Fail,      "3.5.2, 3.10.7.1",                          "a RST together with SYN or FIN"),
    // Answers.
    row(Id::AnswersMultiply,      "ANSWERS-MULTIPLY",        Text,   NonStrict, "3.10.7.4; MUST-58; S15",                   "one empty segment causes several empty answers"),
    row(Id::AckForAck,            "ACK-FOR-ACK",             Text,   NonStrict, "3.10.7.4; S15",                            "an empty, current ACK is answered by an empty ACK that says nothing new"),
    row(Id::AckUnprompted,        "ACK-UNPROMPTED",          Text,   NonStrict, "3.8.4, 3.10.7.4",                          "an ACK that says nothing new and that nothing asked for"),
    row(Id::AckEverySecond,       "ACK-EVERY-SECOND",        Should, NonStrict, "3.8.6.3; SHLD-19",                         "two full-sized segments in order and no acknowledgment"),
    row(Id::KeepAliveUnasked,     "KEEP-ALIVE-UNASKED",      Must,   Fail,      "3.8.4; MUST-25",                           "a keep-alive probe although no user asked for any"),
    row(Id::KeepAliveInFlight,    "KEEP-ALIVE-IN-FLIGHT",    Must,   Fail,      "3.8.4; MUST-26",                           "a keep-alive probe while text or FIN is unacknowledged and the window is open"),
    row(Id::KeepAliveTooEarly,    "KEEP-ALIVE-TOO-EARLY",    Must,   Fail,      "3.8.4; MUST-26",                           "a keep-alive probe sooner than the interval after the peer was heard"),
    row(Id::Flood,                "FLOOD",                   Text,   Fail,      "3.8.1, 3.8.2; MUST-19; S15",               "the same segments again and again at one instant"),
    // Time.
    row(Id::ProbeTooEarly,        "PROBE-TOO-EARLY",         Should, NonStrict, "3.8.6.1; SHLD-29",                         "a first probe of a closed window sooner than a second after it closed"),
    row(Id::RtoTooEarly,          "RTO-TOO-EARLY",           Should, NonStrict, "3.8.1; MUST-18; RFC 6298 2.4, 5",          "a retransmission sooner than a second after the last, without any arrival"),
    row(Id::BackoffShrinks,       "BACKOFF-SHRINKS",         Must,   Fail,      "3.8.2; MUST-19; RFC 6298 5.5",             "retransmissions come faster although nothing arrived"),
    row(Id::BackoffMissing,       "BACKOFF-MISSING",         Must,   Fail,      "3.8.2; MUST-19; RFC 6298 5.5",             "retransmission intervals do not grow although nothing arrived"),
    row(Id::BackoffForgotten,     "BACKOFF-FORGOTTEN",       Must,   Fail,      "3.8.1; MUST-18; RFC 6298 3, 5.5",          "an RTO that a timeout had doubled is short again although nothing was acknowledged that had been sent once"),
    row(Id::RtoAfterSyn,          "RTO-AFTER-SYN",           Must,   Fail,      "3.8.1; MUST-18; RFC 6298 5.7",             "a first text that is sent again within 3 s, although the timer of the SYN had expired"),
    row(Id::SynAgainTooLate,      "SYN-AGAIN-TOO-LATE",      Should, NonStrict, "3.8.1; MUST-18; RFC 6298 2.1",             "a SYN that is first sent again after more than 3 s, where nothing can have been measured"),
    row(Id::LossWindow,           "LOSS-WINDOW",             Must,   Fail,      "3.8.2; MUST-19; RFC 5681 3.1",             "more than one full segment sent again at once after a timeout"),
    // The user.
    row(Id::StreamDelivered,      "STREAM-DELIVERED",        Text,   Fail,      "3.4, 3.10.3; S2",                          "octets are handed over that the peer did not send at this place"),
    row(Id::DeliversUnsent,       "DELIVERS-UNSENT",         Text,   Fail,      "3.10.7.4; S1 S3",                          "more octets are handed over than arrived in order"),
    row(Id::AfterEndOfStream,     "AFTER-END-OF-STREAM",     Text,   Fail,      "3.6; S7",                                  "octets are handed over after the end of the stream"),
    row(Id::EndWithoutFin,        "END-WITHOUT-FIN",         Must,   Fail,      "3.6; MUST-12; S7 S9",                      "the user is told that the peer has closed, but no FIN stands where the stream ended"),
];
