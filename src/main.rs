//! The `chengxin` command: parses arguments, calls `cli`, decides the exit code.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    chengxin::cli::run()
}
