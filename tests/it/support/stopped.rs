//! The real binary, stopped for good at a named step of the publication story, and killed there.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::command::Ran;

/// How long a process may take to reach its step, or to end.
const PATIENCE: Duration = Duration::from_secs(180);

/// A process that stands at a step. Killed (SIGKILL) on drop, by its own handle.
pub struct Stopped(Child);

impl Stopped {
    /// Starts `command` and waits until it stands at `step` for the `nth` time.
    #[track_caller]
    pub fn at(command: &mut Command, step: &str, nth: usize) -> Self {
        let mut child = command
            .env("CHENGXIN_STOP_AT", format!("{step}:{nth}"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let pipe = child.stderr.take().expect("a pipe");
        // The handle exists before the wait, so that a panic below still kills the process.
        let stopped = Self(child);
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let (marker, deadline) = (format!("STOPPED AT {step}"), Instant::now() + PATIENCE);
        let mut said = Vec::new();
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line == marker => return stopped,
                Ok(line) => said.push(line),
                Err(why) => panic!("{step}:{nth} was not reached ({why}):\n{}", said.join("\n")),
            }
        }
    }

    /// Kills it where it stands, as the system would: nothing of it runs any more.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a command that must end by itself, and soon: one that goes on is killed and fails the test.
#[track_caller]
pub fn ends(command: &mut Command) -> Ran {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let (sender, parts) = mpsc::channel();
    let read = |mut pipe: Box<dyn Read + Send>, name: &'static str| {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = pipe.read_to_end(&mut text);
            let _ = sender.send((name, String::from_utf8_lossy(&text).into_owned()));
        });
    };
    read(Box::new(child.stdout.take().expect("a pipe")), "out");
    read(Box::new(child.stderr.take().expect("a pipe")), "err");
    let deadline = Instant::now() + Duration::from_secs(30);
    let (mut stdout, mut stderr) = (String::new(), String::new());
    for _ in 0..2 {
        match parts.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(("out", text)) => stdout = text,
            Ok((_, text)) => stderr = text,
            Err(_) => {
                drop(child.kill());
                drop(child.wait());
                panic!("it did not end in 30 s; so far:\n{stdout}\n{stderr}");
            }
        }
    }
    let code = child.wait().expect("it ended").code();
    Ran { code, stdout, stderr }
}
