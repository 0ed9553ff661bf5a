//! The offline verifier: record + proof + keys + status lists + trust folder → a verdict with one finding
//! per axis (`records.md` §5), never one boolean.
//!
//! | module | what |
//! |---|---|
//! | [`trust`] | what a verifier was handed out of band: policy, root keys |
//! | [`bundle`], [`bulk`] | the two file formats, read and written by the same types |
//! | [`verdict`], [`reason`] | axes, states, reason codes and their Chinese and English texts |
//! | [`headline`] | a verdict in one word and one sentence |
//! | [`refusal`] | why there is no verdict at all |
//! | [`check`] | bundles and bare records |
//! | [`succession`] | which log goes on after a stolen log key, and from which head |
//! | [`statement`], [`monitor`] | what was held on an employer, “nothing” included; who has rebuilt the tree |
//! | [`stream`] | bulk files: constant memory, all cores |
//!
//! Depends on `record` and `log`. It refuses to fetch anything, to resolve a DID, to read a clock or a file
//! (bytes, readers and `now` are passed in), and to trust whoever handed it the bundle: what is not proved
//! is `undecided`, never `holds`.

pub mod bulk;
pub mod bundle;
pub mod check;
pub mod headline;
pub mod monitor;
pub mod reason;
pub mod refusal;
pub mod statement;
pub mod stream;
pub mod succession;
pub mod trust;
pub mod verdict;

mod batch;
mod chain;
mod chinese;
mod chunks;
mod claim;
mod comb;
mod intake;
mod keys;
mod lists;
mod options;
mod path;
mod workers;

pub use check::{Input, Unusable, check_bundle, check_record, identify};
pub use headline::{Headline, Word};
pub use keys::key_document;
pub use options::{Allowances, Options};
pub use reason::Reason;
pub use refusal::Refusal;
pub use statement::{Says, Statement, StatementVerdict, check_statement};
pub use stream::{BulkReport, BulkVerifier, StreamError, check_bulk};
pub use succession::{Succession, SuccessionError};
pub use trust::{Trust, TrustError};
pub use verdict::{About, Axis, Detail, Finding, Lang, Outcome, SignatureCheck, State, Verdict, Warning};

#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod tests;
