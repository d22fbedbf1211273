//! Frames and fields of the pipe protocol, version 1: `conformance/src/subject/exec/protocol.md`.

use std::io::{self, Read, Write};

pub const HELLO: u8 = 1;
pub const RESET: u8 = 2;
pub const CALL: u8 = 3;
pub const DELIVER: u8 = 4;
pub const POLL: u8 = 5;
pub const ADVANCE: u8 = 6;

pub const SAYS_HELLO: u8 = 129;
pub const DONE: u8 = 130;
pub const OUTCOME: u8 = 132;
pub const PACKET: u8 = 133;
pub const QUIET: u8 = 134;
pub const FAILED: u8 = 135;

const FRAME_MAX: usize = 1 << 20;

/// The next frame: code and fields. None at the end of the input.
pub fn hear(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut len = [0; 4];
    match from.read_exact(&mut len) {
        Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let len = u32::from_be_bytes(len) as usize;
    if len == 0 || len > FRAME_MAX {
        return Err(io::Error::other(format!("a frame of {len} octets")));
    }
    let mut frame = vec![0; len];
    from.read_exact(&mut frame)?;
    let fields = frame.split_off(1);
    Ok(Some((frame[0], fields)))
}

/// Writes one frame; nothing is flushed.
pub fn say(to: &mut impl Write, code: u8, fields: &[u8]) -> io::Result<()> {
    to.write_all(&(fields.len() as u32 + 1).to_be_bytes())?;
    to.write_all(&[code])?;
    to.write_all(fields)
}

/// Reads fields from the left. A frame that is too short is the tool's fault: the program ends.
pub struct Fields<'a>(pub &'a [u8]);

impl<'a> Fields<'a> {
    pub fn octets(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    fn number(&mut self, len: usize) -> u64 {
        self.octets(len).iter().fold(0, |n, octet| n << 8 | u64::from(*octet))
    }

    pub fn u8(&mut self) -> u8 {
        self.number(1) as u8
    }

    pub fn u16(&mut self) -> u16 {
        self.number(2) as u16
    }

    pub fn u32(&mut self) -> u32 {
        self.number(4) as u32
    }

    pub fn u64(&mut self) -> u64 {
        self.number(8)
    }
}
