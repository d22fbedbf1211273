//! Mutants that a monitor is there for: one each.

use lastack_core::types::Flags;

use super::Mutant;
use super::bent::{Bend, How as H, When as W};
use crate::model::{Edit, Habit};
use crate::monitor::MonitorId as M;
use crate::oracle::Broken as B;
use crate::table::{Effect, Reply};
use crate::verdict::Obligation;

/// The monitor, what is bent, what happens, and the part of the oracle that would speak first.
type Row = (M, Bend, &'static str, B);

const CONNECT: &str = "call 0 connect 8000 peer0:9000; wait 0.1s";
const LISTEN: &str = "call 0 listen 8000; wait 10s";
const PASSIVE: &str = "call 0 listen 8000; < S seq IRS <mss 1460>; wait 0.1s";
const OPEN: &str = "OPEN; wait 0.1s";
const STRAY: &str = "< . seq 5 ack 77; wait 0.1s";
const SEND: &str = "OPEN; call 0 send 5; wait 0.1s";
const TEXT: &str = "OPEN; < P. len 5; wait 0.1s";
const OLD: &str = "OPEN; < . seq RCV.NXT-9; wait 0.1s";
const ACK_FIRST: W = W::Empty(0);
const ACK_LATER: W = W::Empty(1);
const NONE: B = B::Nothing;

#[rustfmt::skip]
const ROWS: &[Row] = &[
    (M::PacketForm,           Bend::Sent(ACK_FIRST, H::Cut),                                OPEN,    NONE),
    (M::ChecksumIp,           Bend::Sent(W::Syn, H::IpChecksum),                            CONNECT, NONE),
    (M::ChecksumTcp,          Bend::Sent(W::Syn, H::TcpChecksum),                           CONNECT, NONE),
    (M::DataOffset,           Bend::Sent(ACK_FIRST, H::Offset(4)),                          OPEN,    NONE),
    (M::ReservedBits,         Bend::Sent(ACK_FIRST, H::Flags(0x200)),                       OPEN,    NONE),
    (M::TtlZero,              Bend::Sent(W::Syn, H::NoTtl),                                 CONNECT, NONE),
    (M::WrongSource,          Bend::Sent(W::Rst, H::Source),                                STRAY,   NONE),
    (M::BadDestination,       Bend::Sent(W::Rst, H::Destination),                           STRAY,   B::ExtraReplies),
    (M::NoAckBit,             Bend::Sent(W::Text, H::Flags(0x010)),                         SEND,    NONE),
    (M::OptionForm,           Bend::Sent(ACK_FIRST, H::Options(&[1, 1, 9, 1])),             OPEN,    NONE),
    (M::OptionPadding,        Bend::Sent(ACK_FIRST, H::Options(&[1, 0, 1, 0])),             OPEN,    NONE),
    (M::MssOffSyn,            Bend::Sent(ACK_FIRST, H::Options(&[2, 4, 5, 0xb4])),          OPEN,    NONE),
    (M::MssMissing,           Bend::Sent(W::Syn, H::Options(&[])),                          CONNECT, NONE),
    (M::MssAboveMtu,          Bend::Sent(W::Syn, H::Options(&[2, 4, 5, 0xb5])),             CONNECT, NONE),
    (M::ScaleOffSyn,          Bend::Sent(ACK_FIRST, H::Options(&[1, 3, 3, 2])),             OPEN,    NONE),
    (M::ScaleAbove14,         Bend::Sent(W::Syn, H::Options(&[2, 4, 5, 0xb4, 1, 3, 3, 15])), CONNECT, NONE),
    (M::ScaleUnasked,         Bend::Sent(W::Syn, H::Options(&[2, 4, 5, 0xb4, 1, 3, 3, 2])), PASSIVE, NONE),
    (M::SackPermittedOffSyn,  Bend::Sent(ACK_FIRST, H::Options(&[1, 1, 4, 2])),             OPEN,    NONE),
    (M::SackUnasked,          Bend::Sent(ACK_FIRST, H::Options(&[1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2])), OPEN, NONE),
    (M::SackUntrue,           Bend::Sent(ACK_FIRST, H::Options(&[1, 1, 5, 10, 0, 1, 0, 0, 0, 1, 0, 2])),
        "call 0 listen 8000; < S seq IRS <mss 1460,sack-permitted>; < .; < P. seq RCV.NXT+5 len 5; wait 0.1s", NONE),
    (M::TimestampsUnasked,    Bend::Sent(W::Syn, H::Options(&[2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0])), PASSIVE, NONE),
    (M::TimestampsMissing,    Bend::Sent(W::Syn, H::Options(&[2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 7])),
        "call 0 listen 8000; < S seq IRS <mss 1460>; < .; call 0 send 5; wait 0.1s", NONE),
    (M::UrgentUnasked,        Bend::Sent(W::Text, H::Urgent),                               SEND,    NONE),
    (M::SynUnasked,           Bend::Says(1_000, Flags::SYN, 0, 0),                          LISTEN,  B::ExtraReplies),
    (M::SynAckUnasked,        Bend::Says(1_000, Flags::from_bits(0x012), 0, 0),             LISTEN,  B::ExtraReplies),
    (M::NoConnection,         Bend::Says(1_000, Flags::ACK, 0, 0),                          LISTEN,  B::ExtraReplies),
    (M::AfterRst,             Bend::Says(3_000, Flags::ACK, 0, 0), "OPEN; wait 0.5s; call 0 abort; wait 5s", B::Obligation(Obligation::Silence)),
    (M::AfterReset,           Bend::Says(3_000, Flags::ACK, 0, 0), "OPEN; wait 0.5s; < R; wait 5s", B::Obligation(Obligation::Silence)),
    (M::IssMoves,             Bend::Sent(W::Again(1), H::Seq(100)), "call 0 connect 8000 peer0:9000; wait 2s", NONE),
    (M::SeqOutside,           Bend::Sent(ACK_LATER, H::Seq(1)),                             OLD,     B::SeqNumbers),
    (M::OldIncarnation,       Bend::SaysOld(8_000, Flags::ACK), "OPEN; < R; wait 1s; OPEN; wait 10s", B::SeqNumbers),
    (M::TextTooEarly,         Bend::Says(50, Flags::ACK, 0, 5),                             PASSIVE, B::QueuedText),
    (M::TextPastWindow,       Bend::BlindToWindow, "OPEN_SMALL; call 0 send 1000; wait 0.1s",        B::SendWindow),
    (M::TextPastShrunkWindow, Bend::BlindToWindow, "OPEN; < .; < . win 10; call 0 send 11; wait 0.1s",    B::SendWindow),
    (M::ProbeTooLong,         Bend::BlindToWindow, "OPEN; < .; < . win 0; call 0 send 5; wait 0.1s",      B::SendWindow),
    (M::MssExceeded,          Bend::BlindToMss,
        "call 0 connect 8000 peer0:9000; < S. seq IRS win 4096 <mss 100>; call 0 send 1000; wait 0.1s", NONE),
    (M::MtuExceeded,          Bend::Sent(W::Text, H::Options(&[1, 1, 1, 1, 1, 1, 1, 1])), "mtu 576; OPEN; call 0 send 1000; wait 0.1s", NONE),
    (M::FinMoves,             Bend::Sent(W::FinAgain, H::Seq(-1)), "OPEN; call 0 send 5; < .; call 0 close; wait 2s", B::FinPlace),
    (M::TextAfterFin,         Bend::Says(500, Flags::ACK, 0, 1), "OPEN; call 0 close; wait 0.9s",    B::QueuedText),
    (M::FinUnasked,           Bend::Sent(W::Text, H::Flags(0x001)),                         SEND,    B::FinPlace),
    (M::StreamSent,           Bend::Sent(W::Text, H::Octets),                               SEND,    NONE),
    (M::TextUnsubmitted,      Bend::Sent(W::Text, H::Longer(3)),                            SEND,    B::QueuedText),
    (M::AckUnsent,            Bend::Sent(ACK_LATER, H::Ack(1)),                             TEXT,    B::AckNumbers),
    (M::AckMovesBack,         Bend::Sent(W::Empty(2), H::Ack(-5)), "OPEN; < P. len 5; < . seq RCV.NXT-9; wait 0.1s", B::AckNumbers),
    (M::AckStaleAgain,        Bend::Sent(W::Again(1), H::Ack(-5)), "OPEN; call 0 send 5; < P. ack SND.UNA len 5; wait 2s", B::AckNumbers),
    (M::RightEdgeShrinks,     Bend::Sent(ACK_LATER, H::Window(100)),                        TEXT,    NONE),
    (M::RstUnprompted,        Bend::Sent(W::Rst, H::Times(2)),                              STRAY,   B::ExtraReplies),
    (M::RstForm,              Bend::Sent(W::Rst, H::Seq(1)),                                STRAY,   B::RstFields),
    (M::RstControls,          Bend::Sent(W::Rst, H::Flags(0x001)),                          STRAY,   NONE),
    (M::AnswersMultiply,      Bend::Sent(ACK_LATER, H::Times(2)),                           OLD,     NONE),
    (M::AckUnprompted,        Bend::Says(8_000, Flags::ACK, 0, 0),                          "OPEN; wait 10s", NONE),
    (M::KeepAliveUnasked,     Bend::Says(8_000, Flags::ACK, -1, 0),                         "OPEN; wait 10s", B::SeqNumbers),
    (M::KeepAliveInFlight,    Bend::Says(8_500, Flags::ACK, -6, 1), "keep_alive 100s; OPEN; call 0 send 5; wait 10s", NONE),
    (M::Flood,                Bend::Sent(W::Text, H::Times(30)),                            SEND,    NONE),
    (M::LossWindow,           Bend::Sent(W::Again(1), H::Times(2)),                         "OPEN; call 0 send 1460; wait 2s", NONE),
    (M::BackoffShrinks,       Bend::Sent(W::Again(6), H::Drop),                             "OPEN; call 0 send 5; wait 250s", NONE),
    (M::StreamDelivered,      Bend::OtherOctets,                                            "OPEN; < P. len 5; call 0 receive 5; wait 0.1s", NONE),
    (M::DeliversUnsent,       Bend::OtherOctets,                                            "OPEN; wait 0.1s", B::Outcomes),
    (M::AfterEndOfStream,     Bend::EndsEarly, "OPEN; call 0 receive 5; < P. len 5; call 0 receive 5; wait 0.1s", B::Outcomes),
];

/// One mutant a monitor.
pub fn monitors() -> Vec<Mutant> {
    let bent = ROWS.iter().map(|&(id, bend, events, off)| Mutant {
        bend: Some(bend),
        events: Some(events),
        off,
        profile: "r2=600s",
        ..Mutant::new(id.info().name, "bent", Vec::new())
    });
    let edited = |id: M, edit: Edit, events, off| Mutant {
        events: Some(events),
        off,
        ..Mutant::new(id.info().name, "edited", vec![edit])
    };
    let reused = "call 0 listen 8000; < S seq IRS <mss 1460>; < .; call 0 accept 1; < R; wait 10s; \
                  < S seq RCV.NXT+5000 <mss 1460>; wait 0.1s";
    let refused = "call 0 connect 8000 peer0:9000; < S seq IRS <mss 1460>; < R; call 0 receive 5; wait 0.1s";
    let again = "OPEN; call 0 send 5; wait 60s";
    let twice = "OPEN; call 0 send 5; wait 4s; < .; call 0 send 5; wait 3s";
    let shut = "OPEN; < .; < . win 0; call 0 send 5; wait 2s";
    let full = "OPEN; < . len 1460; < . len 1460; < . len 1460; wait 1s";
    let little = "OPEN; < .; < . win 10; call 0 send 500; wait 0.05s";
    let sips = "recv_buffer 2000; OPEN; < P. len 1000; < P. len 1000; call 0 receive 1; wait 0.1s";
    let late = "call 0 connect 8000 peer0:9000; wait 1.5s; < S. seq IRS <mss 1460>; call 0 send 5; wait 2s";
    let slow = Mutant {
        bend: Some(Bend::Sent(W::Again(1), H::Drop)),
        events: Some("call 0 connect 8000 peer0:9000; wait 7s"),
        profile: "rto_min=2s",
        ..Mutant::new("SYN-AGAIN-TOO-LATE", "bent", Vec::new())
    };
    bent.chain([
        slow,
        edited(M::SillySegment, Edit::Habit(Habit::SendsSillySegments), little, NONE),
        edited(M::SillyWindow, Edit::Habit(Habit::TellsSillyWindows), sips, NONE),
        edited(M::RtoAfterSyn, Edit::Habit(Habit::ForgetsLostSyn), late, NONE),
        edited(
            M::KeepAliveTooEarly,
            Edit::TimerEarly("KEEP-ALIVE"),
            "keep_alive 100s; OPEN; < .; wait 20s",
            NONE,
        ),
        edited(M::IsnReused, Edit::Habit(Habit::FixedIss), reused, NONE),
        edited(M::EndWithoutFin, Edit::DropSignal("RST-EXACT-ACTIVE"), refused, NONE),
        edited(
            M::RstForRst,
            Edit::Reply("STRAY-RST", Reply::RstZero),
            "< R seq 7; wait 0.1s",
            B::ExtraReplies,
        ),
        edited(M::AckForAck, Edit::Reply("ACK-OLD", Reply::Ack), "OPEN; wait 8s; < .; wait 1s", NONE),
        edited(M::ProbeTooEarly, Edit::TimerEarly("ZERO-WINDOW-PROBE"), shut, NONE),
        edited(M::AckEverySecond, Edit::Reply("TEXT-IN-ORDER", Reply::None), full, B::Debts),
        edited(M::RtoTooEarly, Edit::TimerEarly("RTO"), "OPEN; call 0 send 5; wait 1s", NONE),
        edited(M::BackoffMissing, Edit::DropEffect("RTO", Effect::BackOff), again, NONE),
        edited(M::BackoffForgotten, Edit::Habit(Habit::ForgetsBackoff), twice, NONE),
    ])
    .collect()
}
