//! The process that reads: what it may use, how it is started and what its death means.
//!
//! The file goes in through its standard input and rows come out of its standard output, so nothing of a
//! roster ever lies in a temporary file. It leaves no core dump, opens no file, and gets no environment.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use rlimit::Resource;

use super::wire::Message;
use super::{Limits, Refusal, Row, Sink};

/// The hidden subcommand under which the program becomes the reading process.
pub const SUBCOMMAND: &str = "read-sheet";

/// Starts reading processes.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The program, which knows [`SUBCOMMAND`].
    pub program: PathBuf,
    /// What a file may cost.
    pub limits: Limits,
}

impl Worker {
    /// Reads a file's rows into `sink`, in another process.
    ///
    /// # Errors
    /// [`Refusal`]: the file's own, [`Refusal::Costly`] where the process was ended for its costs, or
    /// [`Refusal::NotNow`] where none could be started.
    pub fn read(&self, bytes: &[u8], sink: Sink<'_>) -> Result<(), Refusal> {
        if bytes.len() > self.limits.upload {
            return Err(Refusal::TooLarge {
                megabytes: self.limits.upload >> 20,
            });
        }
        let mut child = self.start().map_err(|error| {
            tracing::error!(%error, "no process to read a file");
            Refusal::NotNow
        })?;
        let told = thread::scope(|scope| {
            let input = child.stdin.take();
            scope.spawn(move || {
                // A process that stopped reading says why on its other pipe.
                if let Some(mut input) = input {
                    drop(input.write_all(bytes));
                }
            });
            let told = child.stdout.take().map_or(Ok(None), |out| listen(out, sink));
            // Whatever it still does has no reader any more.
            if !matches!(told, Ok(Some(()))) {
                drop(child.kill());
            }
            told
        });
        let ended = child.wait();
        match told? {
            Some(()) => Ok(()),
            None => {
                tracing::warn!(?ended, "a process that read a file ended before it was done");
                Err(Refusal::Costly)
            }
        }
    }

    fn start(&self) -> io::Result<Child> {
        Command::new(&self.program)
            .arg(SUBCOMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}

/// Hands rows on until the end is told; `None` where the pipe ended without it.
fn listen(out: impl Read, sink: Sink<'_>) -> Result<Option<()>, Refusal> {
    let mut out = BufReader::with_capacity(256 << 10, out);
    loop {
        match Message::read(&mut out) {
            Ok(Some(Message::Row(number, cells))) => {
                let cells = cells.into_iter().map(|(at, cell)| (at, cell.into())).collect();
                sink(Row { number, cells })?;
            }
            Ok(Some(Message::End {})) => return Ok(Some(())),
            Ok(Some(Message::Refused(refusal))) => return Err(refusal),
            Ok(None) | Err(_) => return Ok(None),
        }
    }
}

/// The reading process: caps itself, reads standard input, writes rows to standard output.
///
/// # Errors
/// A cap that could not be set, or a closed pipe.
pub fn run(limits: &Limits) -> io::Result<()> {
    for (resource, most) in [
        (Resource::CORE, 0),
        (Resource::FSIZE, 0),
        (Resource::CPU, limits.seconds),
        (Resource::DATA, limits.memory),
    ] {
        resource.set(most, most)?;
    }
    let mut bytes = Vec::new();
    let most = u64::try_from(limits.upload).unwrap_or(u64::MAX);
    io::stdin()
        .lock()
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let mut closed = None;
    let read = super::read(&bytes, limits, &mut |row| {
        Message::of(row).write(&mut out).map_err(|error| {
            closed = Some(error);
            Refusal::NotNow
        })
    });
    if let Some(error) = closed {
        return Err(error);
    }
    match read {
        Ok(()) => Message::End {}.write(&mut out)?,
        Err(refusal) => Message::Refused(refusal).write(&mut out)?,
    }
    out.flush()
}
