//! The table, or the table with edits: data from which right and wrong stacks are made.

use lastack_core::types::Flags;

use crate::table::rules::{self, RuleId};
use crate::table::{Effect, Flow, Next, Reply, Rule, Signal};

/// What a reply's numbers and flags are off by. All zero is right.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Skew {
    /// Added to SEG.SEQ.
    pub seq: i32,
    /// Added to SEG.ACK.
    pub ack: i32,
    /// Control bits that are turned over.
    pub flags: Flags,
}

/// When a timer's row fires.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Timing {
    /// As the profile says.
    #[default]
    Right,
    /// Not at all.
    Never,
    /// After a tenth of the time.
    Early,
}

/// What a row does, in some edition. The fields are those of [`Rule`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct Row {
    pub reply: Reply,
    pub effects: Vec<Effect>,
    pub signal: Signal,
    pub next: Next,
    pub flow: Flow,
    pub skew: Skew,
    pub timing: Timing,
}

impl Row {
    fn of(rule: &Rule) -> Row {
        Row {
            reply: rule.reply,
            effects: rule.effects.to_vec(),
            signal: rule.signal,
            next: rule.next,
            flow: rule.flow,
            skew: Skew::default(),
            timing: Timing::Right,
        }
    }
}

/// A way of the whole stack that no single row holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Habit {
    /// Every connection begins at the same ISS.
    FixedIss,
    /// SYN-RECEIVED does not know that it came from LISTEN.
    ForgetsOrigin,
    /// What was acknowledged or read opens no window: RCV.WND only shrinks.
    NoWindowUpdate,
    /// Text stays in the queue until something else is sent.
    HoldsText,
    /// A FIN is never sent.
    HoldsFin,
    /// The user timeout counts while nothing waits for an answer.
    TimesOutHealthy,
    /// After the end of a connection an ACK is sent once a second.
    SpeaksAfterEnd,
    /// A SYN,ACK counts as acknowledged when it is sent.
    TrustsSynAck,
    /// Text counts as acknowledged when it is sent.
    TrustsText,
    /// Whatever the window lets go leaves, however little.
    SendsSillySegments,
    /// The window opens by whatever was read, however little.
    TellsSillyWindows,
    /// A SYN that had to be sent again says nothing of the RTO.
    ForgetsLostSyn,
    /// A row that acknowledges and ends the connection does both.
    AcknowledgesAtEnd,
    /// Every new acknowledgment makes the RTO short again, also one that measures nothing.
    ForgetsBackoff,
}

/// One change of the table. Rows are named by their rule: all rows of that name change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Edit {
    /// The rows are struck out; where another row of the step fits, it takes their place.
    RemoveRow(&'static str),
    /// Another reply.
    Reply(&'static str, Reply),
    /// Another next state.
    Next(&'static str, Next),
    /// An effect that does not happen.
    DropEffect(&'static str, Effect),
    /// An effect besides, after the others.
    AddEffect(&'static str, Effect),
    /// The user is not told.
    DropSignal(&'static str),
    /// The user is told something else.
    Signal(&'static str, Signal),
    /// SEG.SEQ of the reply is off by so many.
    SeqOffBy(&'static str, i32),
    /// SEG.ACK of the reply is off by so many.
    AckOffBy(&'static str, i32),
    /// These control bits of the reply are turned over.
    WrongFlags(&'static str, Flags),
    /// The timer of this row never fires.
    TimerNever(&'static str),
    /// The timer of this row fires after a tenth of its time.
    TimerEarly(&'static str),
    /// A way of the whole stack.
    Habit(Habit),
}

impl Edit {
    /// The rule that it changes.
    pub const fn rule(&self) -> Option<&'static str> {
        match self {
            Edit::RemoveRow(name)
            | Edit::Reply(name, _)
            | Edit::Next(name, _)
            | Edit::DropEffect(name, _)
            | Edit::AddEffect(name, _)
            | Edit::DropSignal(name)
            | Edit::Signal(name, _)
            | Edit::SeqOffBy(name, _)
            | Edit::AckOffBy(name, _)
            | Edit::WrongFlags(name, _)
            | Edit::TimerNever(name)
            | Edit::TimerEarly(name) => Some(name),
            Edit::Habit(_) => None,
        }
    }

    fn apply(&self, row: &mut Option<Row>) {
        let Some(it) = row else { return };
        match *self {
            Edit::RemoveRow(_) => *row = None,
            Edit::Reply(_, reply) => it.reply = reply,
            Edit::Next(_, next) => it.next = next,
            Edit::DropEffect(_, effect) => it.effects.retain(|e| *e != effect),
            Edit::AddEffect(_, effect) => it.effects.push(effect),
            Edit::DropSignal(_) => it.signal = Signal::None,
            Edit::Signal(_, signal) => it.signal = signal,
            Edit::SeqOffBy(_, off) => it.skew.seq = off,
            Edit::AckOffBy(_, off) => it.skew.ack = off,
            Edit::WrongFlags(_, flags) => it.skew.flags = flags,
            Edit::TimerNever(_) => it.timing = Timing::Never,
            Edit::TimerEarly(_) => it.timing = Timing::Early,
            Edit::Habit(_) => {}
        }
    }
}

/// All rows of the table as this edition has them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edition {
    /// By [`RuleId`]; `None` is struck out.
    rows: Vec<Option<Row>>,
    habits: Vec<Habit>,
}

impl Edition {
    /// RFC 9293's own.
    pub fn standard() -> Edition {
        Edition { rows: rules::all().map(|id| Some(Row::of(id.rule()))).collect(), habits: Vec::new() }
    }

    /// The table after these edits, one after the other.
    ///
    /// # Errors
    /// The first name that no rule has.
    pub fn new(edits: &[Edit]) -> Result<Edition, String> {
        let mut edition = Edition::standard();
        for edit in edits {
            let Some(name) = edit.rule() else {
                if let Edit::Habit(habit) = edit {
                    edition.habits.push(*habit);
                }
                continue;
            };
            if rules::by_name(name).next().is_none() {
                return Err(format!("there is no rule {name:?} to be edited"));
            }
            for id in rules::by_name(name) {
                edit.apply(&mut edition.rows[id.index()]);
            }
        }
        Ok(edition)
    }

    /// The row, unless it is struck out.
    pub fn row(&self, id: RuleId) -> Option<&Row> {
        self.rows[id.index()].as_ref()
    }

    /// Whether the stack has this way.
    pub fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }
}
