//! Stacks in processes of their own: `--exec`, `--isolate`, `protocol` and `serve`.

use std::io;
use std::time::Duration;

use super::args::{Arguments, Command, EngineArg, Serve};
use super::exit::{self, Failure};
use super::{Session, check, console};
use crate::subject::Factory;
use crate::subject::exec::{self, Exec};

impl Session<'_> {
    /// Runs the command on the stacks that the arguments put in place of our own.
    pub(super) fn begin(&self, arguments: Arguments) -> Result<u8, Failure> {
        let process = &arguments.process;
        let patience = process.watchdog;
        if let Some(Command::Campaign(campaign)) = &arguments.command
            && campaign.engine == EngineArg::Libfuzzer
            && (process.exec.is_some() || process.isolate)
        {
            let why = "--engine libfuzzer runs stacks in its own process: not with --exec or --isolate";
            return Err(Failure::Usage(why.to_owned()));
        }
        if let Some(line) = &process.exec {
            let option = format!("--exec {}", quoted(line));
            let stack = Exec::shell(line, patience);
            let stack = stack.map_err(|why| Failure::Usage(format!("{option}: {why}")))?;
            return self.with(&[stack], &[], &option, arguments);
        }
        if process.isolate {
            let stacks = isolated(self.stacks, patience)?;
            let only_named = isolated(self.only_named, patience)?;
            return self.with(&stacks, &only_named, "--isolate", arguments);
        }
        self.run(arguments)
    }

    /// The command on other stacks; what it prints to be typed again has the option that made them.
    fn with(
        &self,
        stacks: &[Exec],
        only_named: &[Exec],
        option: &str,
        arguments: Arguments,
    ) -> Result<u8, Failure> {
        let stacks: Vec<&dyn Factory> = stacks.iter().map(|stack| stack as &dyn Factory).collect();
        let only_named: Vec<&dyn Factory> = only_named.iter().map(|stack| stack as &dyn Factory).collect();
        let command = format!("{} {option}", self.command);
        Session { stacks: &stacks, only_named: &only_named, command }.run(arguments)
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

/// This program again, once for every stack.
fn isolated(stacks: &[&dyn Factory], patience: Duration) -> Result<Vec<Exec>, Failure> {
    let program = std::env::current_exe()?.display().to_string();
    let worker = |stack: &&dyn Factory| {
        let name = stack.describe().name;
        let words = vec![program.clone(), "serve".to_owned(), name.clone()];
        Exec::program(words, patience).map_err(|why| Failure::Own(format!("{name}: {why}")))
    };
    stacks.iter().map(worker).collect()
}

/// As a shell reads it back.
fn quoted(line: &str) -> String {
    format!("'{}'", line.replace('\'', r"'\''"))
}
