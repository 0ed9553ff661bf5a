//! The append-only log: an RFC 6962 Merkle tree over opaque bytes, stored and served as C2SP tiles, with
//! signed checkpoints, witness cosignatures and offline proofs.
//!
//! | module | what | specification |
//! |---|---|---|
//! | [`hash`] | leaf and node hashes | RFC 6962 §2.1 |
//! | [`tree`] | the frontier: append, root | RFC 6962 §2.1 |
//! | [`tile`], [`entries`] | tile names, entry bundles | C2SP tlog-tiles 0.1 |
//! | [`edge`], [`descent`] | which tiles change when the tree grows; every tile below the right edge checked | C2SP tlog-tiles 0.1 |
//! | [`reader`], [`prover`] | where hashes come from; proofs made from tiles | RFC 6962 §2.1.1, §2.1.2 |
//! | [`proof`] | verification of proofs | RFC 9162 §2.1.3, §2.1.4 |
//! | [`sorted`] | a tree sorted by key: presence and absence | RFC 6962 §2.1 |
//! | [`note`], [`key`] | signed notes and their keys | C2SP signed-note 1.0 |
//! | [`checkpoint`], [`cosignature`] | signed tree heads and the witnesses' timestamps | C2SP tlog-checkpoint 1.0, tlog-cosignature 1.0.1 |
//! | [`witness`] | what a witness is asked and answers | C2SP tlog-witness 1.0 |
//! | [`policy`], [`tlog_proof`] | what a verifier demands; one proof as a text file | C2SP tlog-policy, tlog-proof (drafts) |
//!
//! Depends on a hash, Ed25519 verification and base64. It refuses to know what a leaf means, to do I/O, to
//! read a clock, or to hold a private key: signing takes a closure.

pub mod checkpoint;
pub mod cosignature;
pub mod descent;
pub mod edge;
pub mod entries;
pub mod hash;
pub mod key;
pub mod memory;
pub mod note;
pub mod policy;
pub mod proof;
pub mod prover;
pub mod reader;
pub mod sorted;
pub mod tile;
pub mod tlog_proof;
pub mod tree;
pub mod witness;

mod base64;

#[cfg(test)]
mod tests;
