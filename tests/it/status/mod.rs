//! What happens to records after publication: bits of status lists, and who sees them when.

pub mod sequencer;
