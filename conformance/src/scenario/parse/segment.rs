//! The line of a segment, behind its `<`.

use lastack_core::types::Flags;

use super::error::{Expected, ParseError};
use super::line::{Line, Word, Words};
use crate::scenario::text::{ANCHORS, LETTERS, ODD, default_ack};
use crate::scenario::{Anchor, Num, OddOptions, OptionSpec, SegmentSpec, Size, Trick};

/// Words that begin a field, each at most once. The four kinds of [`Trick`] are one field.
const FIELDS: Words =
    &["seq", "ack", "len", "win", "urg", "<", "from", "to", "badsum", "offset", "cut", "reserved"];
const FIRST_TRICK: usize = 8;
const OPTIONS: Words =
    &["mss", "wscale", "padding", "unknown", "unaligned", "length-zero", "length-one", "length-past", "sack"];

const FLAGS: Expected =
    Expected::Thing("flags: each of `SFRP.UEC` at most once, or `-`, and reserved bits as `+0x500`");
const NUMBER: Expected = Expected::Thing("a number, or an anchor and an offset as `RCV.NXT+3`");
const SIZE: Expected = Expected::Thing("a number of octets, `window-1` or `mss+0`");

/// Reads flags and fields up to the line's end.
pub(super) fn segment(line: &mut Line<'_>) -> Result<SegmentSpec, ParseError> {
    let flags = flags(line)?;
    let mut spec = SegmentSpec { flags, ack: default_ack(flags), ..SegmentSpec::default() };
    let mut seen = [false; FIELDS.len()];
    while let Some(word) = line.next() {
        let Some(index) = FIELDS.iter().position(|name| *name == word.text) else {
            return Err(line.error(word, Expected::OneOf(FIELDS)));
        };
        let slot = index.min(FIRST_TRICK);
        if core::mem::replace(&mut seen[slot], true) {
            let second = if slot == FIRST_TRICK {
                Expected::Thing("at most one of `badsum`, `offset`, `cut` and `reserved`")
            } else {
                Expected::NoSecond(FIELDS[slot])
            };
            return Err(line.error(word, second));
        }
        field(&mut spec, FIELDS[index], line)?;
    }
    Ok(spec)
}

fn field(spec: &mut SegmentSpec, name: &str, line: &mut Line<'_>) -> Result<(), ParseError> {
    match name {
        "seq" => spec.seq = number(line)?,
        "ack" => spec.ack = number(line)?,
        "len" => spec.text = size(line)?,
        "win" => spec.window = line.u16()?,
        "urg" => spec.urgent = line.u16()?,
        "<" => spec.options = options(line)?,
        "from" => (spec.route.from, spec.route.from_port) = super::endpoint(line)?,
        "to" => (spec.route.to, spec.route.to_port) = super::endpoint(line)?,
        "badsum" => spec.trick = Trick::BadChecksum,
        "offset" => spec.trick = Trick::DataOffset(line.u8()?),
        "cut" => spec.trick = Trick::CutAt(line.u8()?),
        // The caller has found the name in `FIELDS`; what is left there is `reserved`.
        _ => spec.trick = Trick::ReservedBits(line.u8()?),
    }
    Ok(())
}

/// `PF.`, `-`, `S+0x500`.
fn flags(line: &mut Line<'_>) -> Result<Flags, ParseError> {
    let word = line.word(FLAGS)?;
    if word.text == "-" {
        return Ok(Flags::NONE);
    }
    let (letters, reserved) = word.split_at(word.text.find('+').unwrap_or(word.text.len()));
    let mut flags = Flags::NONE;
    for (at, letter) in letters.text.char_indices() {
        match LETTERS.iter().find(|(flag, known)| *known == letter && !flags.has(*flag)) {
            Some((flag, _)) => flags = flags.with(*flag),
            None => {
                let (one, _) = letters.split_at(at).1.split_at(letter.len_utf8());
                return Err(line.error(one, FLAGS));
            }
        }
    }
    if reserved.text.is_empty() {
        return Ok(flags);
    }
    match reserved_bits(reserved.text) {
        Some(bits) => Ok(flags.with(bits)),
        None => Err(line.error(reserved, FLAGS)),
    }
}

/// `+0x100` to `+0xf00`, reserved bits only.
fn reserved_bits(text: &str) -> Option<Flags> {
    let digit = text.strip_prefix("+0x")?.strip_suffix("00")?;
    let mut digits = digit.chars();
    let value = digits.next()?.to_digit(16)?;
    if digits.next().is_some() || value == 0 {
        return None;
    }
    Some(Flags::from_bits((value as u16) << 8))
}

/// `RCV.NXT+3`, `4294967295`.
fn number(line: &mut Line<'_>) -> Result<Num, ParseError> {
    let word = line.word(NUMBER)?;
    if starts_with_digit(word) {
        let value = line.number_in(word, u64::from(u32::MAX))? as u32;
        return Ok(Num::new(Anchor::Literal, value.cast_signed()));
    }
    let (name, offset) = cut_offset(word);
    match ANCHORS.iter().find(|(_, known)| *known == name.text) {
        Some((anchor, _)) => Ok(Num::new(*anchor, line.offset_in(offset, i32::MIN, i32::MAX)?)),
        None => Err(line.error(word, NUMBER)),
    }
}

/// `10`, `window-1`, `mss`.
fn size(line: &mut Line<'_>) -> Result<Size, ParseError> {
    let word = line.word(SIZE)?;
    if starts_with_digit(word) {
        return Ok(Size::Octets(line.number_in(word, u64::from(u16::MAX))? as u16));
    }
    let (name, offset) = cut_offset(word);
    let size = match name.text {
        "window" => Size::Window,
        "mss" => Size::Mss,
        _ => return Err(line.error(word, SIZE)),
    };
    Ok(size(line.offset_in(offset, i16::MIN.into(), i16::MAX.into())? as i16))
}

/// Options behind their `<`, up to and with the `>`.
fn options(line: &mut Line<'_>) -> Result<OptionSpec, ParseError> {
    const ODD_ONCE: Expected = Expected::Thing("at most one kind of strange options");
    let mut options = OptionSpec::default();
    loop {
        let word = line.word(Expected::OneOf(OPTIONS))?;
        match word.text {
            "mss" if options.mss.is_some() => return Err(line.error(word, Expected::NoSecond("mss"))),
            "mss" => options.mss = Some(line.u16()?),
            "wscale" if options.scale.is_some() => {
                return Err(line.error(word, Expected::NoSecond("wscale")));
            }
            "wscale" => options.scale = Some(line.u8()?),
            name => match ODD.iter().find(|(_, known)| *known == name) {
                Some(_) if options.odd != OddOptions::None => return Err(line.error(word, ODD_ONCE)),
                Some((odd, _)) => options.odd = *odd,
                None => return Err(line.error(word, Expected::OneOf(OPTIONS))),
            },
        }
        if line.choice(&[false, true], &[",", ">"])? {
            return Ok(options);
        }
    }
}

fn starts_with_digit(word: Word<'_>) -> bool {
    word.text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

/// The name and the signed offset behind it.
fn cut_offset(word: Word<'_>) -> (Word<'_>, Word<'_>) {
    word.split_at(word.text.find(['+', '-']).unwrap_or(word.text.len()))
}
