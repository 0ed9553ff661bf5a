//! Words to people: results on standard output, progress and errors on standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use crate::registry::OpenError;
use crate::registry::import::ImportError;
use crate::registry::partner::PartnerError;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A command's end: its exit code, or why it failed.
pub(super) type Outcome = Result<u8, Box<dyn std::error::Error>>;

/// The command line is wrong in a way that only running it shows, such as a file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// Exit code of what clap refuses, and of everything else that is wrong with the arguments themselves.
const USAGE: u8 = 2;

/// The exit code of a failed command: 2 where the arguments are at fault (they name a file or a registry
/// that is not there, or say what cannot be), 1 where the work failed.
pub(super) fn exit_code(error: &(dyn std::error::Error + 'static)) -> u8 {
    let named_nothing = matches!(error.downcast_ref(), Some(OpenError::NotARegistry(_)))
        || matches!(error.downcast_ref(), Some(ImportError::Io { .. }))
        || matches!(error.downcast_ref(), Some(PartnerError::Name));
    if named_nothing || error.is::<Usage>() {
        USAGE
    } else {
        1
    }
}

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
    let style = "{msg} {wide_bar} {human_pos}/{human_len} {rate} 剩余 {eta}";
    if let Ok(style) = ProgressStyle::with_template(style) {
        let key = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = out.write_str(&rate(state.per_sec()));
        };
        bar.set_style(style.with_key("rate", key));
    }
    bar.set_message(what.to_owned());
    bar
}

/// How fast it goes, as a person says it: things a second in whole numbers, or below one a second the
/// seconds that each takes.
fn rate(per_second: f64) -> String {
    if per_second >= 0.95 {
        format!("{per_second:.0}/s")
    } else if per_second > 0.001 {
        format!("{:.1} s/项", per_second.recip())
    } else {
        "…".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_whole_number_or_seconds_each() {
        for (per_second, said) in [
            (12_345.678, "12346/s"),
            (1.0, "1/s"),
            (0.96, "1/s"),
            (0.4885, "2.0 s/项"),
            (0.01, "100.0 s/项"),
            (0.0, "…"),
            (f64::NAN, "…"),
        ] {
            assert_eq!(rate(per_second), said);
        }
    }
}
