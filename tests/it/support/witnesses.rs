//! Three witnesses on loopback, each with a key and a state of its own, that a test stops and brings back.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chengxin::config::{WitnessAddress, Witnessing};
use chengxin::log::key::VerifierKey;
use chengxin::registry::clock::Clock;
use chengxin::registry::init::WitnessPlan;
use chengxin::witness::{Running, StateError, StateFile, Witness, WitnessKey, start};

/// Attempts in quick succession, so that tests of outages are short; and long waits, so that a witness under
/// load is never taken for one that is gone: that one refuses connections at once.
pub const TIMES: Witnessing = Witnessing {
    timeout_ms: 60_000,
    extra_wait_ms: 30_000,
    retry_ms: 20,
    recosign_seconds: 300,
};

/// The witnesses.
pub struct Trio {
    folder: PathBuf,
    logs: Vec<VerifierKey>,
    clock: Arc<dyn Clock>,
    running: Vec<Option<Running>>,
    addresses: Vec<(String, SocketAddr)>,
}

impl Trio {
    /// Starts three witnesses of a log, whose clock is `clock`.
    pub fn start(folder: PathBuf, log: VerifierKey, clock: Arc<dyn Clock>) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let mut trio = Self {
            folder,
            logs: vec![log],
            clock,
            running: Vec::new(),
            addresses: Vec::new(),
        };
        for n in 0..3_u8 {
            let name = format!("witness-{n}.example");
            let key = WitnessKey::create(&trio.key(n), &name, &mut [100 + n; 32]).unwrap();
            StateFile::create(&trio.state(n)).unwrap();
            let running = trio.run(n, "127.0.0.1:0", trio.clock.clone());
            trio.addresses
                .push((key.verifier().to_string(), running.address()));
            trio.running.push(Some(running));
        }
        trio
    }

    /// What a registry is made with: two of three.
    pub fn plan(&self) -> WitnessPlan {
        let address = |(key, address): &(String, SocketAddr)| WitnessAddress {
            key: key.clone(),
            url: format!("http://{address}/"),
        };
        WitnessPlan {
            addresses: self.addresses.iter().map(address).collect(),
            quorum: 2,
            times: TIMES,
        }
    }

    /// Tells all of them of one more log key: each is stopped and started again.
    pub fn know(&mut self, log: VerifierKey) {
        self.logs.push(log);
        for n in 0..3 {
            self.stop(n);
            self.back(n);
        }
    }

    /// The same of a log that goes on where another was frozen: the first witness is careful, and has that head
    /// written into its state.
    pub fn know_from(&mut self, log: VerifierKey, size: u64, root: &str) {
        let line = format!("{} {size} {root}\n", log.name());
        self.stop(0);
        let state = std::fs::read_to_string(self.state(0)).unwrap();
        std::fs::write(self.state(0), state + &line).unwrap();
        self.back(0);
        self.know(log);
    }

    /// Stops one, as if its machine went away.
    pub fn stop(&mut self, n: u8) {
        self.running[usize::from(n)] = None;
    }

    /// Starts one again where it was, from its state.
    pub fn back(&mut self, n: u8) {
        self.back_with(n, self.clock.clone());
    }

    /// Starts one again with a clock of its own.
    pub fn back_with(&mut self, n: u8, clock: Arc<dyn Clock>) {
        let address = self.addresses[usize::from(n)].1.to_string();
        self.running[usize::from(n)] = Some(self.run(n, &address, clock));
    }

    /// Its submission prefix.
    pub fn url(&self, n: u8) -> String {
        format!("http://{}", self.addresses[usize::from(n)].1)
    }

    fn run(&self, n: u8, listen: &str, clock: Arc<dyn Clock>) -> Running {
        let time = move || u64::try_from(clock.now().timestamp()).unwrap();
        let key = WitnessKey::read(&self.key(n)).unwrap();
        // The threads of one that was just stopped may hold its state a moment longer.
        let state = loop {
            match StateFile::open(&self.state(n)) {
                Err(StateError::Busy(_)) => std::thread::park_timeout(Duration::from_millis(20)),
                opened => break opened.unwrap(),
            }
        };
        let witness = Witness::new(key, self.logs.clone(), state, Box::new(time)).unwrap();
        start(Arc::new(witness), listen).unwrap()
    }

    fn key(&self, n: u8) -> PathBuf {
        self.folder.join(format!("{n}.key"))
    }

    fn state(&self, n: u8) -> PathBuf {
        self.folder.join(format!("{n}.state"))
    }
}
