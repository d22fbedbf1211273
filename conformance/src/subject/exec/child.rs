//! The program behind the pipe, and the watchdog that ends it when it does not answer.
//!
//! This is the one place of the library that looks at a wall clock: a program that hangs cannot be told
//! otherwise. No verdict depends on it but that one.

use std::io::{BufReader, BufWriter, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::wire::{FrameOut, Nonsense, read_frame};
use crate::subject::Failure;

/// A running program.
pub(super) struct Process {
    child: Arc<Mutex<Child>>,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
    guard: Arc<Guard>,
    watcher: Option<JoinHandle<()>>,
    frame: Vec<u8>,
}

/// What the watchdog looks at.
#[derive(Default)]
struct Guard {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Until when an answer must have come.
    until: Option<Instant>,
    /// It had not.
    ended: bool,
    /// The program is not needed any more.
    over: bool,
}

impl Process {
    /// Starts the program.
    ///
    /// # Errors
    /// Why it cannot be started.
    pub fn start(command: &mut Command) -> Result<Process, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // A shell's line may start several programs: they end together.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.spawn().map_err(|error| format!("it cannot be started: {error}"))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| "it has no standard input or output".to_owned())?;
        let child = Arc::new(Mutex::new(child));
        let guard = Arc::new(Guard::default());
        let watcher = {
            let (child, guard) = (Arc::clone(&child), Arc::clone(&guard));
            std::thread::spawn(move || guard.watch(&child))
        };
        Ok(Process {
            child,
            to: BufWriter::new(to),
            from: BufReader::new(from),
            guard,
            watcher: Some(watcher),
            frame: Vec::new(),
        })
    }

    /// Writes a request; it leaves with the next [`Process::answer`].
    pub fn request(&mut self, frame: &mut FrameOut) -> Result<(), Failure> {
        match frame.send(&mut self.to) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.gone()),
        }
    }

    /// The next frame of the program: its code and its fields.
    pub fn answer(&mut self, patience: Duration) -> Result<(u8, &[u8]), Failure> {
        self.guard.expect_until(Some(Instant::now() + patience));
        let read = self.to.flush().and_then(|()| read_frame(&mut self.from, &mut self.frame));
        self.guard.expect_until(None);
        match read {
            Ok(Ok(true)) => match self.frame.split_first() {
                Some((code, fields)) => Ok((*code, fields)),
                None => Err(Failure::Nonsense("an empty frame".to_owned())),
            },
            Ok(Err(Nonsense(what))) => Err(Failure::Nonsense(what)),
            Ok(Ok(false)) | Err(_) => Err(self.gone()),
        }
    }

    /// Why the pipe is closed.
    fn gone(&self) -> Failure {
        if self.guard.lock().ended {
            return Failure::Hangs("no answer in time".to_owned());
        }
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // Its output is closed: either it has ended, or it will never answer again.
        end(&mut child);
        let words = match child.wait() {
            Ok(status) => format!("it ended: {status}"),
            Err(error) => format!("it closed its output: {error}"),
        };
        Failure::Ends(words)
    }
}

impl Guard {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect_until(&self, until: Option<Instant>) {
        // The watcher looks by itself often enough: to wake it for every request would cost more than the
        // request.
        self.lock().until = until;
    }

    /// Ends the program when an answer is overdue.
    fn watch(&self, child: &Mutex<Child>) {
        const LOOK: Duration = Duration::from_millis(50);
        let mut state = self.lock();
        while !state.over {
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            if state.until.is_some_and(|until| Instant::now() >= until) {
                state.ended = true;
                end(&mut child.lock().unwrap_or_else(PoisonError::into_inner));
                return;
            }
        }
    }
}

/// The program ends with its pipe; it is waited for, so that none is left behind.
impl Drop for Process {
    fn drop(&mut self) {
        self.guard.lock().over = true;
        self.guard.changed.notify_all();
        if let Some(watcher) = self.watcher.take() {
            // A watcher that panicked has nothing to say.
            let _ = watcher.join();
        }
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        end(&mut child);
        // There is nobody to tell that it was not there to be waited for.
        let _ = child.wait();
    }
}

/// Ends the program and, where there are process groups, whatever it has started.
fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) && cfg!(not(unix)) {
        return;
    }
    #[cfg(unix)]
    {
        let group = format!("kill -KILL -{} 2>/dev/null", child.id());
        // Without a shell the program itself still ends, below.
        let _ = Command::new("sh").arg("-c").arg(group).status();
    }
    // It may have ended by itself just now.
    let _ = child.kill();
}
