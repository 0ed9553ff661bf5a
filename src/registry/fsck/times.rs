//! Times and persons that nothing signed carries, against the audit trail: when heads were signed and
//! served, batches proposed, decided and published, and by whom; accounts and partners, and for whom. What
//! the trail tells of must be there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use sha2::{Digest as _, Sha256};

use crate::registry::account::person_digest;
use crate::registry::audit::{HEAD, SERVE, WAIT};
use crate::store::audit::AuditRow;
use crate::store::batch::{self, BatchRow};
use crate::store::log::{checkpoint, chunk, cosigned};
use crate::store::{Conn, StoreResult, account, partner};

use super::{Damage, Report};

const PUBLISH: &str = "batch.publish";

const ACTIONS: [&str; 10] = [
    HEAD,
    SERVE,
    WAIT,
    "account.create",
    "batch.approve",
    "batch.propose",
    PUBLISH,
    "batch.reject",
    "partner.add",
    "partner.revoke",
];

/// The rows of the trail that other rows are held against, by action and subject.
#[derive(Debug, Default)]
pub(super) struct Trail(BTreeMap<(&'static str, String), Vec<AuditRow>>);

impl Trail {
    /// Keeps a row, if others are held against it.
    pub(super) fn saw(&mut self, row: &AuditRow) {
        if let Some(action) = ACTIONS.into_iter().find(|action| *action == row.action) {
            let acts = self.0.entry((action, row.subject.clone())).or_default();
            acts.push(row.clone());
        }
    }

    fn of(&self, action: &'static str, subject: &str) -> &[AuditRow] {
        self.0
            .get(&(action, subject.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// What was acted on.
    fn subjects(&self, action: &'static str) -> impl Iterator<Item = &str> {
        self.0
            .keys()
            .filter(move |(known, _)| *known == action)
            .map(|(_, subject)| subject.as_str())
    }

    /// The size of the first head that the trail tells of; programs before this one told of none.
    fn first_head(&self) -> Option<i64> {
        let heads = self.0.keys().filter(|(action, _)| *action == HEAD);
        heads.filter_map(|(_, size)| size.parse().ok()).min()
    }

    /// The trail has an act of `actions` on `subject` at this time that `fits`.
    fn says(
        &self,
        actions: &[&'static str],
        subject: &str,
        at: NaiveDateTime,
        fits: impl Fn(&AuditRow) -> bool,
    ) -> Said {
        let acts = || actions.iter().flat_map(|action| self.of(action, subject));
        if acts().next().is_none() {
            Said::Nothing
        } else if !acts().any(&fits) {
            Said::Otherwise
        } else if acts().any(|act| fits(act) && act.at == at) {
            Said::So
        } else {
            Said::AnotherTime
        }
    }
}

enum Said {
    So,
    Nothing,
    AnotherTime,
    Otherwise,
}

impl Said {
    fn report(self, row: &str, what: &str, report: &mut Report) {
        match self {
            Self::So => {}
            Self::Nothing => report.find(
                Damage::Audit,
                row,
                format!("no audit row says that it was {what}"),
            ),
            Self::AnotherTime => report.find(
                Damage::Time,
                row,
                format!("the audit trail says that it was {what} at another time"),
            ),
            Self::Otherwise => report.find(
                Damage::Index,
                row,
                format!("it is not what was {what} by the audit trail"),
            ),
        }
    }
}

pub(super) fn check(conn: &mut Conn, trail: &Trail, report: &mut Report) -> StoreResult<()> {
    let signed = heads(conn, trail, report)?;
    let batches = batch::all(conn)?;
    let ids = batches.iter().map(|row| row.id.clone()).collect();
    gone(trail, "batch.propose", ("batch", "proposed"), &ids, report);
    for row in batches {
        check_batch(conn, &row, trail, &signed, report)?;
    }
    let accounts = account::list(conn)?;
    let ids = accounts.iter().map(|row| row.id.clone()).collect();
    gone(trail, "account.create", ("account", "made"), &ids, report);
    for row in accounts {
        let said = trail.says(&["account.create"], &row.id, row.created_at, |act| {
            // Programs before this one did not say for whom.
            let person = act
                .after_digest
                .as_deref()
                .is_none_or(|digest| digest == person_digest(&row.person_id));
            let authority = act.authority_id.is_none() || act.authority_id == row.authority_id;
            person && authority
        });
        said.report(&format!("account {}", row.id), "made", report);
    }
    let partners = partner::list(conn)?;
    let names = partners.iter().map(|row| row.name.clone()).collect();
    gone(trail, "partner.add", ("partner", "added"), &names, report);
    for row in partners {
        let name = format!("partner {}", row.name);
        trail
            .says(&["partner.add"], &row.name, row.created_at, |act| {
                // Programs before this one did not say which key.
                let digest = act.after_digest.as_deref();
                digest.is_none_or(|digest| digest == row.key_digest.as_slice())
            })
            .report(&name, "added", report);
        match row.revoked_at {
            Some(at) => trail
                .says(&["partner.revoke"], &row.name, at, |_| true)
                .report(&name, "revoked", report),
            None if !trail.of("partner.revoke", &row.name).is_empty() => {
                report.find(
                    Damage::Time,
                    name,
                    "the audit trail says that its key was revoked",
                );
            }
            None => {}
        }
    }
    Ok(())
}

/// Rows that the trail tells of and that are not there.
fn gone(
    trail: &Trail,
    action: &'static str,
    (table, what): (&str, &str),
    there: &BTreeSet<String>,
    report: &mut Report,
) {
    for subject in trail.subjects(action) {
        if !there.contains(subject) {
            let why = format!("it is gone: the audit trail says that it was {what}");
            report.find(Damage::Audit, format!("{table} {subject}"), why);
        }
    }
}

/// Checks heads, and gives the time of each by its size.
fn heads(conn: &mut Conn, trail: &Trail, report: &mut Report) -> StoreResult<BTreeMap<i64, NaiveDateTime>> {
    let first = trail.first_head().unwrap_or(i64::MAX);
    let mut signed = BTreeMap::new();
    for row in checkpoint::all(conn)? {
        if row.size >= first {
            let digest = Sha256::digest(&row.note);
            let said = trail.says(&[HEAD], &row.size.to_string(), row.signed_at, |act| {
                act.after_digest.as_deref() == Some(digest.as_slice())
            });
            said.report(&format!("checkpoint {}", row.size), "signed", report);
        }
        signed.insert(row.size, row.signed_at);
    }
    let awaited = awaited(conn, &signed, report)?;
    let served = checkpoint::served_times(conn)?;
    let sizes = served.iter().map(|(size, _)| size.to_string()).collect();
    gone(trail, SERVE, ("served_checkpoint", "served"), &sizes, report);
    for (size, at) in served {
        // The empty log is served at once, however it was cosigned.
        let later = !trail.of(SERVE, &size.to_string()).is_empty();
        if later && size > 0 && !awaited.contains(&size) {
            let why = "it is gone: the audit trail says that its head was served after it had waited";
            report.find(Damage::Log, format!("awaiting_checkpoint {size}"), why);
        }
        let name = format!("served_checkpoint {size}");
        match trail.says(&[SERVE], &size.to_string(), at, |_| true) {
            // A head that readers saw at once was served when it was signed.
            Said::Nothing if signed.get(&size).is_none_or(|signed| *signed == at) => {}
            Said::Nothing => report.find(
                Damage::Time,
                name,
                "it was served at another time than it was signed, and no audit row says so",
            ),
            said => said.report(&name, "served", report),
        }
    }
    Ok(signed)
}

/// The heads that awaited witnesses, from the moment at which they were signed.
fn awaited(
    conn: &mut Conn,
    signed: &BTreeMap<i64, NaiveDateTime>,
    report: &mut Report,
) -> StoreResult<BTreeSet<i64>> {
    let mut sizes = BTreeSet::new();
    for (size, since) in cosigned::all_awaited(conn)? {
        let name = format!("awaiting_checkpoint {size}");
        match signed.get(&size) {
            Some(at) if *at == since => {}
            Some(_) => report.find(
                Damage::Time,
                name,
                "it waited from another time than it was signed",
            ),
            None => report.find(Damage::Log, name, "the log signed no such head"),
        }
        sizes.insert(size);
    }
    Ok(sizes)
}

fn check_batch(
    conn: &mut Conn,
    row: &BatchRow,
    trail: &Trail,
    signed: &BTreeMap<i64, NaiveDateTime>,
    report: &mut Report,
) -> StoreResult<()> {
    let name = format!("batch {}", row.id);
    let same = |act: &AuditRow| act.after_digest.as_deref() == Some(row.digest.as_slice());
    trail
        .says(&["batch.propose"], &row.id, row.proposed_at, |act| {
            let authority =
                act.authority_id.is_none() || act.authority_id.as_ref() == Some(&row.authority_id);
            same(act) && act.actor == row.proposed_by && authority
        })
        .report(&name, "proposed", report);
    // Turned down is the last word, also on what was approved before.
    let decided: &[&str] = match row.state.as_str() {
        "rejected" => &["batch.reject"],
        "proposed" => &["batch.approve", "batch.reject"],
        _ => &["batch.approve"],
    };
    let turned_down = !trail.of("batch.reject", &row.id).is_empty();
    match row.decided_at {
        Some(at) => trail
            .says(decided, &row.id, at, |act| {
                same(act)
                    && Some(&act.actor) == row.decided_by.as_ref()
                    && turned_down == (row.state == "rejected")
            })
            .report(&name, "decided", report),
        None if decided.iter().any(|action| !trail.of(action, &row.id).is_empty()) => {
            report.find(Damage::Time, &*name, "the audit trail says that it was decided");
        }
        None => {}
    }
    if (row.state == "proposed") != row.decided_at.is_none() {
        let why = "its state does not fit whether it was decided";
        report.find(Damage::Index, &*name, why);
    }
    let begun = trail.of(PUBLISH, &row.id);
    let publisher = row.published_by.as_ref();
    if publisher.is_none_or(|who| begun.iter().any(|act| act.actor == *who)) {
        if publisher.is_none() && !begun.is_empty() {
            report.find(
                Damage::Audit,
                &*name,
                "the audit trail says that somebody published it",
            );
        }
    } else {
        report.find(
            Damage::Audit,
            &*name,
            "no audit row says that this account published it",
        );
    }
    let stored = chunk::of_batch(conn, &row.id)?.into_iter().last();
    if let (None, "published", Some(at)) = (&stored, row.state.as_str(), row.published_at) {
        // Programs before this one did not say of which decisions.
        let released = |act: &AuditRow| act.after_digest.is_none() || same(act);
        trail.says(&[WAIT], &row.id, at, released).report(
            &name,
            "released to wait for the day's end",
            report,
        );
        return Ok(());
    }
    // Its last chunk's head made it public.
    let end = stored.map(|chunk| chunk.first_index.saturating_add(chunk.count));
    let at = end.and_then(|end| signed.get(&end)).copied();
    if row.state == "published" && row.published_at != at {
        report.find(
            Damage::Time,
            name,
            "it was published when the head of its last entry was signed, at another time",
        );
    }
    Ok(())
}
