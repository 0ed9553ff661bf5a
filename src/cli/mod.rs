//! The command line: one file per subcommand. `verify` stands without the server; the others need it.

pub mod verify;
