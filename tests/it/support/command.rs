//! The real `chengxin` binary, run to its end.

use std::ffi::OsStr;
use std::process::Command;

/// What a run of the binary came to.
pub struct Ran {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The output of a run that must have succeeded.
    #[track_caller]
    pub fn ok(self) -> String {
        self.code(0).stdout
    }

    /// Insists on an exit code.
    #[track_caller]
    pub fn code(self, wanted: i32) -> Self {
        assert_eq!(
            self.code,
            Some(wanted),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// The binary with nothing but our settings in its environment.
pub fn chengxin() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chengxin"));
    command.env_remove("RUST_LOG").env("NO_COLOR", "1");
    command
}

/// Runs `chengxin ARGS…` to its end.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    collect(chengxin().args(args))
}

/// Runs `chengxin-verify ARGS…` to its end.
pub fn verify<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    collect(Command::new(env!("CARGO_BIN_EXE_chengxin-verify")).args(args))
}

/// Runs a prepared command to its end.
pub fn collect(command: &mut Command) -> Ran {
    let output = command.output().expect("the binary starts");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
