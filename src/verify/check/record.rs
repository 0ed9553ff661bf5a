//! The verdict on one record, from its canonical bytes and the evidence around it. Bundles and bulk files
//! come together here.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use ed25519_dalek::VerifyingKey;

use super::super::chain::{Bounds, Chain};
use super::super::keys::{KeyView, Ring};
use super::super::lists::{Lists, OpenList, freshness};
use super::super::options::Options;
use super::super::path::Path;
use super::super::reason::Reason;
use super::super::trust::Trust;
use super::super::verdict::{Axis, Detail, Finding, State, Verdict};
use super::{malformed, malformed_so, unread};
use crate::record::canonical::{Members, scan};
use crate::record::credential::{Credential, ReadError, RecordType, Subject, read_members};
use crate::record::digest::Digest;
use crate::record::proof::{ProofError, Secured};
use crate::record::snapshot::snapshot_of;
use crate::record::status::list_of;

/// What many records share: the log's heads and the key documents, or why they cannot be believed.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Material<'a> {
    pub(in super::super) chain: Result<&'a Chain, &'a Finding>,
    pub(in super::super) ring: Result<&'a Ring, &'a Finding>,
}

/// What proves one record.
#[derive(Debug)]
pub(in super::super) struct Evidence<'a> {
    pub(in super::super) material: Material<'a>,
    pub(in super::super) before: usize,
    pub(in super::super) after: usize,
    pub(in super::super) entry: &'a [u8],
    pub(in super::super) index: u64,
    pub(in super::super) inclusion: Path<'a>,
    pub(in super::super) cited_key: Option<&'a Digest>,
    pub(in super::super) lists: &'a [&'a Result<OpenList, Finding>],
}

/// Trust and settings, looked at once.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Judge<'t> {
    pub(in super::super) trust: &'t Trust,
    pub(in super::super) options: Options,
    context_known: bool,
}

impl<'t> Judge<'t> {
    pub(in super::super) fn new(trust: &'t Trust, options: &Options) -> Self {
        Self {
            trust,
            options: *options,
            context_known: trust.context_known(),
        }
    }

    /// Judges with the issuer's signature checked on the spot, strictly.
    pub(in super::super) fn strict(&self, record: &[u8], evidence: Option<&Evidence<'_>>) -> Verdict {
        match scan(record) {
            Ok(members) => self.judge(members, evidence, strictly),
            Err(error) => malformed(&error),
        }
    }

    /// Judges with the issuer's signature left to `check`.
    pub(in super::super) fn judge(
        &self,
        record: Members<'_>,
        evidence: Option<&Evidence<'_>>,
        check: impl FnOnce(&VerifyingKey, &Secured<'_>) -> Finding,
    ) -> Verdict {
        let text = record.text();
        let credential = match read_members(record) {
            Ok(credential) => credential,
            Err(ReadError::Proof(error @ ProofError::Value("type" | "cryptosuite"))) => {
                return unread(Reason::SuiteUnknown, Detail::english(&error));
            }
            Err(error) => return malformed_so(&error),
        };
        let facts = match facts(&credential) {
            Ok(facts) => facts,
            Err(error) => return malformed(&error),
        };
        let mut verdict = Verdict::unchecked();
        verdict.id = Some(credential.id.to_owned());
        verdict.set(Axis::Syntax, self.syntax(&credential));
        verdict.set(Axis::Validity, self.validity(&credential, evidence));
        match credential.record_type {
            RecordType::BitstringStatusListCredential => verdict.warnings.push(Reason::StatusListItself),
            RecordType::RecordWithdrawal => verdict.warnings.push(Reason::WithdrawalItself),
            _ => {}
        }
        let Some(evidence) = evidence else {
            for axis in Axis::ALL
                .into_iter()
                .filter(|axis| !matches!(axis, Axis::Syntax | Axis::Validity))
            {
                verdict.set(axis, Finding::new(State::Undecided, Reason::NotSupplied));
            }
            return verdict;
        };
        let bounds = match evidence.material.chain {
            Ok(chain) => chain.bounds(evidence.before, evidence.after),
            Err(_) => Bounds::Unknown,
        };
        self.log_axes(&mut verdict, &credential, text, evidence, bounds);
        self.key_axes(&mut verdict, &credential, evidence, bounds, check);
        self.status_axes(&mut verdict, &credential, evidence);
        verdict.set(
            Axis::Backdating,
            self.backdating(
                &credential,
                facts.and_then(|facts| decided_on(&facts)),
                evidence,
                bounds,
            ),
        );
        verdict
    }

    fn syntax(&self, credential: &Credential<'_>) -> Finding {
        if credential.host != self.trust.issuer.host.as_str() {
            let issuer = Detail::Text(credential.issuer.to_owned());
            return Finding::with(State::Fails, Reason::ForeignIssuer, issuer);
        }
        if !self.context_known {
            return Finding::new(State::Undecided, Reason::ContextUnknown);
        }
        Finding::new(State::Holds, Reason::WellFormed)
    }

    fn validity(&self, credential: &Credential<'_>, evidence: Option<&Evidence<'_>>) -> Finding {
        let proven = evidence.and_then(|evidence| evidence.material.chain.ok()?.newest_time());
        if let Some(newest) = proven.filter(|newest| *newest > self.options.now) {
            return Finding::with(State::Undecided, Reason::ClockBehind, Detail::At(newest));
        }
        let from = credential.valid_from;
        match credential.valid_until {
            _ if self.options.now < from => {
                Finding::with(State::Fails, Reason::NotYetValid, Detail::At(from))
            }
            Some(until) if self.options.now >= until => {
                Finding::with(State::Fails, Reason::Expired, Detail::At(until))
            }
            Some(until) => Finding::with(State::Holds, Reason::InForce, Detail::Between(from, until)),
            None => Finding::with(State::Holds, Reason::InForce, Detail::At(from)),
        }
    }

    /// Logged, time, witnessed.
    fn log_axes(
        &self,
        verdict: &mut Verdict,
        credential: &Credential<'_>,
        record: &str,
        evidence: &Evidence<'_>,
        bounds: Bounds,
    ) {
        let chain = match evidence.material.chain {
            Ok(chain) => chain,
            Err(finding) => return verdict.set(Axis::Logged, finding.clone()),
        };
        let place = (evidence.entry, evidence.index, evidence.inclusion);
        let kind = credential.record_type.entry_kind();
        let enclosed = chain.encloses(evidence.before, evidence.after, evidence.index);
        let logged = match chain.current().holds(place, &Digest::of(record.as_bytes()), kind) {
            Err((reason, detail)) => Finding::with(State::Fails, reason, detail),
            Ok(()) if !enclosed => Finding::new(State::Fails, Reason::CheckpointsMisplaced),
            Ok(()) => Finding::with(State::Holds, Reason::Included, Detail::Index(evidence.index)),
        };
        verdict.set(Axis::Logged, logged);
        verdict.set(Axis::Time, bounds.finding(&self.options));
        verdict.set(Axis::Witnessed, chain.witnessed(evidence.before, evidence.after));
    }

    /// Signature and issuer key.
    fn key_axes(
        &self,
        verdict: &mut Verdict,
        credential: &Credential<'_>,
        evidence: &Evidence<'_>,
        bounds: Bounds,
        check: impl FnOnce(&VerifyingKey, &Secured<'_>) -> Finding,
    ) {
        let proof = &credential.proof;
        let found = match evidence.material.ring {
            Ok(ring) => ring.find(proof.verification_method(), evidence.cited_key),
            Err(finding) => Err(finding.clone()),
        };
        let key: KeyView = match found {
            Ok(key) => key,
            Err(finding) => {
                verdict.set(Axis::IssuerKey, finding);
                return verdict.set(
                    Axis::Signature,
                    Finding::new(State::Undecided, Reason::NoTrustedKey),
                );
            }
        };
        verdict.set(Axis::Signature, check(&key.key, proof));
        let trusted_until = self.trust.issuer.valid_until;
        let valid = key.valid(bounds, proof.created());
        let valid = match valid.state {
            State::Holds if !key.listed_before(evidence.index) => {
                Finding::new(State::Undecided, Reason::KeyListedLater)
            }
            State::Holds if trusted_until <= self.options.now => {
                Finding::with(State::Undecided, Reason::TrustExpired, Detail::At(trusted_until))
            }
            _ => valid,
        };
        verdict.set(Axis::IssuerKey, valid);
        if bounds == Bounds::NotDemanded {
            verdict.warnings.push(Reason::KeyTimeClaimed);
        }
    }

    /// Status and freshness.
    fn status_axes(&self, verdict: &mut Verdict, credential: &Credential<'_>, evidence: &Evidence<'_>) {
        let latest = evidence.material.chain.map_or(Bounds::Unknown, Chain::latest);
        let newest = evidence.material.ring.ok().and_then(Ring::newest);
        let Some(pointer) = credential.status else {
            // A status list as the record itself has no status of its own, but it is as young as it says.
            let none = || Finding::new(State::NotRequired, Reason::NoStatus);
            verdict.set(Axis::Status, none());
            if credential.record_type == RecordType::RecordWithdrawal {
                // A withdrawal is final: however old, it still says what it said.
                verdict.set(Axis::Freshness, none());
            } else if let Some(newest) = newest {
                let itself = [(credential.valid_from, credential.valid_until)];
                verdict.set(Axis::Freshness, freshness(itself, newest, latest, &self.options));
            }
            return;
        };
        let lists = match Lists::pick(pointer, evidence.lists) {
            Ok(lists) => lists,
            Err(finding) => return verdict.set(Axis::Status, finding),
        };
        let mut status = lists.status(pointer.index);
        if let Some(newest) = newest {
            let found = freshness(lists.dates(), newest, latest, &self.options);
            if found.reason == Reason::ListStale {
                status = lists.aged(status);
            }
            verdict.set(Axis::Freshness, found);
        }
        verdict.set(Axis::Status, status);
    }

    /// Claimed times against proven ones (`records.md` §5).
    fn backdating(
        &self,
        credential: &Credential<'_>,
        decided_on: Option<NaiveDate>,
        evidence: &Evidence<'_>,
        bounds: Bounds,
    ) -> Finding {
        let (earliest, latest) = match bounds {
            _ if evidence.material.chain.is_err() => {
                return Finding::new(State::Undecided, Reason::NotChecked);
            }
            Bounds::NotDemanded => return Finding::new(State::NotRequired, Reason::NotRequired),
            Bounds::Unknown => return Finding::new(State::Undecided, Reason::TimeUnknown),
            Bounds::Proven(earliest, latest) => (earliest, latest),
        };
        let allowances = &self.options.allowances;
        let created = credential.proof.created();
        let fails = |reason, at| Finding::with(State::Fails, reason, Detail::At(at));
        if created > latest {
            return fails(Reason::CreatedAfterLogged, created);
        }
        if earliest - created > allowances.created {
            return fails(Reason::CreatedTooEarly, created);
        }
        match decided_on.map(end_of_day) {
            Some(decided) if earliest - decided > allowances.decided => {
                fails(Reason::DecidedTooEarly, decided)
            }
            // Too early is proved by the lower bound alone; that it is not too early, only by close ones.
            _ if latest - earliest > allowances.window => Finding::with(
                State::Undecided,
                Reason::TimeTooWide,
                Detail::Between(earliest, latest),
            ),
            _ => Finding::new(State::Holds, Reason::NotBackdated),
        }
    }
}

/// The facts of a record, or none for a status list or a snapshot, which have their own shapes, as strict as where lists are
/// opened. Every type is named here: a new one cannot pass with its content unread.
fn facts<'a>(credential: &Credential<'a>) -> Result<Option<Subject<'a>>, String> {
    match credential.record_type {
        RecordType::IntegrityGrade
        | RecordType::WageBlacklistEntry
        | RecordType::RuleSetPublication
        | RecordType::RecordWithdrawal => credential.facts().map(Some).map_err(|error| error.to_string()),
        RecordType::BitstringStatusListCredential => list_of(credential.clone())
            .map(|_| None)
            .map_err(|error| error.to_string()),
        RecordType::RegistrySnapshot => snapshot_of(credential.clone())
            .map(|_| None)
            .map_err(|error| error.to_string()),
    }
}

/// The ordinary way to check a signature: strict, at once.
pub(in super::super) fn strictly(key: &VerifyingKey, proof: &Secured<'_>) -> Finding {
    signature_finding(proof.verify(key).is_ok())
}

pub(in super::super) fn signature_finding(valid: bool) -> Finding {
    match valid {
        true => Finding::new(State::Holds, Reason::SignatureValid),
        false => Finding::new(State::Fails, Reason::SignatureInvalid),
    }
}

fn decided_on(facts: &Subject<'_>) -> Option<NaiveDate> {
    match facts {
        Subject::Grade(grade) => Some(grade.decided_on),
        Subject::Blacklist(listing) => Some(listing.decided_on),
        _ => None,
    }
}

/// The last instant of a day in Asia/Shanghai (UTC+8): a date is given the benefit of the whole day.
fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(24 - 8)
}
