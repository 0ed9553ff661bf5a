//! Making an empty registry: folder, keys, database, trust folder, and the log's first entries.
//!
//! The demonstration begins with the same code. It refuses to touch a registry that exists.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Months, Utc};

use crate::config::{ConfigError, Settings};
use crate::domain::ruleset;
use crate::record::credential::{Host, RuleSetFacts};
use crate::record::did::KeyDocument;
use crate::store::authority::{self, AuthorityRow};
use crate::store::{self, DatabaseUrl, Store, StoreError, migrate, setting};

use super::audit::{self, Act};
use super::clock::Clock;
use super::data_dir::DataDir;
use super::key_document::{self, KeyDocumentError, SPEAKS};
use super::keys::{KeyFolder, KeysError, THRESHOLD, Unlock};
use super::publish::{self, NoStops, PublishError, Publisher};
use super::random::{Random, RandomError, SystemRandom};
use super::trust::{self, TrustError};
use super::{OpenError, Registry};

/// How long the trust folder and the first key document speak for themselves.
const TRUST_MONTHS: Months = Months::new(60);

/// What lies beside the keys, so that whoever finds them knows what belongs offline.
const KEYS_README: &str = include_str!("../../keys/README.md");

/// What a new registry is.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder for keys, settings and (with SQLite) the database.
    pub data: DataDir,
    /// The DNS name of its identifiers, for ever.
    pub host: Host,
    /// `postgres://…`, or `None` for an SQLite file in the folder.
    pub database: Option<String>,
    /// Authorities; the first one runs the registry.
    pub authorities: Vec<AuthorityRow>,
}

/// Why no registry was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// One is there.
    #[error(
        "{0} holds a registry already; nothing was changed. Serve it with `chengxin serve --data {0}`, or choose another folder"
    )]
    FolderTaken(PathBuf),
    /// One is in the database.
    #[error("the database {0} holds a registry already; nothing was changed")]
    DatabaseTaken(String),
    /// Nobody would run it.
    #[error("a registry needs at least one authority")]
    NoAuthority,
    /// The folder.
    #[error("{path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Opening.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Trust folder.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Log.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// Settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The key document.
    #[error(transparent)]
    KeyDocument(#[from] KeyDocumentError),
}

/// Makes the registry and opens it under `clock`.
///
/// # Errors
/// [`InitError`]. The settings file is written last: a folder without one is no registry, and the
/// message says what is there.
pub fn create(plan: &Plan, clock: Arc<dyn Clock>) -> Result<Registry, InitError> {
    create_protected(plan, clock, &Unlock::default())
}

/// The same, with key files encrypted by what `unlock` knows.
///
/// # Errors
/// [`InitError`], as for [`create`].
pub fn create_protected(plan: &Plan, clock: Arc<dyn Clock>, unlock: &Unlock) -> Result<Registry, InitError> {
    let data = &plan.data;
    if data.is_registry() {
        return Err(InitError::FolderTaken(data.path().into()));
    }
    let Some(owner) = plan.authorities.first() else {
        return Err(InitError::NoAuthority);
    };
    fs::create_dir_all(data.path()).map_err(|source| InitError::Io {
        path: data.path().into(),
        source,
    })?;
    let database = plan
        .database
        .clone()
        .unwrap_or_else(|| "sqlite:chengxin.db".to_owned());
    let url = data.database(&database).map_err(OpenError::from)?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::new()?);
    fill_database(plan, &url, &owner.name, clock.now())?;
    let keys = KeyFolder::new(&data.keys(), &plan.host).unlocked_by(unlock);
    keys.generate(random.as_ref())?;
    let readme = data.keys().join("README.md");
    fs::write(&readme, KEYS_README).map_err(|source| InitError::Io { path: readme, source })?;
    let registry = Registry {
        store: Store::open(&url, super::CONNECTIONS)?,
        host: plan.host.clone(),
        name: owner.name.clone(),
        clock,
        random,
        data: Some(data.clone()),
        unlock: unlock.clone(),
    };
    let until = registry.clock.now() + TRUST_MONTHS;
    trust::without_witnesses(&keys, &plan.host, until)?.write(&data.trust())?;
    begin(&registry, &keys)?;
    Settings {
        host: plan.host.as_str().to_owned(),
        name: owner.name.clone(),
        database,
    }
    .create(&data.settings())?;
    Ok(registry)
}

fn fill_database(plan: &Plan, url: &DatabaseUrl, name: &str, now: DateTime<Utc>) -> Result<(), InitError> {
    let mut conn = store::Conn::open(url)?;
    migrate::run(&mut conn)?;
    if setting::get(&mut conn, "host")?.is_some() {
        return Err(InitError::DatabaseTaken(url.to_string()));
    }
    store::write(&mut conn, |conn| -> Result<(), InitError> {
        setting::create(conn, "host", plan.host.as_str())?;
        setting::create(conn, "name", name)?;
        for row in &plan.authorities {
            authority::insert(conn, row)?;
        }
        audit::record(conn, &Act::system("registry.create", plan.host.as_str()), now)?;
        Ok(())
    })
}

/// The log's first entries: the head of size 0, the key document, lists, and every rule set shipped.
fn begin(registry: &Registry, keys: &KeyFolder) -> Result<(), InitError> {
    publish::begin_log(registry)?;
    let document = first_document(registry, keys)?;
    let note = sign_here(&document, keys)?;
    let mut publisher = Publisher::open(registry, &NoStops)?;
    publisher.publish_keys(note)?;
    for rules in ruleset::builtin::all() {
        publisher.publish_rule_set(RuleSetFacts {
            id: rules.id().to_string().into(),
            version: rules.version().to_string().into(),
            effective_from: rules.effective().from,
            effective_until: rules.effective().until.and_then(|day| day.pred_opt()),
            content: String::from_utf8_lossy(rules.canonical()).into_owned().into(),
        })?;
    }
    Ok(())
}

/// The key document that begins a registry: its one issuer key.
fn first_document(registry: &Registry, keys: &KeyFolder) -> Result<KeyDocument, InitError> {
    let methods = keys
        .issuers()?
        .iter()
        .map(|signer| key_document::method(signer))
        .collect::<Result<_, _>>()?;
    let updated = registry.clock.now();
    Ok(KeyDocument {
        host: registry.host.clone(),
        updated,
        next_update: Some(updated + SPEAKS),
        methods,
    })
}

/// A key document as a note signed by two of the three roots, where they are on this machine.
pub(super) fn sign_here(document: &KeyDocument, keys: &KeyFolder) -> Result<String, InitError> {
    let mut note = key_document::unsigned(document)?;
    for n in 1..=THRESHOLD {
        keys.root(n)?.sign(&mut note)?;
    }
    Ok(note.to_string())
}
