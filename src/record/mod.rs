//! What is signed: credential shapes, canonical bytes, proofs, keys, status lists and log entries.
//!
//! One published fact is one W3C Verifiable Credential whose stored bytes are its RFC 8785 (JCS)
//! form. The modules, in reading order:
//!
//! | module | what it is |
//! |---|---|
//! | [`digest`] | SHA-256 with its two spellings |
//! | [`json`] | strict intake of JSON from outside |
//! | [`canonical`] | RFC 8785: a crate for any value, a fast writer for known shapes, a scanner that proves bytes canonical |
//! | [`time`] | `xsd:dateTimeStamp` and `xsd:date`, whole seconds, UTC |
//! | [`multikey`], [`signer`] | public keys as Multikey, private keys behind a trait |
//! | [`proof`] | Data Integrity `eddsa-jcs-2022`: our own canonical bytes fast, anybody's generically |
//! | [`credential`] | the record types, `issue` and `read` |
//! | [`status`] | Bitstring Status List 1.0 |
//! | [`snapshot`], [`current`] | what is current at a head of the log, signed; the leaves of its tree |
//! | [`entry`] | the log's entries about records |
//! | [`changes`] | the bodies in a page of a registry's changes |
//! | [`did`], [`context`] | the key document's text and the JSON-LD context |
//!
//! Depends on nothing of ours. No I/O, no clock, no randomness: times, random bytes and signers are
//! passed in. Nothing is ever fetched, neither a context nor a DID. Every signature check is strict
//! (`verify_strict`).

pub mod canonical;
pub mod changes;
pub mod context;
pub mod credential;
pub mod current;
pub mod did;
pub mod digest;
pub mod entry;
pub mod json;
pub mod multikey;
pub mod proof;
pub mod signer;
pub mod snapshot;
pub mod status;
pub mod time;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod vectors;
