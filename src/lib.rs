//! Chengxin (诚信): the registry with which a labour-security authority reviews and grades employers,
//! and signs every published rating so that anyone can check it offline, years later, without trusting
//! the registry's server.
//!
//! # Map
//!
//! | module | what it is | may use |
//! |---|---|---|
//! | [`domain`] | the law as pure rules: codes, divisions, calendar, evidence, rule sets, grades, procedures | nothing of ours |
//! | [`log`] | RFC 6962 tree, tiles, proofs, checkpoints, signed notes; leaves are bytes | nothing of ours |
//! | [`record`] | what is signed: credential shapes, canonical bytes, keys, status lists | `domain` |
//! | [`verify`] | record + proof + keys + status → a verdict per axis; the offline verifier's whole API | `record`, `log` |
//! | `witness` | a witness of other people's logs: key, state file, HTTP | `record`, `log` |
//! | `rebuild` | what is current at a head of a log, from its entries and bodies | `record`, `log` |
//! | `monitor` | a monitor and mirror of somebody else's registry, over HTTP | `record`, `log`, `verify`, `rebuild` |
//! | `sheet` | tables that strangers upload, read within limits by a process of its own | `domain` |
//! | `store` | all SQL, for SQLite and PostgreSQL | `domain`, `record`, `log` |
//! | `registry` | use cases: one file per procedure, own transactions, order, clock and signer | `store`, `sheet`, `rebuild` and the pure modules |
//! | `web`, [`cli`] | the HTTP edge and the command line | `registry`; `store` for reads only; `config` |
//!
//! `cli` also runs `witness` and `monitor`, which need no registry.
//!
//! The first four are pure: no I/O, no clock, no randomness of their own. They build without the
//! default feature `server`, and so does the offline verifier; `tests/it/layers.rs` holds the table
//! above against the code.

pub mod cli;
pub mod domain;
pub mod log;
pub mod record;
pub mod verify;

#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod monitor;
#[cfg(feature = "server")]
pub mod rebuild;
#[cfg(feature = "server")]
pub mod registry;
#[cfg(feature = "server")]
pub mod sheet;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod web;
#[cfg(feature = "server")]
pub mod witness;
