//! The one integration binary. Folders mirror what they test: `layers` the source tree, `import` and `keys` the
//! commands of those names, `story` a registry's year on either database; `support` starts real databases,
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
mod keys;
mod layers;
mod story;
mod support;
