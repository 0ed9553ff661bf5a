//! Which head the witnesses are asked about, and what is kept of their answer.
//!
//! The newest head that awaits them, or else the newest that readers see. With a quorum its cosigned note is
//! stored and the head served, in one transaction. *Crash before it*: the head still awaits, and the next
//! settling asks again. *Crash after*: done.

use std::sync::Arc;
use std::thread;

use chrono::{DateTime, Utc};

use crate::log::note::Note;
use crate::log::prover::consistency_proof;
use crate::registry::Registry;
use crate::registry::audit::{self, Act, SERVE};
use crate::registry::tiles::StoredTiles;
use crate::store::log::{checkpoint, cosigned, head};
use crate::store::{self, Conn, Store, StoreError};

use super::ask::Fault;
use super::round::{Proofs, Round};
use super::{WitnessError, Witnesses, unassessable};

/// Where publication stands with the witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Readers see everything that may be seen.
    Served,
    /// Entries up to this size are signed and irrevocable, and readers see them once a quorum has cosigned.
    AwaitingWitnesses(u64),
}

/// How far a witness's clock may lag before a round is not simply repeated, in seconds.
const LAG: i64 = 3;

/// Where publication stands, without asking anybody.
///
/// # Errors
/// [`StoreError`].
pub fn standing(conn: &mut Conn) -> Result<Standing, StoreError> {
    let served = checkpoint::served_size(conn)?;
    Ok(match cosigned::newest_awaiting(conn, served)? {
        Some((size, _)) => Standing::AwaitingWitnesses(u64::try_from(size).unwrap_or(0)),
        None => match (served, cosigned::is_served(conn, 0)?) {
            // The empty log itself awaits its first cosignatures.
            (0, false) => Standing::AwaitingWitnesses(0),
            _ => Standing::Served,
        },
    })
}

/// Has the newest head cosigned and serves it. Without a quorum in force, serves what awaited one.
///
/// # Errors
/// [`WitnessError::Ahead`], [`WitnessError::OtherHistory`] when a witness says so and no quorum says
/// otherwise. Witnesses that do not answer are no error: the head then awaits them.
pub fn settle(registry: &Registry) -> Result<Standing, WitnessError> {
    let Some(witnesses) = registry.witnesses.as_deref() else {
        return serve_uncosigned(registry);
    };
    let Some(asked) = asked(&mut *registry.store.conn()?)? else {
        return Ok(Standing::Served);
    };
    let round = in_time(registry, witnesses, &asked)?;
    let good = round.quorum && round.latest >= Some(asked.signed_at);
    report(registry, witnesses, &asked, &round, good);
    if good {
        keep(registry, &asked, &round.note)?;
    } else if let Some(conflict) = conflict(registry, &round)? {
        return Err(conflict);
    }
    Ok(standing(&mut *registry.store.conn()?)?)
}

/// Settles what was just published: a contradiction is the alarm's business, for what was published is
/// signed and irrevocable.
///
/// # Errors
/// [`StoreError`].
pub fn after_publishing(registry: &Registry) -> Result<Standing, StoreError> {
    match settle(registry) {
        Ok(standing) => Ok(standing),
        Err(WitnessError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(%error, "ALARM: the witnesses contradict this database");
            standing(&mut *registry.store.conn()?)
        }
    }
}

/// Compares the database with what the witnesses hold, and has its newest head cosigned. Stricter than
/// [`settle`]: one witness that has seen more, or something else, is enough to stop.
///
/// # Errors
/// [`WitnessError`].
pub fn at_start(registry: &Registry) -> Result<Standing, WitnessError> {
    let Some(witnesses) = registry.witnesses.as_deref() else {
        return serve_uncosigned(registry);
    };
    let Some(asked) = asked(&mut *registry.store.conn()?)? else {
        return Ok(Standing::Served);
    };
    let round = in_time(registry, witnesses, &asked)?;
    if let Some(conflict) = conflict(registry, &round)? {
        return Err(conflict);
    }
    let good = round.quorum && round.latest >= Some(asked.signed_at);
    report(registry, witnesses, &asked, &round, good);
    if good {
        keep(registry, &asked, &round.note)?;
        witnesses.change_health(|health| health.compared = true);
    }
    Ok(standing(&mut *registry.store.conn()?)?)
}

/// To be asked before anything is signed: compares with the witnesses once in a process, and has an idle
/// head cosigned again, so that what follows is known to be later than that.
///
/// # Errors
/// [`WitnessError`].
pub fn before_signing(registry: &Registry) -> Result<(), WitnessError> {
    let Some(witnesses) = registry.witnesses.as_deref() else {
        return Ok(());
    };
    let now = registry.clock.now();
    let health = witnesses.health();
    let newest = cosigned::newest(&mut *registry.store.conn()?)?;
    let young = newest.is_some_and(|row| now - row.last_at.and_utc() < witnesses.times.recosign());
    // During an outage not every act waits for the time-out again.
    let just_failed = health.failing_since.is_some()
        && health.last_round.is_some_and(|at| {
            (now - at)
                .to_std()
                .is_ok_and(|passed| passed < witnesses.times.retry())
        });
    if (health.compared && young) || just_failed {
        return Ok(());
    }
    at_start(registry).map(drop)
}

/// Has the head of a log that does not exist yet cosigned; gives the note.
///
/// # Errors
/// [`WitnessError::NoQuorum`] and what [`settle`] says.
pub fn first_head(witnesses: &Witnesses, note: &Note, now: DateTime<Utc>) -> Result<Note, WitnessError> {
    let nothing: Arc<Proofs> = Arc::new(|_| Ok(Vec::new()));
    let round = witnesses
        .round(note, nothing, now)
        .map_err(|error| unassessable(0, &error))?;
    if round.quorum {
        return Ok(round.note);
    }
    let faults: Vec<String> = round
        .faults
        .iter()
        .map(|(name, fault)| format!("{name}: {fault}"))
        .collect();
    Err(WitnessError::NoQuorum(faults.join("; ")))
}

/// A head to ask about.
struct Asked {
    size: i64,
    note: Note,
    signed_at: DateTime<Utc>,
}

fn asked(conn: &mut Conn) -> Result<Option<Asked>, WitnessError> {
    let served = checkpoint::newest_served(conn)?;
    let size = served.as_ref().map_or(-1, |head| head.size);
    let size = cosigned::newest_awaiting(conn, size)?.map_or(size, |(size, _)| size);
    // As the log signed it: each round brings its own cosignatures.
    let Some(row) = checkpoint::at_size(conn, size)? else {
        return Ok(None);
    };
    let note = Note::parse(row.note.as_bytes()).map_err(|error| WitnessError::Head {
        size,
        why: error.to_string(),
    })?;
    // Under the name of a log that ended a thief may have shown the witnesses anything.
    if note.text().split('\n').next() != Some(head::read(conn)?.origin.as_str()) {
        return Ok(None);
    }
    Ok(Some(Asked {
        size,
        note,
        signed_at: row.signed_at.and_utc(),
    }))
}

/// A round whose latest time is not before the head was signed: what it covers would otherwise seem to be
/// signed after it was logged. A witness's clock may lag a little; then the same is asked again.
fn in_time(registry: &Registry, witnesses: &Witnesses, asked: &Asked) -> Result<Round, WitnessError> {
    let ask = || {
        let proofs = proofs(registry.store.clone(), asked.size);
        let now = registry.clock.now();
        let round = witnesses.round(&asked.note, proofs, now);
        round.map_err(|error| unassessable(asked.size, &error))
    };
    let round = ask()?;
    let lag = round
        .latest
        .map_or(0, |latest| (asked.signed_at - latest).num_seconds());
    if !round.quorum || lag <= 0 || lag > LAG {
        return Ok(round);
    }
    thread::sleep(std::time::Duration::from_secs(lag.unsigned_abs()));
    ask()
}

fn proofs(store: Store, size: i64) -> Arc<Proofs> {
    Arc::new(move |old| {
        let new = u64::try_from(size).map_err(|error| error.to_string())?;
        let mut conn = store.conn().map_err(|error| error.to_string())?;
        consistency_proof(&StoredTiles::new(&mut conn), old, new).map_err(|error| error.to_string())
    })
}

/// The transaction that shows a cosigned head to readers.
fn keep(registry: &Registry, asked: &Asked, note: &Note) -> Result<(), StoreError> {
    let now = registry.clock.now();
    store::write(&mut *registry.store.conn()?, |conn| -> Result<(), StoreError> {
        cosigned::keep(conn, asked.size, &note.to_string(), now.naive_utc())?;
        serve(conn, asked.size, now)
    })
}

/// Shows a head to readers; the audit trail is told, for this is another moment than that of its signing.
fn serve(conn: &mut Conn, size: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    if checkpoint::serve_once(conn, size, at.naive_utc())? {
        audit::record(conn, &Act::system(SERVE, size.to_string()), at)?;
    }
    Ok(())
}

/// What a witness holds against this database. One that has seen more than it was asked about may have been
/// shown that by another process meanwhile: then the database has it too.
fn conflict(registry: &Registry, round: &Round) -> Result<Option<WitnessError>, StoreError> {
    for (name, fault) in &round.faults {
        match fault {
            Fault::Ahead(seen) => {
                let stored = head::read(&mut *registry.store.conn()?)?.head_size;
                let stored = u64::try_from(stored).unwrap_or(0);
                if *seen > stored {
                    return Ok(Some(WitnessError::Ahead {
                        witness: name.clone(),
                        seen: *seen,
                        stored,
                    }));
                }
            }
            Fault::OtherHistory(answer) => {
                return Ok(Some(WitnessError::OtherHistory {
                    witness: name.clone(),
                    answer: answer.clone(),
                }));
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Says who did not cosign; the alarm, when no quorum was reached.
fn report(registry: &Registry, witnesses: &Witnesses, asked: &Asked, round: &Round, good: bool) {
    for (witness, fault) in &round.faults {
        match fault {
            Fault::OtherHistory(_) => {
                tracing::error!(%witness, %fault, size = asked.size, "ALARM: a witness contradicts this database");
            }
            _ => tracing::warn!(%witness, %fault, size = asked.size, "a witness has not cosigned"),
        }
    }
    let now = registry.clock.now();
    let before = witnesses.health().failing_since;
    match (good, before) {
        (false, _) if round.quorum => {
            tracing::error!(size = asked.size, signed_at = %asked.signed_at, latest = ?round.latest,
                "ALARM: the witnesses' clocks are behind ours: the head is not shown to readers. Set the clocks");
        }
        (false, _) => {
            tracing::error!(size = asked.size, since = %before.unwrap_or(now),
                "ALARM: no quorum of witnesses: readers are shown no newer head. It is tried again by itself");
        }
        (true, Some(since)) => {
            tracing::info!(size = asked.size, %since, "a quorum of witnesses is back");
        }
        (true, None) => {}
    }
    witnesses.change_health(|health| {
        health.last_round = Some(now);
        health.failing_since = if good { None } else { Some(before.unwrap_or(now)) };
    });
}

/// Where no policy demands witnesses any more, what awaited them is served.
fn serve_uncosigned(registry: &Registry) -> Result<Standing, WitnessError> {
    let mut conn = registry.store.conn()?;
    let waiting = standing(&mut conn)?;
    // Who only reads cannot know the policy, and serves nothing.
    let (Standing::AwaitingWitnesses(size), Some(_)) = (waiting, &registry.data) else {
        return Ok(waiting);
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if checkpoint::at_size(&mut conn, size)?.is_none() {
        return Ok(waiting);
    }
    let now = registry.clock.now();
    store::write(&mut conn, |conn| serve(conn, size, now))?;
    Ok(Standing::Served)
}
