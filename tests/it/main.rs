//! The one integration binary. Folders mirror what they test: `layers` the source tree, `import` the
//! command of that name, `status` what happens to records after publication, `story` a registry's year on either database; `support` starts real databases,
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
mod faults;
mod import;
mod layers;
mod status;
mod story;
mod support;
mod withdrawal;
