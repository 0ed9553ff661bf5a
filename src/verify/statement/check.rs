//! Verifying a statement: its snapshot as a logged credential, then the tree's answer under it, then
//! whether a monitor has rebuilt the tree.
//!
//! What the answer proves is that the registry signed it. That a tree denies nobody who has records is
//! the registry's claim until someone has rebuilt it: `asserted`, or `monitored`.

use super::super::bundle::{MAX_BUNDLE, parse_object};
use super::super::chain::{Bounds, Chain};
use super::super::check::{Evidence, Input, Judge, Material, Unusable, identify_value, malformed};
use super::super::keys::Ring;
use super::super::lists::{Lists, OpenList};
use super::super::monitor::{self, MonitorNote};
use super::super::options::Options;
use super::super::path::Path;
use super::super::reason::Reason;
use super::super::trust::Trust;
use super::super::verdict::{About, Axis, Detail, Finding, State};
use super::{Says, Statement, StatementVerdict};
use crate::log::hash::Hash;
use crate::log::sorted::{AnswerError, Presence};
use crate::record::credential::{Credential, read};
use crate::record::current::{self, Holding, is_name};
use crate::record::digest::Digest;
use crate::record::entry::Entry;
use crate::record::snapshot::{Snapshot, State as Described, read_snapshot};

/// Verifies a statement.
///
/// # Errors
/// [`Unusable`] when the bytes are not strict JSON of a statement's type.
pub fn check_statement(bytes: &[u8], trust: &Trust, options: &Options) -> Result<StatementVerdict, Unusable> {
    let value = parse_object(bytes, MAX_BUNDLE)?;
    if identify_value(&value) != Some(Input::Statement) {
        return Err(Unusable::Unknown);
    }
    Ok(match Statement::from_value(value) {
        Ok(statement) => judge_statement(&statement, trust, options),
        Err(error) => unread(error.to_string()),
    })
}

/// Verifies a statement that has been read already.
pub fn judge_statement(statement: &Statement, trust: &Trust, options: &Options) -> StatementVerdict {
    let snapshot = match read_snapshot(&statement.snapshot.credential) {
        Ok(snapshot) => snapshot,
        Err(error) => return unread(error.to_string()),
    };
    if !is_name(&statement.about) {
        return unread("“about” names no employer".to_owned());
    }
    let heads = &statement.checkpoints;
    let heads = [&heads.described, &heads.before, &heads.after, &heads.current];
    let chain = Chain::open(heads, trust);
    let ring = match &chain {
        Ok(chain) => Ring::open(&statement.keys, chain, trust),
        Err(_) => Err(Finding::new(State::Undecided, Reason::NotChecked)),
    };
    let place = &statement.snapshot.place;
    let evidence = Evidence {
        material: Material {
            chain: chain.as_ref(),
            ring: ring.as_ref(),
        },
        before: 1,
        after: 2,
        entry: &place.entry,
        index: place.index,
        inclusion: Path::alone(&place.inclusion),
        cited_key: None,
        lists: &[],
    };
    let mut verdict = Judge::new(trust, options).strict(&statement.snapshot.credential, Some(&evidence));
    verdict.about = Some(About {
        record_type: snapshot.credential.record_type.as_str(),
        code: Some(statement.about.clone()),
        ..About::default()
    });
    if let (Ok(chain), Ok(ring)) = (&chain, &ring) {
        if verdict.finding(Axis::Logged).state == State::Holds
            && let Some(wrong) = misplaced(statement, &snapshot.state, chain)
        {
            verdict.set(Axis::Logged, wrong);
        }
        verdict.set(Axis::Freshness, freshness(&snapshot, chain, ring, options));
        if !statement.records.is_empty() {
            verdict.set(Axis::Status, status(statement, chain, ring, trust, options));
        }
    }
    let (answer, digests) = answer(statement, &snapshot, ring.as_ref().ok());
    StatementVerdict {
        monitored: monitored(statement, trust, options),
        says: says(statement, &snapshot, digests),
        snapshot: verdict,
        answer,
    }
}

/// A verdict on what cannot be read.
fn unread(what: String) -> StatementVerdict {
    let unchecked = Finding::new(State::Undecided, Reason::NotChecked);
    StatementVerdict {
        snapshot: malformed(&what),
        answer: unchecked.clone(),
        monitored: unchecked,
        says: None,
    }
}

fn says(statement: &Statement, snapshot: &Snapshot<'_>, digests: Vec<Digest>) -> Option<Says> {
    Some(Says {
        about: statement.about.clone(),
        audience: snapshot.state.audience,
        as_of: snapshot.credential.valid_from,
        log_size: snapshot.state.log_size,
        digests,
    })
}

/// What is wrong with where the snapshot stands: for another audience than it says, before the head that
/// it describes, or describing a head that is none of this log.
fn misplaced(statement: &Statement, state: &Described, chain: &Chain) -> Option<Finding> {
    let place = &statement.snapshot.place;
    let fails = |reason| Some(Finding::new(State::Fails, reason));
    match Entry::decode(&place.entry) {
        Ok(entry) if entry.audience == state.audience => {}
        _ => return fails(Reason::EntryAudience),
    }
    match chain.head(0) {
        Some(head) if head.is(state.log_size, &Hash(state.log_root)) && state.log_size <= place.index => None,
        _ => fails(Reason::SnapshotHead),
    }
}

/// The age of what the snapshot shows: of its own date, and of the head that it describes.
fn freshness(snapshot: &Snapshot<'_>, chain: &Chain, ring: &Ring, options: &Options) -> Finding {
    let taken = snapshot.credential.valid_from;
    let Some(keys) = ring.newest() else {
        return Finding::new(State::Undecided, Reason::NotSupplied);
    };
    let updated = keys.updated;
    let newest = taken.max(updated);
    if let Bounds::Proven(_, latest) = chain.latest()
        && newest > latest
    {
        return Finding::with(State::Fails, Reason::DatedAfterCheckpoint, Detail::At(newest));
    }
    if newest > options.now {
        return Finding::with(State::Undecided, Reason::ClockBehind, Detail::At(newest));
    }
    // A new date on an old head would hide what came in between, and so would a head whose cosignatures
    // were left out: then the date is the registry's word alone.
    let described = chain.bounds(0, 0);
    let as_of = match described {
        Bounds::Proven(_, seen) => seen.min(taken),
        Bounds::NotDemanded | Bounds::Unknown => taken,
    };
    if options.now - as_of > options.max_age {
        return Finding::with(State::Undecided, Reason::SnapshotStale, Detail::At(as_of));
    }
    if described == Bounds::Unknown {
        return Finding::new(State::Undecided, Reason::TimeUnknown);
    }
    if keys.is_stale(options.now, options.max_age) {
        return Finding::with(State::Undecided, Reason::KeyDocumentStale, Detail::At(updated));
    }
    Finding::with(
        State::Holds,
        Reason::SnapshotFresh,
        Detail::At(as_of.min(updated)),
    )
}

/// The axis `status` of the records that come along: the first that is not clear decides.
fn status(statement: &Statement, chain: &Chain, ring: &Ring, trust: &Trust, options: &Options) -> Finding {
    let lists: Vec<Result<OpenList, Finding>> = statement
        .lists
        .iter()
        .map(|item| OpenList::open(item, chain, ring, trust))
        .collect();
    let lists: Vec<&Result<OpenList, Finding>> = lists.iter().collect();
    let mut clear = Finding::new(State::Undecided, Reason::NotChecked);
    for record in &statement.records {
        let read = read(record).ok().filter(|record| record.facts().is_ok());
        let Some(pointer) = read.and_then(|record| record.status) else {
            return Finding::new(State::Fails, Reason::RecordForeign);
        };
        let finding = match Lists::pick(pointer, &lists) {
            // As for a record alone: what is not final may have changed since.
            Ok(lists) if options.now - lists.oldest() > options.max_age => {
                lists.aged(lists.status(pointer.index))
            }
            Ok(lists) => lists.status(pointer.index),
            Err(finding) => finding,
        };
        if finding.state != State::Holds {
            return finding;
        }
        clear = finding;
    }
    clear
}

/// The axis `answer`, and the digests that the employer's leaf holds.
fn answer(statement: &Statement, snapshot: &Snapshot<'_>, ring: Option<&Ring>) -> (Finding, Vec<Digest>) {
    let state = &snapshot.state;
    let fails = |reason, detail| (Finding::with(State::Fails, reason, detail), Vec::new());
    let key = current::key(&statement.about);
    let root = Hash(state.tree_root);
    let presence = match statement.answer.verify(&key, state.tree_size, &root) {
        Ok(presence) => presence,
        Err(error) => return fails(reason_of(error), Detail::english(&error)),
    };
    // Neighbours must be leaves of the same kind, or the tree is none of employers.
    let mut holdings = Vec::new();
    for leaf in statement.answer.leaves() {
        match Holding::decode(&leaf.data) {
            Ok(holding) => holdings.push(holding),
            Err(error) => return fails(Reason::AnswerMalformed, Detail::english(&error)),
        }
    }
    let as_of = Detail::At(snapshot.credential.valid_from);
    match (presence, holdings.into_iter().next()) {
        (Presence::Present, Some(holding)) => {
            if let Some(wrong) = records_differ(statement, &holding, snapshot, ring) {
                return (wrong, Vec::new());
            }
            (
                Finding::with(State::Holds, Reason::RecordsPresent, as_of),
                holding.digests,
            )
        }
        _ if !statement.records.is_empty() => fails(Reason::RecordForeign, Detail::None),
        _ => (
            Finding::with(State::Holds, Reason::RecordsAbsent, as_of),
            Vec::new(),
        ),
    }
}

const fn reason_of(error: AnswerError) -> Reason {
    match error {
        AnswerError::NoKey => Reason::AnswerMalformed,
        AnswerError::OtherKey => Reason::AnswerOtherEmployer,
        AnswerError::NotEnclosed => Reason::AnswerNotEnclosed,
        AnswerError::NotAdjacent(..) => Reason::AnswerNotAdjacent,
        AnswerError::NotFirst(_) | AnswerError::NotLast(_) | AnswerError::NotEmpty(_) => {
            Reason::AnswerNotAtEdge
        }
        AnswerError::Inclusion(_) => Reason::AnswerPath,
    }
}

/// What is wrong with the records that come along, if anything: each must be one of the leaf, about the
/// employer, and signed by the issuer.
fn records_differ(
    statement: &Statement,
    holding: &Holding,
    snapshot: &Snapshot<'_>,
    ring: Option<&Ring>,
) -> Option<Finding> {
    let foreign = || Some(Finding::new(State::Fails, Reason::RecordForeign));
    for bytes in &statement.records {
        if holding.digests.binary_search(&Digest::of(bytes)).is_err() {
            return foreign();
        }
        let Ok(record) = read(bytes) else {
            return foreign();
        };
        if record.host != snapshot.credential.host || name_of(&record).as_ref() != Some(&statement.about) {
            return foreign();
        }
        let Some(ring) = ring else {
            return Some(Finding::new(State::Undecided, Reason::NoTrustedKey));
        };
        let signed = ring
            .find(record.proof.verification_method(), None)
            .is_ok_and(|key| record.proof.verify(&key.key).is_ok());
        if !signed {
            return Some(Finding::new(State::Fails, Reason::RecordSignature));
        }
    }
    None
}

fn name_of(record: &Credential<'_>) -> Option<String> {
    let facts = record.facts().ok()?;
    facts.employer().map(current::name)
}

/// The axis `monitored`.
fn monitored(statement: &Statement, trust: &Trust, options: &Options) -> Finding {
    let asserted = match options.require_monitored {
        true => State::Undecided,
        false => State::NotRequired,
    };
    let asserted = Finding::new(asserted, Reason::Asserted);
    let origins: Vec<&str> = trust.policy.logs().iter().map(|log| log.name()).collect();
    let digest = Digest::of(&statement.snapshot.credential);
    let mut best = asserted;
    for note in &statement.monitors {
        match MonitorNote::open(note, &trust.monitors) {
            Ok(Some(said)) if said.snapshot == digest && origins.contains(&said.origin.as_str()) => {
                best = Finding::with(State::Holds, Reason::Monitored, Detail::At(said.rebuilt));
            }
            Ok(Some(_)) => return Finding::new(State::Fails, Reason::MonitorOther),
            Ok(None) => {}
            Err(monitor::NoteError::Signature) => {
                return Finding::new(State::Fails, Reason::MonitorSignature);
            }
            Err(error) => {
                return Finding::with(State::Fails, Reason::MonitorMalformed, Detail::english(&error));
            }
        }
    }
    best
}
