//! Withdrawals: for each record a `RecordWithdrawal`, an `erasure` entry and the revocation bit, in one
//! chunk. The archive's copy is written with the entries (transaction 1) and opened again before the head is
//! signed; the body goes with the head (transaction 2). A crash between the two leaves the body where it
//! was, and the next run signs the head and lets it go.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::domain::withdrawal::Cause;
use crate::record::credential::{self, Audience, RecordType, StatusPointer, WithdrawalDraft};
use crate::record::digest::Digest;
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::{BitChange, Change};
use crate::store::StoreError;
use crate::store::log::body::Body;
use crate::store::log::change::Requested;
use crate::store::log::erasure::ErasureRow;

use super::chunk::{Chunk, Erased, Prepared, index};
use super::lists::Reach;
use super::{PublishError, Publisher};
use crate::registry::archive::ArchiveKey;

/// A record that is withdrawn.
#[derive(Debug, Clone)]
pub struct Withdrawn {
    /// Its body.
    pub body: Body,
    /// Where its status bits are.
    pub status: StatusPointer,
    /// Whether a logged list shows its revocation bit.
    pub revoked: bool,
    /// The listing procedure behind it.
    pub case: Option<String>,
    /// Why.
    pub cause: Cause,
    /// The day on which its ground arose, Asia/Shanghai.
    pub ended_on: NaiveDate,
    /// The last day for taking it down.
    pub due_on: NaiveDate,
}

/// The batch that decided withdrawals.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'d> {
    /// Its id.
    pub id: &'d str,
    /// Its items.
    pub size: u64,
    /// The approved digest.
    pub digest: [u8; 32],
}

/// Whether a record's term has ended by what the record itself says, its last second included: rows of the database are not believed
/// for what nobody decided, or whoever writes into them could take any listing down.
pub(in crate::registry) fn has_ended(body: &Body, now: DateTime<Utc>) -> bool {
    credential::read(&body.bytes)
        .ok()
        .and_then(|record| record.valid_until)
        .is_some_and(|until| until < now)
}

impl Publisher<'_> {
    /// Publishes withdrawals whole, in one chunk: those of a batch in state `publishing`, or those that time
    /// alone brings about.
    ///
    /// # Errors
    /// [`PublishError::TermRuns`] for a record that nobody decided about and whose own, signed end has not come;
    /// [`PublishError`]; nothing of it is out then, or all that was stored is finished by the next run.
    pub fn publish_withdrawals(
        &mut self,
        batch: Option<Deciding<'_>>,
        withdrawn: &[Withdrawn],
    ) -> Result<(), PublishError> {
        let now = self.registry.clock.now();
        for one in withdrawn {
            self.prove_logged(one)?;
        }
        let runs = |one: &&Withdrawn| one.cause != Cause::Expiry || !has_ended(&one.body, now);
        if batch.is_none()
            && let Some(one) = withdrawn.iter().find(runs)
        {
            return Err(PublishError::TermRuns(one.body.log_index));
        }
        let key = ArchiveKey::of(self.registry, &mut self.conn)?;
        let mut chunk = Chunk::default();
        let mut changes = Vec::new();
        let decided = batch.map(|batch| batch.id);
        for one in withdrawn {
            self.add_withdrawal(&mut chunk, &key, decided, one)?;
            let to = Change::Revoke;
            let cause = decided.map_or_else(|| one.cause.as_str().to_owned(), |id| format!("batch {id}"));
            changes.extend((!one.revoked).then(|| Requested {
                change: BitChange { at: one.status, to },
                record_index: one.body.log_index,
                cause,
                requested_at: self.registry.clock.now().naive_utc(),
            }));
        }
        self.add_versions(&mut chunk, changes, Reach::Touched)?;
        match batch {
            Some(batch) => {
                chunk.belongs_to(batch.id);
                chunk.batch = Some((batch.id.to_owned(), 0));
                chunk.items = Some(index(batch.size)?);
                self.append_as(chunk, Some(batch.id.to_owned()), batch.digest.to_vec())?;
            }
            None => {
                self.append(chunk)?;
            }
        }
        Ok(())
    }

    /// That a record is the one that the log holds: its term and its bits are read from bytes that were signed,
    /// not from whatever a row says.
    ///
    /// # Errors
    /// [`PublishError::NotLogged`] where it is not; [`PublishError::Store`].
    pub(in crate::registry) fn prove_logged(&mut self, one: &Withdrawn) -> Result<(), PublishError> {
        if self.logged(&one.body)? == one.status {
            return Ok(());
        }
        Err(PublishError::NotLogged {
            index: one.body.log_index,
            why: "the bits to be changed are not its own".to_owned(),
        })
    }

    fn add_withdrawal(
        &self,
        chunk: &mut Chunk,
        key: &ArchiveKey,
        batch: Option<&str>,
        one: &Withdrawn,
    ) -> Result<(), PublishError> {
        let body = &one.body;
        let odd = |why: &str| StoreError::corrupt(format!("body {}", body.log_index), why);
        let audience = Audience::parse(&body.audience).ok_or_else(|| odd("its audience"))?;
        // By what was signed: a column may say nothing, or something else.
        let record = credential::read(&body.bytes).map_err(|error| odd(&error.to_string()))?;
        let record_id = record
            .uuid()
            .ok_or_else(|| odd("it has no id"))?
            .into_bytes()
            .to_vec();
        let digest = Digest::of(&body.bytes);
        let place = chunk.entries.len();
        let (id, bytes) = self.sign_withdrawal(digest)?;
        let entry = |digest, kind| Entry {
            audience,
            digest,
            kind,
        };
        let kind = RecordType::RecordWithdrawal;
        let withdrawal = Body {
            log_index: 0,
            kind: kind.entry_kind().as_str().to_owned(),
            audience: body.audience.clone(),
            record_id: Some(id.as_bytes().to_vec()),
            record_type: Some(kind.as_str().to_owned()),
            // Found by its id and by following the log, never by whom it is about.
            employer_id: None,
            year: None,
            outcome: Some("withdrawn".to_owned()),
            batch_id: None,
            bytes,
        };
        let logged = entry(Digest::of(&withdrawal.bytes), kind.entry_kind());
        chunk.entries.push(Prepared::new(withdrawal, &logged));
        let erasure = entry(digest, EntryKind::Erasure);
        chunk.entries.push(Prepared::bodiless(&erasure));
        let sealed = key.seal(
            self.registry.random.as_ref(),
            &record_id,
            body.log_index,
            &body.bytes,
        )?;
        let row = ErasureRow {
            record_index: body.log_index,
            record_id,
            record_type: record.record_type.as_str().to_owned(),
            audience: body.audience.clone(),
            employer_id: body.employer_id,
            origin_batch: body.batch_id.clone(),
            case_id: one.case.clone(),
            digest: digest.as_bytes().to_vec(),
            cause: one.cause.as_str().to_owned(),
            batch_id: batch.map(str::to_owned),
            ended_on: one.ended_on,
            due_on: one.due_on,
            erased_at: self.registry.clock.now().naive_utc(),
            withdrawal_index: 0,
            erasure_index: 0,
        };
        chunk.erased.push(Erased { row, sealed, place });
        Ok(())
    }

    fn sign_withdrawal(&self, withdraws: Digest) -> Result<(Uuid, Vec<u8>), PublishError> {
        let signing = self.signing()?;
        let mut random = [0_u8; 16];
        signing.random.fill(&mut random)?;
        let draft = WithdrawalDraft {
            id: uuid::Builder::from_random_bytes(random).into_uuid(),
            valid_from: signing.now,
            withdraws,
        };
        let bytes = signing.template()?.issue_withdrawal(&draft, signing.issuer)?;
        Ok((draft.id, bytes))
    }
}
