//! Verification of bulk files: what records share is opened once, lines are judged on all cores, memory
//! stays constant. Reads from a source that is passed in.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use ed25519_dalek::VerifyingKey;
use rayon::prelude::*;

use super::batch::all_hold;
use super::bulk::{Header, LastPath, LineView, MAX_HEADER, MAX_LINE};
use super::bundle::FileError;
use super::chain::Chain;
use super::check::{Evidence, Judge, Material, malformed, signature_finding, strictly};
use super::chunks::{first_line, split};
use super::claim::Claim;
use super::comb::KeyTables;
use super::keys::Ring;
use super::lists::OpenList;
use super::options::Options;
use super::path::{Path, Trail};
use super::reason::Reason;
use super::trust::Trust;
use super::verdict::{Axis, Finding, Outcome, SignatureCheck, State, Verdict};
use super::workers::judge_all;
use crate::record::canonical::Members;
use crate::record::digest::Digest;
use crate::record::proof::Secured;

/// What was found in a chunk of lines.
#[derive(Debug, Default)]
struct Piece {
    lines: u64,
    counts: BulkReport,
    /// Verdicts that are not accepted, with the place of their line in the chunk.
    odd: Vec<(u64, Verdict)>,
}

/// The signatures of one key, with the places of their lines.
struct Signed {
    key: VerifyingKey,
    places: Vec<usize>,
    claims: Vec<Claim>,
}

/// What a line may have in common with the one before it.
#[derive(Default)]
struct Neighbour<'a> {
    path: LastPath<'a>,
    trail: RefCell<Trail>,
}

/// A bulk file's header, opened: judges lines.
#[derive(Debug)]
pub struct BulkVerifier<'t> {
    judge: Judge<'t>,
    chain: Result<Chain, Finding>,
    ring: Result<Ring, Finding>,
    lists: HashMap<Digest, Result<OpenList, Finding>>,
    tables: KeyTables,
    check: SignatureCheck,
}

/// Counts over a bulk file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkReport {
    /// Records whose every required axis holds.
    pub accepted: u64,
    /// Records with an axis that fails.
    pub rejected: u64,
    /// Records with an undecided axis and none that fails.
    pub undecided: u64,
}

/// Why a bulk file could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The source failed.
    #[error("the file could not be read: {0}")]
    Read(#[from] io::Error),
    /// The first line is not a bulk file's header.
    #[error(transparent)]
    Header(#[from] FileError),
    /// A line without end.
    #[error("a line is longer than {MAX_LINE} bytes")]
    LineTooLong,
}

/// Verifies a whole bulk file from a source that begins with its header; see [`BulkVerifier::run`].
///
/// # Errors
/// [`StreamError`].
pub fn check_bulk<R: BufRead + Send>(
    mut source: R,
    trust: &Trust,
    options: &Options,
    check: SignatureCheck,
    each: impl FnMut(u64, Verdict),
) -> Result<BulkReport, StreamError> {
    let header = first_line(&mut source, MAX_HEADER)?;
    BulkVerifier::open(&header, trust, options, check)?.run(source, each)
}

impl BulkReport {
    /// Records seen.
    pub fn records(&self) -> u64 {
        self.accepted + self.rejected + self.undecided
    }

    /// The outcome of all together; none for a file without records.
    pub fn outcome(&self) -> Option<Outcome> {
        match (self.rejected, self.undecided, self.accepted) {
            (1.., _, _) => Some(Outcome::Rejected),
            (0, 1.., _) => Some(Outcome::Undecided),
            (0, 0, 1..) => Some(Outcome::Accepted),
            (0, 0, 0) => None,
        }
    }

    fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.undecided += other.undecided;
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Undecided => self.undecided += 1,
        }
    }
}

impl<'t> BulkVerifier<'t> {
    /// Opens a header line: verifies heads, key documents and status lists once for all records.
    ///
    /// # Errors
    /// [`FileError`] when the header is malformed. What does not verify is no error here; it shows in the
    /// verdict on every record.
    pub fn open(
        header: &[u8],
        trust: &'t Trust,
        options: &Options,
        check: SignatureCheck,
    ) -> Result<Self, FileError> {
        let header = Header::parse(header)?;
        let unchecked = || Finding::new(State::Undecided, Reason::NotChecked);
        let chain = Chain::open(&header.checkpoints, trust);
        let ring = match &chain {
            Ok(chain) => Ring::open(header.keys.values(), chain, trust),
            Err(_) => Err(unchecked()),
        };
        let open = |item| match (&chain, &ring) {
            (Ok(chain), Ok(ring)) => OpenList::open(item, chain, ring, trust),
            _ => Err(unchecked()),
        };
        let lists = header
            .lists
            .par_iter()
            .map(|(digest, item)| (*digest, open(item)))
            .collect();
        Ok(Self {
            judge: Judge::new(trust, options),
            tables: KeyTables::new(ring.iter().flat_map(Ring::keys)),
            chain,
            ring,
            lists,
            check,
        })
    }

    /// Judges one line, without its newline, strictly.
    pub fn check_line(&self, line: &[u8]) -> Verdict {
        self.with_evidence(line, &mut Neighbour::default(), |record, evidence| {
            self.judge.judge(record, Some(evidence), strictly)
        })
    }

    /// Judges lines, in their order, as this verifier was told to check signatures. Those of one key are
    /// checked together; nothing is said of a signature before.
    pub fn check_lines(&self, lines: &[&[u8]]) -> Vec<Verdict> {
        let mut signed: Vec<Signed> = Vec::new();
        let mut verdicts = Vec::with_capacity(lines.len());
        let mut neighbour = Neighbour::default();
        for (place, line) in lines.iter().enumerate() {
            let later = |key: &VerifyingKey, proof: &Secured<'_>| {
                Signed::add(&mut signed, key, place, proof);
                Finding::new(State::Undecided, Reason::NotChecked)
            };
            let mut verdict = self.with_evidence(line, &mut neighbour, |record, evidence| {
                self.judge.judge(record, Some(evidence), later)
            });
            if self.check == SignatureCheck::Batch {
                verdict.signature_check = SignatureCheck::Batch;
                verdict.warnings.push(Reason::BatchChecked);
            }
            verdicts.push(verdict);
        }
        for Signed { key, places, claims } in signed {
            for (place, holds) in places.into_iter().zip(self.hold(&key, &claims)) {
                if let Some(verdict) = verdicts.get_mut(place) {
                    verdict.set(Axis::Signature, signature_finding(holds));
                }
            }
        }
        verdicts
    }

    /// Whether each of a key's signatures holds: all at once if so told and if that holds, otherwise each
    /// for itself, strictly.
    fn hold(&self, key: &VerifyingKey, claims: &[Claim]) -> Vec<bool> {
        match self.check {
            SignatureCheck::Batch if all_hold(key, claims) => vec![true; claims.len()],
            _ => self.tables.check(key, claims),
        }
    }

    /// [`BulkVerifier::check_line`] without the signature, to measure what else it costs.
    #[cfg(test)]
    pub(super) fn check_line_unsigned(&self, line: &[u8]) -> Verdict {
        let later = |_: &VerifyingKey, _: &Secured<'_>| signature_finding(true);
        self.with_evidence(line, &mut Neighbour::default(), |record, evidence| {
            self.judge.judge(record, Some(evidence), later)
        })
    }

    /// Judges every line of a source (the file after its header) on all cores; hands each verdict that is
    /// not [`Outcome::Accepted`] to `each`, with the number of its line in the file, in order.
    ///
    /// # Errors
    /// [`StreamError`].
    pub fn run<R: Read + Send>(
        &self,
        source: R,
        mut each: impl FnMut(u64, Verdict),
    ) -> Result<BulkReport, StreamError> {
        let mut report = BulkReport::default();
        // The header is line 1.
        let mut number = 2;
        judge_all(
            source,
            |chunk| self.judge_chunk(chunk),
            |piece| {
                report.add(&piece.counts);
                for (place, verdict) in piece.odd {
                    each(number + place, verdict);
                }
                number += piece.lines;
            },
        )?;
        Ok(report)
    }

    /// Judges the lines of a chunk.
    fn judge_chunk(&self, chunk: &[u8]) -> Result<Piece, StreamError> {
        let lines = split(chunk)?;
        let mut piece = Piece::default();
        for verdict in self.check_lines(&lines) {
            let outcome = verdict.outcome();
            piece.counts.count(outcome);
            if outcome != Outcome::Accepted {
                piece.odd.push((piece.lines, verdict));
            }
            piece.lines += 1;
        }
        Ok(piece)
    }

    fn with_evidence<'a>(
        &self,
        line: &'a [u8],
        neighbour: &mut Neighbour<'a>,
        judge: impl FnOnce(Members<'_>, &Evidence<'_>) -> Verdict,
    ) -> Verdict {
        let line = match LineView::parse(line, &mut neighbour.path) {
            Ok(line) => line,
            Err(error) => return malformed(&error),
        };
        let lists: Vec<&Result<OpenList, Finding>> = line
            .lists
            .iter()
            .filter_map(|digest| self.lists.get(digest))
            .collect();
        let evidence = Evidence {
            material: Material {
                chain: self.chain.as_ref(),
                ring: self.ring.as_ref(),
            },
            before: line.before,
            after: line.after,
            entry: &line.entry,
            index: line.index,
            inclusion: Path::among(&line.inclusion, &neighbour.trail),
            cited_key: Some(&line.key),
            lists: &lists,
        };
        judge(line.record, &evidence)
    }
}

impl Signed {
    fn new(key: &VerifyingKey) -> Self {
        Self {
            key: *key,
            places: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// Adds a signature to those of its key among those of all keys, which are few.
    fn add(all: &mut Vec<Self>, key: &VerifyingKey, place: usize, proof: &Secured<'_>) {
        let known = all.iter_mut().find(|signed| signed.key == *key);
        let mut new = None;
        let signed = known.unwrap_or_else(|| new.insert(Self::new(key)));
        signed.places.push(place);
        signed.claims.push(Claim {
            message: proof.message(),
            signature: *proof.signature(),
        });
        all.extend(new);
    }
}
