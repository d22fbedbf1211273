//! Standard output and error: a closed pipe is no failure, colour and progress only where a person looks.

use core::ops::ControlFlow;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use super::interrupt;
use crate::suite::run::Progress;

/// Writes to standard output. A reader that has gone away wants no more: that is fine.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Standard output, line by line, for what is long.
pub struct Page {
    out: io::BufWriter<io::StdoutLock<'static>>,
    closed: bool,
}

impl Page {
    pub fn new() -> Page {
        Page { out: io::BufWriter::new(io::stdout().lock()), closed: false }
    }

    pub fn line(&mut self, line: &str) -> io::Result<()> {
        let written = writeln!(self.out, "{}", line.trim_end());
        self.note(written)
    }

    pub fn finish(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        self.note(flushed)
    }

    /// The reader has gone away.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn note(&mut self, done: io::Result<()>) -> io::Result<()> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            done => done,
        }
    }
}

/// Writes a line to standard error. There is nowhere to say that this failed.
pub fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Colour on standard output: on a terminal, unless `NO_COLOR` is set to anything.
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// One line on standard error, drawn over itself; silent where standard error is no terminal.
pub struct Bar {
    label: String,
    shown: bool,
    last: Option<Instant>,
}

/// Ten times a second is enough to see that it moves.
const PACE: Duration = Duration::from_millis(100);

impl Bar {
    pub fn new(wanted: bool, label: String) -> Bar {
        Bar { label, shown: wanted && io::stderr().is_terminal(), last: None }
    }

    fn draw(&self, done: u64, total: u64, findings: usize) {
        const WIDTH: u64 = 30;
        let filled = (done.min(total) * WIDTH).checked_div(total).unwrap_or(0) as usize;
        let bar = format!("{}{}", "#".repeat(filled), "-".repeat(WIDTH as usize - filled));
        let _ = write!(
            io::stderr().lock(),
            "\r{} [{bar}] {done}/{total} scenarios, {findings} findings",
            self.label
        );
    }
}

impl Progress for Bar {
    fn done(&mut self, done: u64, total: u64, findings: usize) -> ControlFlow<()> {
        if self.shown && self.last.is_none_or(|last| last.elapsed() >= PACE) {
            self.last = Some(Instant::now());
            self.draw(done, total, findings);
        }
        if interrupt::asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The line goes away; the report follows.
impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown && self.last.is_some() {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}
