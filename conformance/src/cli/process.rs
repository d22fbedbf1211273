//! Stacks in processes of their own: `--exec`, `--isolate`, `protocol` and `serve`.

use std::io;
use std::time::Duration;

use super::args::{Arguments, Serve};
use super::exit::{self, Failure};
use super::{Session, check, console};
use crate::subject::Factory;
use crate::subject::exec::{self, Exec};

impl Session<'_> {
    /// Runs the command on the stacks that the arguments put in place of our own.
    pub(super) fn begin(&self, arguments: Arguments) -> Result<u8, Failure> {
        let process = &arguments.process;
        let patience = Duration::from_secs(process.watchdog);
        let (stacks, option) = if let Some(line) = &process.exec {
            let stack = Exec::shell(line, patience)
                .map_err(|why| Failure::Usage(format!("--exec {}: {why}", quoted(line))))?;
            (vec![stack], format!(" --exec {}", quoted(line)))
        } else if process.isolate {
            (self.isolated(patience)?, " --isolate".to_owned())
        } else {
            return self.run(arguments);
        };
        let stacks: Vec<&dyn Factory> = stacks.iter().map(|stack| stack as &dyn Factory).collect();
        let session = Session { stacks: &stacks, command: format!("{}{option}", self.command) };
        session.run(arguments)
    }

    /// This program again, once for every stack.
    fn isolated(&self, patience: Duration) -> Result<Vec<Exec>, Failure> {
        let program = std::env::current_exe()?.display().to_string();
        let worker = |stack: &&dyn Factory| {
            let name = stack.describe().name;
            let words = vec![program.clone(), "serve".to_owned(), name.clone()];
            Exec::program(words, patience).map_err(|why| Failure::Own(format!("{name}: {why}")))
        };
        self.stacks.iter().map(worker).collect()
    }

    /// `serve`: the other end of the pipe.
    pub(super) fn serve(&self, serve: &Serve) -> Result<u8, Failure> {
        let stack = self.stack(Some(&serve.stack))?;
        exec::serve(stack, io::stdin().lock(), io::BufWriter::new(io::stdout().lock()))?;
        Ok(exit::FINE)
    }

    /// `protocol`: what the program says of itself, and the self-check.
    pub(super) fn protocol(&self) -> Result<u8, Failure> {
        console::print(&self.stacks_in_words())?;
        if !check::adapters_work(self.stacks) {
            return Ok(exit::OWN_FAILURE);
        }
        console::print("it speaks the protocol, and its stack holds a conversation: now `check` it\n")?;
        Ok(exit::FINE)
    }
}

/// As a shell reads it back.
fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}
