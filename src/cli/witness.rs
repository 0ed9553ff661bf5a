//! `chengxin witness keygen`, `witness serve`: a witness of other people's logs. Needs no registry.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::serve::log_to_stderr;
use super::terminal::{Outcome, say};
use crate::log::key::VerifierKey;
use crate::registry::clock::{Clock as _, SystemClock};
use crate::registry::random::{Random as _, SystemRandom};
use crate::witness::{self, StateFile, Witness, WitnessKey};

/// What to do about a witness.
#[derive(Debug, Subcommand)]
pub(super) enum WitnessCommand {
    /// Make a witness's key and its empty state; never overwrites
    #[command(after_help = "Example:
  chengxin witness keygen --name bank.example/witness --key witness.key --state witness.state

The line that begins with “witness” goes to the log's operator and into verifiers' policies.")]
    Keygen(KeygenArgs),
    /// Cosign the heads of logs that only grow (C2SP tlog-witness)
    #[command(after_help = "Example:
  chengxin witness serve --key witness.key --state witness.state \\
    --log 'registry.example/log+1a2b3c4d+AX…' --listen 127.0.0.1:8090

The log's key is in the first line of the registry's trust/policy.txt. The registry reaches the witness at
http://ADDRESS/add-checkpoint; GET / says who it is and what it has cosigned. Keep the state: a witness
whose state is gone must not begin again under the same key. docs/witness.md says more.")]
    Serve(ServeArgs),
}

/// Arguments of `witness keygen`.
#[derive(Debug, Args)]
pub(super) struct KeygenArgs {
    /// Name of the witness, a schema-less URL
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where to write the private key, mode 0600
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where to write the empty state
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
}

/// Arguments of `witness serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Private key, made by `witness keygen`
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// A log's verifier key; several may be given, and two of one name during a change of keys
    #[arg(long = "log", value_name = "VKEY", required = true, value_parser = VerifierKey::parse)]
    logs: Vec<VerifierKey>,
    /// What was cosigned, made by `witness keygen`
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// Address to listen on; port 0 takes a free one, and the address is printed
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: String,
}

/// Runs the command.
pub(super) fn run(command: &WitnessCommand) -> Outcome {
    match command {
        WitnessCommand::Keygen(args) => keygen(args),
        WitnessCommand::Serve(args) => serve(args),
    }
}

fn keygen(args: &KeygenArgs) -> Outcome {
    let mut seed = [0_u8; 32];
    SystemRandom::new()?.fill(&mut seed)?;
    // The state first: a key without one could not be used, a state without a key harms nobody.
    StateFile::create(&args.state)?;
    let key = WitnessKey::create(&args.key, &args.name, &mut seed)?;
    say(format_args!("密钥 / key    {}", args.key.display()));
    say(format_args!("状态 / state  {}", args.state.display()));
    say(format_args!("witness {} {}", args.name, key.verifier()));
    Ok(0)
}

fn serve(args: &ServeArgs) -> Outcome {
    log_to_stderr();
    let key = WitnessKey::read(&args.key)?;
    let state = StateFile::open(&args.state)?;
    let witness = Arc::new(Witness::new(
        key,
        args.logs.clone(),
        state,
        Box::new(system_time),
    )?);
    say(format_args!("见证人 / witness {}", witness.verifier()));
    witness::run(witness, &args.listen, |addresses| {
        for address in addresses {
            say(format_args!("正在见证 / witnessing on http://{address}"));
        }
    })?;
    Ok(0)
}

/// The machine's time in POSIX seconds.
fn system_time() -> u64 {
    u64::try_from(SystemClock.now().timestamp()).unwrap_or(0)
}
