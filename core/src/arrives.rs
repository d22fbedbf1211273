//! SEGMENT ARRIVES (RFC 9293 3.10.7), one module per group of states, in the RFC's order.
//!
//! Each step may end the processing with a [`Fate`]; otherwise the next one follows.

use core::ops::ControlFlow;

use crate::config::Config;
use crate::record::Fate;
use crate::reset::{Reset, Resets};
use crate::types::{Instant, Segment, SeqNum};

mod ack;
mod closed;
mod listen;
mod otherwise;
mod syn;
mod syn_sent;
mod text;

pub(crate) use closed::closed;
pub(crate) use listen::{Heard, listen};
pub(crate) use otherwise::{opens_again, otherwise};
pub(crate) use syn_sent::syn_sent;

/// Whether the next step follows.
type Step = ControlFlow<Fate>;

/// Drop the segment and return.
const RETURN: Step = Step::Break(Fate::Stay);
/// Go on with the next step.
const NEXT: Step = Step::Continue(());

/// A segment on its way through the steps, and where answers without a TCB go.
pub(crate) struct Arrival<'a> {
    pub segment: Segment<'a>,
    pub now: Instant,
    pub config: &'a Config,
    pub resets: &'a mut Resets,
    /// SEG.SEQ of `text`: once the first step has trimmed the segment, RCV.NXT or later.
    seq: SeqNum,
    /// The text that is left of the segment.
    text: &'a [u8],
    /// Whether the FIN is left of the segment.
    fin: bool,
    /// Whether something past the right edge was cut off.
    cut: bool,
}

impl<'a> Arrival<'a> {
    pub fn new(segment: Segment<'a>, now: Instant, config: &'a Config, resets: &'a mut Resets) -> Self {
        let h = &segment.header;
        let seq = h.seq.add(h.flags.syn().into());
        Arrival { segment, now, config, resets, seq, text: segment.text, fin: h.flags.fin(), cut: false }
    }

    /// Answers with a reset; the segment holds none itself.
    fn reset(&mut self) {
        self.resets.push(Reset::answer(&self.segment));
    }

    /// SEG.WND, scaled (RFC 7323 2.3), but never that of a SYN (2.2), whose number the first step may have trimmed off.
    fn window(&self, shift: u8) -> u32 {
        let shift = if self.segment.header.flags.syn() { 0 } else { shift };
        u32::from(self.segment.header.window) << shift
    }
}
