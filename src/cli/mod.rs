//! The command line: one file per subcommand. `verify` stands without the server; the others need it.
//!
//! It refuses to decide anything: arguments in, a use case called, words and an exit code out.

pub mod verify;

#[cfg(feature = "server")]
mod account;
#[cfg(feature = "server")]
mod app;
#[cfg(feature = "server")]
mod backup;
#[cfg(feature = "server")]
mod bench;
#[cfg(feature = "server")]
pub mod demo;
#[cfg(feature = "server")]
mod dump;
#[cfg(feature = "server")]
mod errors;
#[cfg(feature = "server")]
mod export;
#[cfg(feature = "server")]
mod grade;
#[cfg(feature = "server")]
mod help;
#[cfg(feature = "server")]
mod import;
#[cfg(feature = "server")]
mod init;
#[cfg(feature = "server")]
mod keys;
#[cfg(feature = "server")]
mod log;
#[cfg(feature = "server")]
mod monitor;
#[cfg(feature = "server")]
mod open;
#[cfg(feature = "server")]
mod partner;
#[cfg(feature = "server")]
mod passphrase;
#[cfg(feature = "server")]
mod publish;
#[cfg(feature = "server")]
mod quarantine;
#[cfg(feature = "server")]
mod roster;
#[cfg(feature = "server")]
mod serve;
#[cfg(feature = "server")]
mod snapshot;
#[cfg(feature = "server")]
mod terminal;
#[cfg(feature = "server")]
mod withdraw;
#[cfg(feature = "server")]
mod witness;
#[cfg(feature = "server")]
mod year;

#[cfg(feature = "server")]
pub use app::{Cli, run};
