//! What happens to records after publication: bits of status lists, and who sees them when.

mod at_once;
pub mod audiences;
mod decided;
mod history;
#[cfg(feature = "failpoints")]
mod killed;
mod numbers;
mod returned;
pub mod sequencer;
pub mod story;
mod stranger;
pub mod told;
mod waiting;
