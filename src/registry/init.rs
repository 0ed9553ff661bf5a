//! Making an empty registry: folder, keys, database, trust folder, and the log's first entries.
//!
//! The demonstration begins with the same code. It refuses to touch a registry that exists.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Months, Utc};
use ed25519_dalek::VerifyingKey;

use crate::config::{ConfigError, Settings, WitnessAddress, Witnessing};
use crate::domain::ruleset;
use crate::log::key::VerifierKey;
use crate::log::note::{Note, NoteError};
use crate::log::policy::Policy;
use crate::record::credential::{Host, RuleSetFacts};
use crate::record::did;
use crate::record::signer::Signer;
use crate::store::authority::{self, AuthorityRow};
use crate::store::{self, DatabaseUrl, Store, StoreError, migrate, setting};

use super::audit::{self, Act};
use super::clock::Clock;
use super::data_dir::DataDir;
use super::keys::{KeyFolder, KeysError, THRESHOLD};
use super::publish::{self, NoStops, PublishError, Publisher};
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
    /// Witnesses.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The issuer key is no usable public key.
    #[error("the issuer key: {0}")]
    Key(String),
    /// The key document.
    #[error(transparent)]
    Did(#[from] did::DidError),
    /// The key document's note.
    #[error(transparent)]
    Note(#[from] NoteError),
}

/// Makes the registry and opens it under `clock`.
///
/// # Errors
/// [`InitError`]. The settings file is written last: a folder without one is no registry, and the
/// message says what is there.
pub fn create(plan: &Plan, clock: Arc<dyn Clock>) -> Result<Registry, InitError> {
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
    let keys = KeyFolder::new(&data.keys(), &plan.host);
    let witnessed = match &plan.witnesses {
        // Their cosignatures come first: without them nothing is made.
        Some(planned) => Some(Witnessed::begin(planned, &keys, random.as_ref(), clock.now())?),
        None => None,
    };
    fill_database(plan, &url, &owner.name, clock.now())?;
    if witnessed.is_none() {
        keys.generate(random.as_ref())?;
    }
    let readme = data.keys().join("README.md");
    fs::write(&readme, KEYS_README).map_err(|source| InitError::Io { path: readme, source })?;
    let registry = Registry {
        store: Store::open(&url, super::CONNECTIONS)?,
        host: plan.host.clone(),
        name: owner.name.clone(),
        clock,
        random,
        data: Some(data.clone()),
        witnesses: witnessed.as_ref().map(|witnessed| witnessed.witnesses.clone()),
    };
    let until = registry.clock.now() + TRUST_MONTHS;
    let policy = match &witnessed {
        Some(witnessed) => witnessed.policy.clone(),
        None => trust::policy(keys.log()?.verifier(), &[], 0),
    };
    trust::files(&keys, &plan.host, until, policy)?.write(&data.trust())?;
    begin(
        &registry,
        &keys,
        witnessed.as_ref().map(|witnessed| &witnessed.head),
    )?;
    let (witnesses, witnessing) = match &plan.witnesses {
        Some(planned) => (planned.addresses.clone(), planned.times),
        None => (Vec::new(), Witnessing::default()),
    };
    Settings {
        host: plan.host.as_str().to_owned(),
        name: owner.name.clone(),
        database,
        witnessing,
        witnesses,
    }
    .create(&data.settings())?;
    Ok(registry)
}

/// What a registry with witnesses has before anything else.
struct Witnessed {
    policy: String,
    witnesses: Arc<Witnesses>,
    /// The head of size 0 with their cosignatures.
    head: Note,
}

impl Witnessed {
    fn begin(
        planned: &WitnessPlan,
        keys: &KeyFolder,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Self, InitError> {
        if !keys.is_made() {
            keys.generate(random)?;
        }
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
        let policy = trust::policy(keys.log()?.verifier(), &known, planned.quorum);
        let parsed = Policy::parse(policy.as_bytes()).map_err(|source| WitnessError::Policy {
            path: "policy.txt".into(),
            source,
        })?;
        let witnesses =
            Witnesses::new(parsed, &planned.addresses, planned.times)?.ok_or(WitnessError::NoAddress)?;
        let head = witness::first_head(&witnesses, &publish::empty_head(keys)?, now)?;
        Ok(Self {
            policy,
            witnesses,
            head,
        })
    }
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
fn begin(registry: &Registry, keys: &KeyFolder, first: Option<&Note>) -> Result<(), InitError> {
    publish::begin_log(registry, first)?;
    let note = key_document(registry, keys)?;
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
    drop(publisher);
    witness::after_publishing(registry)?;
    Ok(())
}

/// The DID document with the issuer key, as a note signed by two of the three roots.
pub(super) fn key_document(registry: &Registry, keys: &KeyFolder) -> Result<String, InitError> {
    let issuer = keys.issuer()?;
    let key =
        VerifyingKey::from_bytes(&issuer.public_key()).map_err(|error| InitError::Key(error.to_string()))?;
    let method = did::Method {
        id: issuer.verification_method().to_owned(),
        key,
        expires: None,
        revoked: None,
    };
    let document = did::KeyDocument {
        host: registry.host.clone(),
        updated: registry.clock.now(),
        methods: vec![method],
    };
    let canonical = document.to_canonical()?;
    let mut note = Note::unsigned(&format!("{}\n", String::from_utf8_lossy(&canonical)))?;
    for n in 1..=THRESHOLD {
        keys.root(n)?.sign(&mut note)?;
    }
    Ok(note.to_string())
}
