//! Sign-in and sessions: revocable in the database, throttled by who tries and from where, never by
//! locking an account against its holder.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use crate::store::account::{self, AccountRow};
use crate::store::session::{self, SessionRow};
use crate::store::{self, StoreError};

use super::Registry;
use super::account::verify;
use super::audit::{self, Act};
use super::random::RandomError;

/// A session ends after twelve hours, whatever happens (NIST SP 800-63B, AAL2).
const LIFETIME: TimeDelta = TimeDelta::hours(12);
/// An officer's session ends after fifteen idle minutes, an employer's after thirty.
const OFFICER_IDLE: TimeDelta = TimeDelta::minutes(15);
const EMPLOYER_IDLE: TimeDelta = TimeDelta::minutes(30);
/// Failures allowed for one login from one source in the window.
const FAILURES: i64 = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Login or password is wrong; which of them is not said.
    #[error("the login or the password is wrong")]
    Wrong,
    /// Too many failures from this address for this login.
    #[error("too many failed attempts; try again in {0} minutes")]
    TooMany(i64),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A session just begun.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// What the cookie carries: 32 random bytes in hexadecimal. Only its digest is stored.
    pub token: String,
    /// Who it is.
    pub account: String,
}

/// Who is behind a request.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account as it is now.
    pub account: AccountRow,
    /// What every form of this session must carry.
    pub csrf: String,
    /// The session's own key, to end it.
    pub token_digest: Vec<u8>,
}

/// Signs somebody in. `source` is whom failures are counted against beside the login: where the try came
/// from, an IPv6 address by its /64.
///
/// # Errors
/// [`SignInError`].
pub fn sign_in(
    registry: &Registry,
    login: &str,
    password: &str,
    source: &str,
) -> Result<NewSession, SignInError> {
    let now = registry.clock.now();
    // What is typed into a login field may be a password: only its digest is kept.
    let subject = format!("{}@{source}", crate::record::digest::Digest::of(login.as_bytes()));
    let mut conn = registry.store.conn()?;
    let since = (now - WINDOW).naive_utc();
    if account::failures_since(&mut conn, &subject, since)? >= FAILURES {
        return Err(SignInError::TooMany(WINDOW.num_minutes()));
    }
    // Counted before the slow check of the password, so that tries made at once are all counted.
    store::write(&mut conn, |conn| {
        account::record_failure(conn, &subject, now.naive_utc())
    })?;
    let found = account::by_login(&mut conn, login)?;
    let about = found
        .as_ref()
        .map_or_else(|| "unknown login".to_owned(), |row| row.id.clone());
    let right = verify(password, found.as_ref().map(|row| row.password_hash.as_str()));
    let Some(row) = found.filter(|row| right && row.suspended_at.is_none()) else {
        store::write(&mut conn, |conn| -> Result<(), SignInError> {
            audit::record(conn, &act("session.refuse", "anonymous", None, &about), now)?;
            Ok(())
        })?;
        return Err(SignInError::Wrong);
    };
    let token = random_hex(registry)?;
    let session = SessionRow {
        token_digest: digest(&token),
        account_id: row.id.clone(),
        csrf: random_hex(registry)?,
        created_at: now.naive_utc(),
        last_used_at: now.naive_utc(),
        expires_at: (now + LIFETIME).naive_utc(),
        revoked_at: None,
    };
    store::write(&mut conn, |conn| -> Result<(), SignInError> {
        account::forget_failures(conn, &subject, since)?;
        session::insert(conn, &session)?;
        audit::record(
            conn,
            &act("session.begin", &row.id, row.authority_id.as_deref(), &row.id),
            now,
        )?;
        Ok(())
    })?;
    Ok(NewSession {
        token,
        account: row.id,
    })
}

/// Who a cookie's token stands for, now; `None` when nobody: unknown, ended, idle too long, or the
/// account was suspended since.
///
/// # Errors
/// [`StoreError`].
pub fn who(registry: &Registry, token: &str) -> Result<Option<SignedIn>, StoreError> {
    let now = registry.clock.now();
    let digest = digest(token);
    let mut conn = registry.store.conn()?;
    let Some(row) = session::find(&mut conn, &digest)? else {
        return Ok(None);
    };
    let Some(account) = account::find(&mut conn, &row.account_id)? else {
        return Ok(None);
    };
    if account.suspended_at.is_some() || !is_live(&row, &account, now) {
        return Ok(None);
    }
    if now.naive_utc() - row.last_used_at > TimeDelta::minutes(1) {
        session::touch(&mut conn, &digest, now.naive_utc())?;
    }
    Ok(Some(SignedIn {
        account,
        csrf: row.csrf,
        token_digest: digest,
    }))
}

fn is_live(row: &SessionRow, account: &AccountRow, now: DateTime<Utc>) -> bool {
    let idle = if account.kind == "officer" {
        OFFICER_IDLE
    } else {
        EMPLOYER_IDLE
    };
    let now = now.naive_utc();
    row.revoked_at.is_none() && now < row.expires_at && now - row.last_used_at < idle
}

/// Ends a session.
///
/// # Errors
/// [`StoreError`].
pub fn sign_out(registry: &Registry, who: &SignedIn) -> Result<(), StoreError> {
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        session::revoke(conn, &who.token_digest, now.naive_utc())?;
        let account = &who.account;
        audit::record(
            conn,
            &act(
                "session.end",
                &account.id,
                account.authority_id.as_deref(),
                &account.id,
            ),
            now,
        )
    })
}

fn act(action: &'static str, actor: &str, authority: Option<&str>, subject: &str) -> Act {
    Act {
        actor: actor.to_owned(),
        role: "person".to_owned(),
        authority: authority.map(str::to_owned),
        action,
        subject: subject.to_owned(),
        ..Act::default()
    }
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn random_hex(registry: &Registry) -> Result<String, RandomError> {
    let mut bytes = [0_u8; 32];
    registry.random.fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
