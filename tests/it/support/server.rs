//! The real server on a port that the system chooses.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::command::chengxin;

/// How long a server may take to say where it listens.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `chengxin serve`, killed on drop by its own process number.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Serves the registry in `data` and waits until it says its address.
    pub fn start(data: &Path, database: Option<&str>) -> Self {
        let mut command = chengxin();
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data);
        if let Some(url) = database {
            command.args(["--database-url", url]);
        }
        Self::of(&mut command)
    }

    /// Starts a command that serves, and waits until it says its address.
    pub fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (sender, lines) = mpsc::channel();
        drain(child.stdout.take().expect("a pipe"), sender.clone());
        drain(child.stderr.take().expect("a pipe"), sender);
        // The handle exists before the wait, so that a panic below still kills the process.
        let mut server = Self {
            child,
            address: String::new(),
        };
        let mut said = Vec::new();
        while server.address.is_empty() {
            let line = lines.recv_timeout(PATIENCE).unwrap_or_else(|error| {
                panic!(
                    "no address from the server ({error}); it said:\n{}",
                    said.join("\n")
                )
            });
            server.address = address_in(&line).unwrap_or_default();
            said.push(line);
        }
        server
    }

    /// Asks it to end (SIGTERM) and waits; its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let number = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &number]).status();
        assert!(sent.expect("kill runs").success());
        self.child.wait().expect("it ended").code()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The URL of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads a pipe to its end, so that the server never blocks on a full one.
fn drain(pipe: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // Nobody listens any more once the address is known.
            let _ = sender.send(line);
        }
    });
}

/// The address in a line such as `listening on http://127.0.0.1:43210/`, never one with port 0.
fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("http://127.0.0.1:")?;
    let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (port.parse::<u16>().ok()? != 0).then(|| format!("http://127.0.0.1:{port}"))
}

#[test]
fn an_address_is_found_in_a_line() {
    assert_eq!(
        address_in("open http://127.0.0.1:8080/ now").as_deref(),
        Some("http://127.0.0.1:8080")
    );
    assert_eq!(address_in("http://127.0.0.1:0"), None);
    assert_eq!(address_in("starting"), None);
}
