//! The demonstration's witnesses: in this process, on loopback, each with a key and a state of its own.
//!
//! Their clock is the story's while the year is told, so that a year told in seconds gets a year's times and
//! bundles say what they would say of a real one; the machine's once it is served. In life a witness has
//! its own clock and nobody moves it: `policy.txt` says so.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::terminal::say;
use crate::config::{WitnessAddress, Witnessing};
use crate::log::key::VerifierKey;
use crate::log::policy::Policy;
use crate::record::credential::Host;
use crate::registry::Registry;
use crate::registry::clock::{Clock, StoryClock, SystemClock};
use crate::registry::data_dir::DataDir;
use crate::registry::init::WitnessPlan;
use crate::registry::keys::KeyFolder;
use crate::registry::random::{Random as _, SystemRandom};
use crate::registry::witness::Witnesses;
use crate::witness::{Running, StateFile, Witness, WitnessKey, start};

const REMARK: &str = "# 演示：见证人与登记机关同在一个进程，年度重放时按故事时钟签名。不可用于真实核验。
# Demonstration: the witnesses ran inside the registry's own process, and while the year was replayed on the
# story's clock. A real policy names witnesses that others run.
";

/// Witnesses at work; they end when this is dropped.
pub(super) struct Stage {
    running: Vec<Running>,
    addresses: Vec<WitnessAddress>,
    log: VerifierKey,
    /// Whether the story is over and the machine's clock counts.
    real: Arc<AtomicBool>,
}

impl Stage {
    /// Makes `count` witnesses of a registry that is about to be made, and the registry's keys.
    pub(super) fn make(
        data: &DataDir,
        host: &Host,
        count: usize,
        clock: Arc<StoryClock>,
    ) -> Result<Self, Box<dyn Error>> {
        let keys = KeyFolder::new(&data.keys(), host);
        let random = SystemRandom::new()?;
        keys.complete(&random)?;
        fs::create_dir_all(folder(data))?;
        for n in 1..=count {
            let mut seed = [0_u8; 32];
            random.fill(&mut seed)?;
            if !key(data, n).exists() {
                WitnessKey::create(&key(data, n), &format!("witness-{n}.example"), &mut seed)?;
                StateFile::create(&state(data, n))?;
            }
        }
        let anywhere = vec!["127.0.0.1:0".to_owned(); count];
        Self::start(data, keys.log()?.verifier(), &anywhere, clock)
    }

    /// Starts the witnesses of a demonstration that exists, where they were if the ports are free.
    pub(super) fn open(
        data: &DataDir,
        registry: &Registry,
        clock: Arc<StoryClock>,
    ) -> Result<Option<Self>, Box<dyn Error>> {
        let (settings, _) = data.read()?;
        if settings.witnesses.is_empty() {
            return Ok(None);
        }
        let listen: Vec<String> = settings
            .witnesses
            .iter()
            .map(|witness| witness.url.trim_start_matches("http://").to_owned())
            .collect();
        let log = registry.keys()?.log()?.verifier().clone();
        Self::start(data, &log, &listen, clock).map(Some)
    }

    fn start(
        data: &DataDir,
        log: &VerifierKey,
        listen: &[String],
        clock: Arc<StoryClock>,
    ) -> Result<Self, Box<dyn Error>> {
        let real = Arc::new(AtomicBool::new(false));
        let (mut running, mut addresses) = (Vec::new(), Vec::new());
        for (n, listen) in (1..).zip(listen) {
            let (real, story) = (real.clone(), clock.clone());
            let time = move || {
                let now = match real.load(Ordering::SeqCst) {
                    true => SystemClock.now(),
                    false => story.now(),
                };
                u64::try_from(now.timestamp()).unwrap_or(0)
            };
            let key = WitnessKey::read(&key(data, n))?;
            let state = StateFile::open(&state(data, n))?;
            let witness = Arc::new(Witness::new(key, vec![log.clone()], state, Box::new(time))?);
            let one = start(witness.clone(), listen).or_else(|_| start(witness.clone(), "127.0.0.1:0"))?;
            addresses.push(WitnessAddress {
                key: witness.verifier().to_string(),
                url: one.url(),
            });
            running.push(one);
        }
        Ok(Self {
            running,
            addresses,
            log: log.clone(),
            real,
        })
    }

    /// How many there are.
    pub(super) fn size(&self) -> usize {
        self.running.len()
    }

    /// What the registry is made with: two of three, more than half of any number.
    pub(super) fn plan(&self) -> WitnessPlan {
        WitnessPlan {
            addresses: self.addresses.clone(),
            quorum: self.running.len() / 2 + 1,
            times: Witnessing::default(),
        }
    }

    /// Says in the trust folder what these witnesses are worth.
    pub(super) fn remark(data: &DataDir) -> std::io::Result<()> {
        let path = data.trust().join("policy.txt");
        let policy = fs::read_to_string(&path)?;
        fs::write(path, format!("{REMARK}{policy}"))
    }

    /// The registry with the addresses of this run.
    pub(super) fn reached(&self, data: &DataDir, registry: Registry) -> Result<Registry, Box<dyn Error>> {
        let policy = Policy::parse(&fs::read(data.trust().join("policy.txt"))?)?;
        Ok(Registry {
            witnesses: Witnesses::new(policy, &self.addresses, Witnessing::default())?,
            ..registry
        })
    }

    /// The story is over: from now on the machine's clock counts.
    pub(super) fn leave_the_story(&self) {
        self.real.store(true, Ordering::SeqCst);
    }

    /// Prints who witnesses, and how to run them without the demonstration.
    pub(super) fn print(&self, data: &DataDir) {
        say("\n见证人 / witnesses");
        for (n, (running, address)) in (1..).zip(self.running.iter().zip(&self.addresses)) {
            say(format_args!("  {}", address.key));
            say(format_args!(
                "    chengxin witness serve --key {} --state {} --log '{}' --listen {}",
                key(data, n).display(),
                state(data, n).display(),
                self.log,
                running.address()
            ));
        }
    }
}

fn folder(data: &DataDir) -> PathBuf {
    data.path().join("witnesses")
}

fn key(data: &DataDir, n: usize) -> PathBuf {
    folder(data).join(format!("{n}.key"))
}

fn state(data: &DataDir, n: usize) -> PathBuf {
    folder(data).join(format!("{n}.state"))
}
