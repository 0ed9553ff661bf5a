//! Verification of bulk files: what records share is opened once, lines are judged on all cores, memory
//! stays constant. Reads from a source that is passed in.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};

use ed25519_dalek::VerifyingKey;
use rayon::prelude::*;

use super::batch::{Claim, all_hold};
use super::bulk::{Header, LineView, MAX_HEADER, MAX_LINE};
use super::bundle::FileError;
use super::chain::Chain;
use super::check::{Evidence, Judge, Material, malformed, signature_finding, strictly};
use super::chunks::{Chunks, first_line, split};
use super::keys::Ring;
use super::lists::OpenList;
use super::options::Options;
use super::reason::Reason;
use super::trust::Trust;
use super::verdict::{Axis, Finding, Outcome, SignatureCheck, State, Verdict};
use crate::record::canonical::Members;
use crate::record::digest::Digest;
use crate::record::proof::Secured;

/// Lines that one core judges at a time: few, so that all cores end together.
const STRICT_LINES: usize = 64;
/// Lines whose signatures are checked at once: many, because that is cheaper for each.
const BATCH_LINES: usize = 512;

/// What one core found in its lines.
#[derive(Debug, Default)]
struct Piece {
    counts: BulkReport,
    /// Verdicts that are not accepted, with the place of their line in the chunk.
    odd: Vec<(usize, Verdict)>,
}

/// A bulk file's header, opened: judges lines.
#[derive(Debug)]
pub struct BulkVerifier<'t> {
    judge: Judge<'t>,
    chain: Result<Chain, Finding>,
    ring: Result<Ring, Finding>,
    lists: HashMap<Digest, Result<OpenList, Finding>>,
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
        let chain = Chain::open(&header.checkpoints, &trust.policy);
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
            chain,
            ring,
            lists,
            check,
        })
    }

    /// Judges one line, without its newline, strictly.
    pub fn check_line(&self, line: &[u8]) -> Verdict {
        self.with_evidence(line, |record, evidence| {
            self.judge.judge(record, Some(evidence), strictly)
        })
    }

    /// Judges lines, in their order, as this verifier was told to check signatures.
    pub fn check_lines(&self, lines: &[&[u8]]) -> Vec<Verdict> {
        match self.check {
            SignatureCheck::Strict => lines.iter().map(|line| self.check_line(line)).collect(),
            SignatureCheck::Batch => self.check_batch(lines),
        }
    }

    /// Collects the signatures of all lines, checks those of one key at once, and one by one, strictly,
    /// where that does not hold.
    fn check_batch(&self, lines: &[&[u8]]) -> Vec<Verdict> {
        let mut by_key: HashMap<[u8; 32], Vec<(usize, Claim)>> = HashMap::new();
        let mut verdicts = Vec::with_capacity(lines.len());
        for (place, line) in lines.iter().enumerate() {
            let later = |key: &VerifyingKey, proof: &Secured<'_>| {
                let claim = Claim {
                    key: *key,
                    message: proof.message(),
                    signature: *proof.signature(),
                };
                by_key.entry(key.to_bytes()).or_default().push((place, claim));
                signature_finding(true)
            };
            let mut verdict = self.with_evidence(line, |record, evidence| {
                self.judge.judge(record, Some(evidence), later)
            });
            verdict.signature_check = SignatureCheck::Batch;
            verdict.warnings.push(Reason::BatchChecked);
            verdicts.push(verdict);
        }
        for claims in by_key.values() {
            let all: Vec<&Claim> = claims.iter().map(|(_, claim)| claim).collect();
            if claims
                .first()
                .is_some_and(|(_, first)| all_hold(&first.key, &all))
            {
                continue;
            }
            for (place, claim) in claims {
                if let Some(verdict) = verdicts.get_mut(*place) {
                    verdict.set(Axis::Signature, signature_finding(claim.holds()));
                }
            }
        }
        verdicts
    }

    /// [`BulkVerifier::check_line`] without the signature, to measure what else it costs.
    #[cfg(test)]
    pub(super) fn check_line_unsigned(&self, line: &[u8]) -> Verdict {
        let later = |_: &VerifyingKey, _: &Secured<'_>| signature_finding(true);
        self.with_evidence(line, |record, evidence| {
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
        let mut chunks = Chunks::new(source);
        let (mut chunk, mut spent) = (chunks.next(Vec::new())?, Vec::new());
        while !chunk.is_empty() {
            let (next, judged) = rayon::join(|| chunks.next(spent), || self.judge_chunk(&chunk));
            let (lines, judged) = judged?;
            for piece in judged {
                report.add(&piece.counts);
                piece
                    .odd
                    .into_iter()
                    .for_each(|(place, verdict)| each(number + place as u64, verdict));
            }
            number += lines as u64;
            spent = std::mem::replace(&mut chunk, next?);
        }
        Ok(report)
    }

    /// Judges the lines of a chunk; also tells how many they are.
    fn judge_chunk(&self, chunk: &[u8]) -> Result<(usize, Vec<Piece>), StreamError> {
        let lines = split(chunk)?;
        let at_once = match self.check {
            SignatureCheck::Strict => STRICT_LINES,
            SignatureCheck::Batch => BATCH_LINES,
        };
        let pieces = lines.par_chunks(at_once).enumerate().map(|(number, lines)| {
            let mut piece = Piece::default();
            for (place, verdict) in self.check_lines(lines).into_iter().enumerate() {
                let outcome = verdict.outcome();
                piece.counts.count(outcome);
                if outcome != Outcome::Accepted {
                    piece.odd.push((number * at_once + place, verdict));
                }
            }
            piece
        });
        Ok((lines.len(), pieces.collect()))
    }

    fn with_evidence(
        &self,
        line: &[u8],
        judge: impl FnOnce(Members<'_>, &Evidence<'_>) -> Verdict,
    ) -> Verdict {
        let line = match LineView::parse(line) {
            Ok(line) => line,
            Err(error) => return malformed(error),
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
            inclusion: &line.inclusion,
            cited_key: Some(&line.key),
            lists: &lists,
        };
        judge(line.record, &evidence)
    }
}
