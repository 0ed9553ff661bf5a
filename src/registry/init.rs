//! Making an empty registry: folder, keys, database, trust folder, and the log's first entries.
//!
//! The demonstration begins with the same code. It refuses to touch a registry that exists, and goes on
//! with one whose making was stopped, wherever that was.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Months, Utc};
use sha2::{Digest as _, Sha256};

use crate::config::{FileError, Settings, Site, WitnessAddress, Witnessing};
use crate::domain::authority::Role;
use crate::domain::ruleset;
use crate::log::key::VerifierKey;
use crate::log::policy::Policy;
use crate::record::credential::{Host, RuleSetFacts};
use crate::record::did::KeyDocument;
use crate::record::entry::EntryKind;
use crate::store::authority::{self, AuthorityRow};
use crate::store::log::{body, checkpoint};
use crate::store::{self, DatabaseUrl, Store, StoreError, account as accounts, migrate, setting};

use super::account::{self, AccountError, Holder, NewAccount};
use super::audit::{self, Act};
use super::check;
use super::clock::Clock;
use super::data_dir::DataDir;
use super::key_document::{self, KeyDocumentError, SPEAKS};
use super::keys::{KeyFolder, KeysError, THRESHOLD, Unlock};
use super::publish::{self, InMaking, Making, NoStops, PublishError, Publisher, Stops};
use super::random::{Random, RandomError, SystemRandom};
use super::trust::{self, TrustError};
use super::witness::{self, WitnessError, Witnesses};
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
    /// Who must cosign from the first head on; without any, nobody.
    pub witnesses: Option<WitnessPlan>,
}

/// The witnesses of a new registry. They are running already and know its log key, which was made before
/// by `chengxin keys generate`.
#[derive(Debug, Clone)]
pub struct WitnessPlan {
    /// Where they are.
    pub addresses: Vec<WitnessAddress>,
    /// How many of them must cosign.
    pub quorum: usize,
    /// How long and how often they are asked.
    pub times: Witnessing,
}

/// Why no registry was made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// One is there.
    #[error(
        "{0} holds a registry already; nothing was changed. Serve it with `chengxin serve --data {0}`, or choose another folder. \
         A password that was never seen is replaced by `chengxin account password LOGIN --data {0}`"
    )]
    FolderTaken(PathBuf),
    /// One is in the database.
    #[error("the database {0} holds a registry already; nothing was changed")]
    DatabaseTaken(String),
    /// One was begun with other options.
    #[error(
        "the making of a registry of {host} with other options was stopped in the database {database}; nothing was changed. \
         Repeat the very command that began it, and it goes on; or empty that database and the folder {folder}, and begin again"
    )]
    Unfinished {
        /// HOST of the one begun.
        host: String,
        /// Its database.
        database: String,
        /// The folder given.
        folder: PathBuf,
    },
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
    Config(#[from] FileError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Witnesses.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The administrator's account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The key document.
    #[error(transparent)]
    KeyDocument(#[from] KeyDocumentError),
}

/// What a new registry has besides its plan.
#[derive(Clone)]
pub struct Extras<'e> {
    /// Settings of its own, written with the first ones.
    pub settings: &'e [(&'e str, String)],
    /// What the foot of its pages says; may be set later in the settings file.
    pub site: Site,
    /// Name of the first administrator, whose login is `admin`.
    pub administrator: Option<&'e str>,
    /// Told of every step.
    pub stops: &'e dyn Stops,
    /// What opens its keys; one that knows a passphrase has them encrypted with it.
    pub unlock: &'e Unlock,
}

/// Makes the registry and opens it under `clock`.
///
/// # Errors
/// As [`create_with`].
pub fn create(plan: &Plan, clock: Arc<dyn Clock>) -> Result<Registry, InitError> {
    let unlock = Unlock::default();
    let extras = Extras {
        settings: &[],
        site: Site::default(),
        administrator: None,
        stops: &NoStops,
        unlock: &unlock,
    };
    Ok(create_with(plan, clock, extras)?.0)
}

/// Makes the registry and opens it under `clock`; with the administrator's account, if one is wanted.
///
/// The same call goes on where an earlier one was stopped. Until the database says that it is made
/// nothing serves it, and the settings file, by which a folder is a registry, is written last.
///
/// # Errors
/// [`InitError`]; each says what to do.
pub fn create_with(
    plan: &Plan,
    clock: Arc<dyn Clock>,
    extras: Extras<'_>,
) -> Result<(Registry, Option<NewAccount>), InitError> {
    let data = &plan.data;
    if data.is_registry() {
        return Err(InitError::FolderTaken(data.path().into()));
    }
    let Some(owner) = plan.authorities.first() else {
        return Err(InitError::NoAuthority);
    };
    // Evidence, grades that the public may not see and password hashes: nobody else's on this machine.
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder.create(data.path()).map_err(|source| InitError::Io {
        path: data.path().into(),
        source,
    })?;
    let database = plan
        .database
        .clone()
        .unwrap_or_else(|| "sqlite:chengxin.db".to_owned());
    let url = data.database(&database).map_err(OpenError::from)?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom::new()?);
    let keys = KeyFolder::new(&data.keys(), &plan.host).unlocked_by(extras.unlock);
    let options = options(plan, &owner.name, extras.settings);
    fill_database(plan, &url, &owner.name, &options, extras.settings, clock.now())?;
    extras.stops.making(Making::DatabaseFilled);
    let mut registry = Registry {
        store: Store::open(&url, super::CONNECTIONS)?,
        host: plan.host.clone(),
        name: owner.name.clone(),
        site: extras.site.clone(),
        clock,
        random,
        data: Some(data.clone()),
        witnesses: None,
        unlock: extras.unlock.clone(),
    };
    make_keys(&registry, &keys, &url)?;
    extras.stops.making(Making::KeysMade);
    let until = registry.clock.now() + TRUST_MONTHS;
    let (policy, witnesses) = policy(plan.witnesses.as_ref(), &keys)?;
    trust::files(&keys, &plan.host, until, policy)?.write(&data.trust())?;
    extras.stops.making(Making::TrustWritten);
    registry.witnesses = witnesses;
    begin(&registry, &keys, extras.stops)?;
    let administrator = extras
        .administrator
        .map(|name| administrator(&registry, &owner.id, name))
        .transpose()?;
    extras.stops.making(Making::AdministratorMade);
    setting::put(&mut *registry.store.conn()?, STATE, &format!("{DONE}{options}"))?;
    extras.stops.making(Making::Finished);
    let planned = plan.witnesses.as_ref();
    Settings {
        host: plan.host.as_str().to_owned(),
        name: owner.name.clone(),
        database,
        site: extras.site,
        witnessing: planned.map_or_else(Witnessing::default, |planned| planned.times),
        witnesses: planned.map_or_else(Vec::new, |planned| planned.addresses.clone()),
    }
    .create(&data.settings())?;
    extras.stops.making(Making::SettingsWritten);
    Ok((registry, administrator))
}

/// How far the making of a registry has come, with the options it is made by. Registries of programs
/// before this one have no such setting, and are whole.
const STATE: &str = "init";
const BEGUN: &str = "begun ";
const DONE: &str = "done ";

/// Whether a database holds a registry whose making was stopped.
///
/// # Errors
/// [`StoreError`].
pub(super) fn is_unfinished(conn: &mut store::Conn) -> Result<bool, StoreError> {
    Ok(setting::get(conn, STATE)?.is_some_and(|state| state.starts_with(BEGUN)))
}

/// SHA-256 over everything that a repeated call must have in common with the first.
fn options(plan: &Plan, name: &str, settings: &[(&str, String)]) -> String {
    let mut hasher = Sha256::new();
    let mut field = |text: &str| {
        hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(text);
    };
    field(plan.host.as_str());
    field(name);
    for row in &plan.authorities {
        for text in [&row.id, &row.name, &row.division, &row.document_prefix] {
            field(text);
        }
    }
    for (key, value) in settings {
        field(key);
        field(value);
    }
    // Not the addresses: a repeated demonstration has its witnesses elsewhere.
    if let Some(planned) = &plan.witnesses {
        field(&planned.quorum.to_string());
        for address in &planned.addresses {
            field(&address.key);
        }
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn fill_database(
    plan: &Plan,
    url: &DatabaseUrl,
    name: &str,
    options: &str,
    settings: &[(&str, String)],
    now: DateTime<Utc>,
) -> Result<(), InitError> {
    let mut conn = store::Conn::open(url)?;
    migrate::run(&mut conn)?;
    store::write(&mut conn, |conn| -> Result<(), InitError> {
        if let Some(host) = setting::get(conn, "host")? {
            return match setting::get(conn, STATE)? {
                Some(state) if state == format!("{BEGUN}{options}") => Ok(()),
                Some(state) if state == format!("{DONE}{options}") => Ok(()),
                Some(state) if state.starts_with(BEGUN) => Err(InitError::Unfinished {
                    host,
                    database: url.to_string(),
                    folder: plan.data.path().into(),
                }),
                _ => Err(InitError::DatabaseTaken(url.to_string())),
            };
        }
        setting::create(conn, STATE, &format!("{BEGUN}{options}"))?;
        setting::create(conn, "host", plan.host.as_str())?;
        setting::create(conn, "name", name)?;
        for (key, value) in settings {
            setting::create(conn, key, value)?;
        }
        for row in &plan.authorities {
            authority::insert(conn, row)?;
        }
        audit::record(conn, &Act::system("registry.create", plan.host.as_str()), now)?;
        Ok(())
    })
}

/// Makes the keys, or what a stopped run left to make. Once the log is begun they must be there: others
/// could not go on with it.
fn make_keys(registry: &Registry, keys: &KeyFolder, url: &DatabaseUrl) -> Result<(), InitError> {
    let begun = checkpoint::at_size(&mut *registry.store.conn()?, 0)?.is_some();
    match keys.log() {
        // A wrong passphrase is no sign of another registry's keys.
        Err(error @ (KeysError::Passphrase(_) | KeysError::Locked(_))) if begun => return Err(error.into()),
        Err(_) if begun => return Err(InitError::DatabaseTaken(url.to_string())),
        _ => {}
    }
    if begun {
        check::at_start(registry).map_err(PublishError::from)?;
    } else {
        keys.complete(registry.random.as_ref())?;
    }
    let folder = registry.data.as_ref().map(DataDir::keys).unwrap_or_default();
    let readme = folder.join("README.md");
    fs::write(&readme, KEYS_README).map_err(|source| InitError::Io { path: readme, source })
}

/// The policy of a new registry, and its witnesses.
fn policy(
    planned: Option<&WitnessPlan>,
    keys: &KeyFolder,
) -> Result<(String, Option<Arc<Witnesses>>), InitError> {
    let log = keys.log()?.verifier().clone();
    let Some(planned) = planned else {
        return Ok((trust::policy(&log, &[], 0), None));
    };
    let known = |address: &WitnessAddress| {
        VerifierKey::parse(&address.key).map_err(|source| WitnessError::Key {
            key: address.key.clone(),
            source,
        })
    };
    let known = planned
        .addresses
        .iter()
        .map(known)
        .collect::<Result<Vec<_>, _>>()?;
    let policy = trust::policy(&log, &known, planned.quorum);
    let parsed = Policy::parse(policy.as_bytes()).map_err(|source| WitnessError::Policy {
        path: "policy.txt".into(),
        source,
    })?;
    let witnesses =
        Witnesses::new(parsed, &planned.addresses, planned.times)?.ok_or(WitnessError::NoAddress)?;
    Ok((policy, Some(witnesses)))
}

/// The log's first entries, as far as they are missing: the head of size 0, the key document, lists, and
/// every rule set shipped.
fn begin(registry: &Registry, keys: &KeyFolder, stops: &dyn Stops) -> Result<(), InitError> {
    let inside = InMaking(stops);
    if checkpoint::at_size(&mut *registry.store.conn()?, 0)?.is_none() {
        // The witnesses' cosignatures come first: without them the log is not begun.
        let first = match &registry.witnesses {
            Some(witnesses) => {
                let head = publish::empty_head(keys, &inside)?;
                Some(witness::first_head(witnesses, &head, registry.clock.now())?)
            }
            None => None,
        };
        publish::begin_log(registry, first.as_ref(), &inside)?;
    }
    stops.making(Making::LogBegun);
    let mut publisher = Publisher::open(registry, &inside)?;
    let mut conn = registry.store.conn()?;
    if body::all_of_kind(&mut conn, EntryKind::Keys.as_str())?.is_empty() {
        publisher.publish_keys(sign_here(&first_document(registry, keys)?, keys)?)?;
    }
    stops.making(Making::KeysLogged);
    let logged: Vec<Option<String>> = body::all_of_kind(&mut conn, EntryKind::RuleSet.as_str())?
        .into_iter()
        .map(|row| row.outcome)
        .collect();
    for rules in ruleset::builtin::newest() {
        let name = format!("{} {}", rules.id(), rules.version());
        if !logged.contains(&Some(name)) {
            publisher.publish_rule_set(RuleSetFacts {
                id: rules.id().to_string().into(),
                version: rules.version().to_string().into(),
                effective_from: rules.effective().from,
                effective_until: rules.effective().until.and_then(|day| day.pred_opt()),
                content: String::from_utf8_lossy(rules.canonical()).into_owned().into(),
            })?;
        }
        stops.making(Making::RuleSetLogged);
    }
    drop(publisher);
    witness::after_publishing(registry)?;
    Ok(())
}

/// The first administrator's account. One that a stopped run made gets a new password: nobody saw it.
fn administrator(registry: &Registry, authority: &str, name: &str) -> Result<NewAccount, InitError> {
    const LOGIN: &str = "admin";
    if accounts::by_login(&mut *registry.store.conn()?, LOGIN)?.is_some() {
        return Ok(account::reset_password(registry, LOGIN)?);
    }
    let holder = Holder::Officer {
        authority: authority.to_owned(),
        roles: Role::Administrator.as_str().to_owned(),
    };
    Ok(account::create(registry, LOGIN, name, holder)?)
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
