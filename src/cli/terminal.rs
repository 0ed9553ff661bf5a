//! Words to people: results on standard output, progress and errors on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A command's end: its exit code, or why it failed.
pub(super) type Outcome = Result<u8, Box<dyn std::error::Error>>;

/// Writes a line to standard output. A reader that went away is no failure of the command.
pub(super) fn say(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes a line to standard error.
pub(super) fn warn(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A progress bar with counts, rate and time left; nothing where nobody watches.
pub(super) fn bar(total: u64, what: &str) -> ProgressBar {
    let target = if io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(total), target);
    let style = "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} 剩余 {eta}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}
