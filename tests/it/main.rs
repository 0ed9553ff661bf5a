//! The one integration binary. Folders mirror what they test: `layers` the source tree, `decisions`
//! proposing and deciding, `status` what happens to records after publication, `import` the command of that name, `story` a registry's year on either database,
//! `stored` the log's rows; `support` starts real databases,
//! servers and processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it expects and fails loudly"
)]

mod commands;
mod decisions;
mod faults;
mod import;
mod layers;
mod status;
mod stored;
mod story;
mod support;
mod withdrawal;
