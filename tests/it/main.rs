//! The one integration binary. Folders mirror what they test: `layers` the source tree, `decisions`
//! proposing and deciding, `status` what happens to records after publication, `import` and `keys` the
//! commands of those names, `story` a registry's year on either database, `feed` how partners mirror it,
//! `snapshot` what it holds on whom, `monitor` what an outsider sees who watches it, `stored` the log's rows,
//! `roster` what an uploaded table may hold,
//! `fsck` every damage that it must see, `backup` and `catch_up` what comes after a lost disk; `support`
//! starts real databases, servers and processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test says what it expects and fails loudly"
)]

mod backup;
mod catch_up;
mod commands;
mod decisions;
mod faults;
mod feed;
mod fsck;
mod import;
mod keys;
mod layers;
mod monitor;
mod roster;
mod said;
mod snapshot;
mod status;
mod stored;
mod story;
mod support;
mod withdrawal;
mod witness;
