//! `chengxin account password LOGIN`.

use clap::Subcommand;

use super::open::Where;
use super::terminal::{Outcome, say};
use crate::registry::account;

/// What to do about accounts.
#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Give an account a new random password, print it once, and end its sessions
    Password {
        /// What is typed to sign in
        login: String,
        #[command(flatten)]
        registry: Where,
    },
}

/// Runs the command.
pub(super) fn run(command: &AccountCommand) -> Outcome {
    match command {
        AccountCommand::Password { login, registry } => {
            let changed = account::reset_password(&registry.open()?, login)?;
            say(format_args!(
                "{} {} 新口令 / new password {}（只显示这一次 / shown once）",
                changed.name, changed.login, changed.password
            ));
            Ok(0)
        }
    }
}
