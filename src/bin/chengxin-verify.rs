//! The offline verifier: `chengxin verify` as a binary of its own, without the server and its dependencies.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use chengxin::cli::verify::{VerifyArgs, run};
use clap::Parser;

/// 离线核验劳动保障诚信记录 (verifies labour-security records offline)
///
/// Exit codes: 0 every required check holds, 1 one fails, 2 wrong usage or unusable input,
/// 3 one is undecided.
#[derive(Parser)]
#[command(name = "chengxin-verify", version)]
struct Cli {
    #[command(flatten)]
    args: VerifyArgs,
}

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let code = run(&Cli::parse().args, &mut out).and_then(|code| out.flush().map(|()| code));
    // A reader that went away (a closed pipe) must not look like a good verdict.
    ExitCode::from(code.unwrap_or(chengxin::cli::verify::UNUSABLE))
}
