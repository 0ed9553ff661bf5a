//! Accounts and their passwords: Argon2id, made by the registry, shown once.

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};

use crate::domain::authority::PersonId;
use crate::domain::id::IdError;
use crate::store::account::{self, AccountRow};
use crate::store::{self, StoreError};

use sha2::{Digest as _, Sha256};

use super::audit::Act;
use super::random::{Random, RandomError};
use super::{Registry, audit::record};

/// Why an account cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The password cannot be hashed.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
    /// The login is taken.
    #[error("the login {0} is taken")]
    Taken(String),
    /// No such login.
    #[error("there is no account {0}")]
    Unknown(String),
    /// The person's identifier is not usable.
    #[error("the person behind the account: {0}")]
    Person(#[from] IdError),
    /// The login is not usable.
    #[error("a login is 3 to 64 letters, digits, dots or hyphens")]
    Login,
}

/// Whose account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// An officer of an authority, with roles (comma-separated words of `domain::authority::Role`).
    Officer {
        /// The authority's id.
        authority: String,
        /// The roles.
        roles: String,
    },
    /// Somebody of an employer.
    Employer {
        /// Our own number of it.
        employer: i64,
    },
}

/// An account just made, with the password that is never shown again.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id.
    pub id: String,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Characters that nobody mistakes for others, by telephone or on paper.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789W";
/// Four groups of four: 80 bits.
const GROUPS: usize = 4;

/// Makes an account with a random password, for somebody who has no other one.
///
/// # Errors
/// [`AccountError`].
pub fn create(
    registry: &Registry,
    login: &str,
    name: &str,
    holder: Holder,
) -> Result<NewAccount, AccountError> {
    let mut id = [0_u8; 16];
    registry.random.fill(&mut id)?;
    let id = uuid::Builder::from_random_bytes(id).into_uuid();
    create_for(registry, &PersonId::new(id.to_string())?, login, name, holder)
}

/// Makes an account with a random password for a person who may have others: whatever needs two persons
/// is refused to two accounts of one.
///
/// # Errors
/// [`AccountError`].
pub fn create_for(
    registry: &Registry,
    person: &PersonId,
    login: &str,
    name: &str,
    holder: Holder,
) -> Result<NewAccount, AccountError> {
    if !is_login(login) {
        return Err(AccountError::Login);
    }
    let password = new_password(registry.random.as_ref())?;
    let mut id = [0_u8; 16];
    registry.random.fill(&mut id)?;
    let now = registry.clock.now();
    let (kind, authority_id, employer_id, roles) = match holder {
        Holder::Officer { authority, roles } => ("officer", Some(authority), None, roles),
        Holder::Employer { employer } => ("employer", None, Some(employer), String::new()),
    };
    let row = AccountRow {
        id: uuid::Builder::from_random_bytes(id).into_uuid().to_string(),
        login: login.to_owned(),
        name: name.to_owned(),
        password_hash: hash(&password, registry.random.as_ref())?,
        kind: kind.to_owned(),
        authority_id,
        employer_id,
        roles,
        created_at: now.naive_utc(),
        suspended_at: None,
        person_id: person.as_str().to_owned(),
    };
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), AccountError> {
        if account::by_login(conn, login)?.is_some() {
            return Err(AccountError::Taken(login.to_owned()));
        }
        account::insert(conn, &row)?;
        record(
            conn,
            &Act {
                authority: row.authority_id.clone(),
                after: Some(person_digest(&row.person_id)),
                ..Act::system("account.create", &*row.id)
            },
            now,
        )?;
        Ok(())
    })?;
    Ok(NewAccount {
        id: row.id,
        login: row.login,
        name: row.name,
        password,
    })
}

/// What the audit trail says of the person behind a new account: SHA-256 of the identifier.
#[must_use]
pub fn person_digest(person: &str) -> [u8; 32] {
    Sha256::digest(person).into()
}

fn is_login(login: &str) -> bool {
    (3..=64).contains(&login.len())
        && login
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
}

fn new_password(random: &dyn Random) -> Result<String, RandomError> {
    let mut bytes = [0_u8; GROUPS * 4];
    random.fill(&mut bytes)?;
    let letter = |byte: &u8| {
        ALPHABET
            .get(usize::from(byte & 31))
            .map_or('a', |letter| char::from(*letter))
    };
    Ok(bytes
        .chunks(4)
        .map(|group| group.iter().map(letter).collect::<String>())
        .collect::<Vec<_>>()
        .join("-"))
}

/// Hashes a password with Argon2id at the crate's recommended cost (19 MiB, two passes).
///
/// # Errors
/// [`AccountError::Hash`], [`AccountError::Random`].
pub fn hash(password: &str, random: &dyn Random) -> Result<String, AccountError> {
    let mut salt = [0_u8; 16];
    random.fill(&mut salt)?;
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| AccountError::Hash(error.to_string()))
}

/// Whether a password is the one behind a hash. Takes the same time for a hash of nobody.
#[must_use]
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    // The hash of a password that nobody has, so that an unknown login costs as much as a known one.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(parsed) = PasswordHash::new(stored.unwrap_or(NOBODY)) else {
        return false;
    };
    let right = Argon2::default()
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    right && stored.is_some()
}

/// Gives an account a new random password, ends its sessions, and returns the password.
///
/// # Errors
/// [`AccountError::Unknown`] when there is no such login; [`AccountError`].
pub fn reset_password(registry: &Registry, login: &str) -> Result<NewAccount, AccountError> {
    let password = new_password(registry.random.as_ref())?;
    let hashed = hash(&password, registry.random.as_ref())?;
    let now = registry.clock.now();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<NewAccount, AccountError> {
        let row = account::by_login(conn, login)?.ok_or_else(|| AccountError::Unknown(login.to_owned()))?;
        account::set_password(conn, &row.id, &hashed)?;
        store::session::revoke_all(conn, &row.id, now.naive_utc())?;
        record(
            conn,
            &Act {
                authority: row.authority_id.clone(),
                ..Act::system("account.password", &*row.id)
            },
            now,
        )?;
        Ok(NewAccount {
            id: row.id,
            login: row.login,
            name: row.name,
            password,
        })
    })
}
