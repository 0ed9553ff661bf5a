//! Verdicts on bundles and on bare records.
//!
//! Two kinds of bad input are told apart: what is not one of our files at all has no verdict
//! ([`Unusable`]); what says it is one and is malformed has a verdict whose syntax fails.

mod about;
mod record;

use serde_json::Value;

use super::bulk::BULK_TYPE;
use super::bundle::{BUNDLE_TYPE, Bundle, FileError, MAX_BUNDLE, parse_object};
use super::chain::Chain;
use super::chinese::Chinese;
use super::keys::Ring;
use super::lists::OpenList;
use super::options::Options;
use super::path::Path;
use super::reason::Reason;
use super::statement::STATEMENT_TYPE;
use super::trust::Trust;
use super::verdict::{Axis, Detail, Finding, State, Verdict};
use crate::record::canonical;

pub(super) use record::{Evidence, Judge, Material, signature_finding, strictly};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// One record with its proofs.
    Bundle,
    /// The header of a bulk file.
    Bulk,
    /// A bare record.
    Record,
    /// What was held on one employer.
    Statement,
}

/// Why there is no verdict on an input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not strict JSON of one object.
    #[error(transparent)]
    File(#[from] FileError),
    /// JSON, but neither bundle nor bulk file nor credential nor statement.
    #[error("neither a bundle nor a bulk file nor a record nor a statement")]
    Unknown,
}

/// What the JSON of one object is, by its `type`.
///
/// # Errors
/// [`Unusable`].
pub fn identify(bytes: &[u8], most: usize) -> Result<Input, Unusable> {
    identify_value(&parse_object(bytes, most)?).ok_or(Unusable::Unknown)
}

pub(super) fn identify_value(value: &Value) -> Option<Input> {
    match value.get("type")? {
        Value::String(name) if name == BUNDLE_TYPE => Some(Input::Bundle),
        Value::String(name) if name == BULK_TYPE => Some(Input::Bulk),
        Value::String(name) if name == STATEMENT_TYPE => Some(Input::Statement),
        Value::Array(types) if types.iter().any(|name| name == "VerifiableCredential") => Some(Input::Record),
        _ => None,
    }
}

/// Verifies a bundle.
///
/// # Errors
/// [`Unusable`] when the bytes are not strict JSON of a bundle's type.
pub fn check_bundle(bytes: &[u8], trust: &Trust, options: &Options) -> Result<Verdict, Unusable> {
    let value = parse_object(bytes, MAX_BUNDLE)?;
    if identify_value(&value) != Some(Input::Bundle) {
        return Err(Unusable::Unknown);
    }
    Ok(match Bundle::from_value(value) {
        Ok(bundle) => judge_bundle(&bundle, trust, options),
        Err(error) => malformed_so(&error),
    })
}

/// Verifies a bundle that has been read already.
pub fn judge_bundle(bundle: &Bundle, trust: &Trust, options: &Options) -> Verdict {
    let heads = &bundle.checkpoints;
    let chain = Chain::open([&heads.before, &heads.after, &heads.current], trust);
    let unchecked = || Finding::new(State::Undecided, Reason::NotChecked);
    let ring = match &chain {
        Ok(chain) => Ring::open(&bundle.keys, chain, trust),
        Err(_) => Err(unchecked()),
    };
    let lists: Vec<Result<OpenList, Finding>> = bundle
        .lists
        .iter()
        .map(|item| match (&chain, &ring) {
            (Ok(chain), Ok(ring)) => OpenList::open(item, chain, ring, trust),
            _ => Err(unchecked()),
        })
        .collect();
    let lists: Vec<&Result<OpenList, Finding>> = lists.iter().collect();
    let evidence = Evidence {
        material: Material {
            chain: chain.as_ref(),
            ring: ring.as_ref(),
        },
        before: 0,
        after: 1,
        entry: &bundle.place.entry,
        index: bundle.place.index,
        inclusion: Path::alone(&bundle.place.inclusion),
        cited_key: None,
        lists: &lists,
    };
    let mut verdict = Judge::new(trust, options).strict(&bundle.record, Some(&evidence));
    verdict.about = about::about(&bundle.record);
    verdict
}

/// Verifies a bare record. Without a bundle nothing is proved but its form; signature, log and status stay
/// undecided.
///
/// # Errors
/// [`Unusable`] when the bytes are not strict JSON of a credential.
pub fn check_record(bytes: &[u8], trust: &Trust, options: &Options) -> Result<Verdict, Unusable> {
    let value = parse_object(bytes, MAX_BUNDLE)?;
    if identify_value(&value) != Some(Input::Record) {
        return Err(Unusable::Unknown);
    }
    Ok(match canonical::to_vec(&value) {
        Ok(record) => {
            let mut verdict = Judge::new(trust, options).strict(&record, None);
            verdict.about = about::about(&record);
            verdict
        }
        Err(error) => malformed(&error),
    })
}

/// A verdict on what cannot be read, for a reason that is known in both languages.
pub(super) fn malformed_so(what: &impl Chinese) -> Verdict {
    unread(Reason::Malformed, Detail::error(what))
}

/// A verdict on what cannot be read, for a reason that speaks English only.
pub(super) fn malformed(what: &dyn std::fmt::Display) -> Verdict {
    unread(Reason::Malformed, Detail::english(what))
}

/// A verdict on what cannot be read for some reason.
fn unread(reason: Reason, detail: Detail) -> Verdict {
    let mut verdict = Verdict::unchecked();
    verdict.set(Axis::Syntax, Finding::with(State::Fails, reason, detail));
    verdict
}
