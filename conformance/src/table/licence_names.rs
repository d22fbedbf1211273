//! The licences by name, and what each allows in general. A row's licence adds source and condition.

use core::fmt;

use super::types::LicenceKind;

impl LicenceKind {
    /// All of them, by name.
    pub const ALL: [LicenceKind; 39] = [
        LicenceKind::AckAtZeroWindow,
        LicenceKind::AckFieldFirst,
        LicenceKind::AckOptional,
        LicenceKind::CarryQueued,
        LicenceKind::DelayAck500Ms,
        LicenceKind::ErrorNameFree,
        LicenceKind::FastOpen,
        LicenceKind::Fig7Either,
        LicenceKind::HalfDuplex,
        LicenceKind::HoldOrDrop,
        LicenceKind::IcmpHardAsSoft,
        LicenceKind::ImplicitOpen,
        LicenceKind::MlsIgnored,
        LicenceKind::NewOrError,
        LicenceKind::NoSeparateAck,
        LicenceKind::OkForClose,
        LicenceKind::OneAnswer,
        LicenceKind::OverlapRstEither,
        LicenceKind::Piggyback,
        LicenceKind::Restart2MslFree,
        LicenceKind::RetransmitRecut,
        LicenceKind::ReturnToTimeWait,
        LicenceKind::Rfc1337,
        LicenceKind::Rfc6191Silent,
        LicenceKind::RstFieldsFree,
        LicenceKind::RstOrAck,
        LicenceKind::SecondFinFree,
        LicenceKind::SignalReset,
        LicenceKind::SilentBacklogFull,
        LicenceKind::SilentTwAck,
        LicenceKind::StateAfterRstFree,
        LicenceKind::StateAtCloseFree,
        LicenceKind::SynCookie,
        LicenceKind::SynTextDropped,
        LicenceKind::ThrottledChallenge,
        LicenceKind::ThrottledSyn,
        LicenceKind::TrimOrRefuse,
        LicenceKind::TwReopen,
        LicenceKind::WindowUpdate,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            LicenceKind::AckAtZeroWindow => "ACK-AT-ZERO-WINDOW",
            LicenceKind::AckFieldFirst => "ACK-FIELD-FIRST",
            LicenceKind::AckOptional => "ACK-OPTIONAL",
            LicenceKind::CarryQueued => "CARRY-QUEUED",
            LicenceKind::DelayAck500Ms => "DELAY-ACK-500MS",
            LicenceKind::ErrorNameFree => "ERROR-NAME-FREE",
            LicenceKind::FastOpen => "FAST-OPEN",
            LicenceKind::Fig7Either => "FIG7-EITHER",
            LicenceKind::HalfDuplex => "HALF-DUPLEX",
            LicenceKind::HoldOrDrop => "HOLD-OR-DROP",
            LicenceKind::IcmpHardAsSoft => "ICMP-HARD-AS-SOFT",
            LicenceKind::ImplicitOpen => "IMPLICIT-OPEN",
            LicenceKind::MlsIgnored => "MLS-IGNORED",
            LicenceKind::NewOrError => "NEW-OR-ERROR",
            LicenceKind::NoSeparateAck => "NO-SEPARATE-ACK",
            LicenceKind::OkForClose => "OK-FOR-CLOSE",
            LicenceKind::OneAnswer => "ONE-ANSWER",
            LicenceKind::OverlapRstEither => "OVERLAP-RST-EITHER",
            LicenceKind::Piggyback => "PIGGYBACK",
            LicenceKind::Restart2MslFree => "RESTART-2MSL-FREE",
            LicenceKind::RetransmitRecut => "RETRANSMIT-RECUT",
            LicenceKind::ReturnToTimeWait => "RETURN-TO-TIME-WAIT",
            LicenceKind::Rfc1337 => "RFC1337",
            LicenceKind::Rfc6191Silent => "RFC6191-SILENT",
            LicenceKind::RstFieldsFree => "RST-FIELDS-FREE",
            LicenceKind::RstOrAck => "RST-OR-ACK",
            LicenceKind::SecondFinFree => "SECOND-FIN-FREE",
            LicenceKind::SignalReset => "SIGNAL-RESET",
            LicenceKind::SilentBacklogFull => "SILENT-BACKLOG-FULL",
            LicenceKind::SilentTwAck => "SILENT-TW-ACK",
            LicenceKind::StateAfterRstFree => "STATE-AFTER-RST-FREE",
            LicenceKind::StateAtCloseFree => "STATE-AT-CLOSE-FREE",
            LicenceKind::SynCookie => "SYN-COOKIE",
            LicenceKind::SynTextDropped => "SYN-TEXT-DROPPED",
            LicenceKind::ThrottledChallenge => "THROTTLED-CHALLENGE",
            LicenceKind::ThrottledSyn => "THROTTLED-SYN",
            LicenceKind::TrimOrRefuse => "TRIM-OR-REFUSE",
            LicenceKind::TwReopen => "TW-REOPEN",
            LicenceKind::WindowUpdate => "WINDOW-UPDATE",
        }
    }

    /// What it allows.
    pub const fn allows(self) -> &'static str {
        match self {
            LicenceKind::AckAtZeroWindow => {
                "at a zero window a segment with text or FIN is refused whole, its ACK with it"
            }
            LicenceKind::AckFieldFirst => {
                "a good ACK field of a segment that fails the sequence test takes effect"
            }
            LicenceKind::AckOptional => "the duplicate ACK for an early segment may be left out",
            LicenceKind::CarryQueued => "the ACK of the handshake carries queued text or controls",
            LicenceKind::DelayAck500Ms => {
                "the ACK of text comes within 0.5 s, and for every second full-sized segment"
            }
            LicenceKind::ErrorNameFree => "another error name, because the RFC has two or none",
            LicenceKind::FastOpen => "RFC 7413 on SYN and SYN,ACK",
            LicenceKind::Fig7Either => "ACK and same state, or the effect that Fig. 7 shows",
            LicenceKind::HalfDuplex => "after CLOSE nothing can be read",
            LicenceKind::HoldOrDrop => "an early segment may be dropped",
            LicenceKind::IcmpHardAsSoft => "no abort on a hard ICMP error in a synchronized state",
            LicenceKind::ImplicitOpen => "SEND on no connection opens one",
            LicenceKind::MlsIgnored => "no check of security or compartment",
            LicenceKind::NewOrError => "a second passive OPEN gives a record or an error",
            LicenceKind::NoSeparateAck => "the ACK of the SYN,ACK is merged with that of its text",
            LicenceKind::OkForClose => "a repeated CLOSE returns ok",
            LicenceKind::OneAnswer => "several answers owed at one instant become one",
            LicenceKind::OverlapRstEither => {
                "a RST with text that starts left of RCV.NXT resets or is dropped"
            }
            LicenceKind::Piggyback => "the ACK rides on another segment that leaves now",
            LicenceKind::Restart2MslFree => "the TIME-WAIT timer is restarted or not",
            LicenceKind::RetransmitRecut => "retransmitted text has other borders",
            LicenceKind::ReturnToTimeWait => "a reopened connection falls back to TIME-WAIT",
            LicenceKind::Rfc1337 => "a RST is ignored in TIME-WAIT",
            LicenceKind::Rfc6191Silent => "a SYN in TIME-WAIT is dropped without ACK",
            LicenceKind::RstFieldsFree => "SEQ, ACK and the ACK bit of this RST are not fixed",
            LicenceKind::RstOrAck => "with the range check, either answer to a bad ACK in SYN-RECEIVED",
            LicenceKind::SecondFinFree => {
                "a FIN after the FIN is ignored or answered, RCV.NXT moves or stays"
            }
            LicenceKind::SignalReset => "the user is told of a reset although no signal is named",
            LicenceKind::SilentBacklogFull => "no answer to a SYN while the backlog is full",
            LicenceKind::SilentTwAck => "TIME-WAIT does not answer a segment that is no FIN",
            LicenceKind::StateAfterRstFree => "the sender of a RST is CLOSED or in TIME-WAIT",
            LicenceKind::StateAtCloseFree => "the state changes at CLOSE or when the FIN leaves",
            LicenceKind::SynCookie => "a cookie or cache in place of a full SYN-RECEIVED",
            LicenceKind::SynTextDropped => "text of the SYN is not kept, the SYN,ACK covers the SYN only",
            LicenceKind::ThrottledChallenge => "the challenge ACK is withheld after another one",
            LicenceKind::ThrottledSyn => {
                "of a SYN the answer is a challenge ACK and withheld after another one"
            }
            LicenceKind::TrimOrRefuse => {
                "of a segment that crosses a window edge the part inside is taken, or the segment is refused with an ACK"
            }
            LicenceKind::TwReopen => "a SYN in TIME-WAIT opens a new connection",
            LicenceKind::WindowUpdate => "an ACK that only moves the right edge",
        }
    }
}

impl fmt::Display for LicenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
