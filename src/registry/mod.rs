//! The use cases, one file per procedure: each owns its transactions, its order of steps, its clock,
//! its signer. The web and the command line call the same ones.
//!
//! It refuses to render, to parse HTTP or to print: those are `web` and `cli`.

pub mod account;
pub mod archive;
pub mod assessment;
pub mod audit;
pub mod backup;
pub mod batch;
pub mod blacklist;
pub mod catch_up;
pub mod change;
pub mod check;
pub mod clock;
pub mod data_dir;
pub mod decision;
pub mod dump;
mod durable;
pub mod explain;
pub mod export;
pub mod freshness;
pub mod fsck;
pub mod high_water;
pub mod import;
pub mod init;
pub mod key_ceremony;
pub mod key_document;
pub mod key_list;
pub mod keys;
pub mod numbers;
pub mod origins;
pub mod partner;
pub mod publish;
pub mod random;
pub mod release;
pub mod roster;
pub mod session;
pub mod snapshot;
pub mod static_log;
pub mod succession;
pub mod tiles;
pub mod trust;
pub mod withdrawal;
pub mod witness;

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{FileError, Site};
use crate::record::credential::{Host, HostError};
use crate::store::{DatabaseUrl, Store, StoreError, UrlError, setting};
use crate::verify::Trust;

use self::clock::{Clock, SystemClock};
use self::data_dir::DataDir;
use self::keys::{KeyFolder, KeysError, Unlock};
use self::random::{Random, RandomError, SystemRandom};
use self::trust::{TrustError, TrustFiles};
use self::witness::{WitnessError, Witnesses};

/// One registry: its database, its name, its clock, and (on the machine that signs) its keys.
#[derive(Clone)]
pub struct Registry {
    /// The database.
    pub store: Store,
    /// The name under which its identifiers live.
    pub host: Host,
    /// The authority that runs it, as pages show.
    pub name: String,
    /// What the foot of every page says of who runs it; nothing where there is no settings file.
    pub site: Site,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The folder with the keys; without it the registry can be read but not added to.
    pub data: Option<DataDir>,
    /// Who must cosign before readers see anything; none where the policy demands none.
    pub witnesses: Option<Arc<Witnesses>>,
    /// What opens encrypted keys in that folder.
    pub unlock: Unlock,
}

/// Why a registry cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No registry was made in the folder.
    #[error("{0} holds no registry: make one with `chengxin init` or `chengxin demo`")]
    NotARegistry(PathBuf),
    /// The database holds none.
    #[error("the database {0} holds no registry: make one with `chengxin init --database-url …`")]
    EmptyDatabase(String),
    /// Settings.
    #[error(transparent)]
    Config(FileError),
    /// The database's URL.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The host's name.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Witnesses.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Database and folder are of different registries.
    #[error(
        "the folder is of the registry {folder}, the database of {database}: they do not belong together"
    )]
    Mismatch {
        /// HOST by the settings.
        folder: String,
        /// HOST by the database.
        database: String,
    },
    /// Its making was stopped.
    #[error(
        "the making of the registry in {0} was stopped before it was whole, and nothing serves it: \
         run the same `chengxin init` or `chengxin demo` again, and it goes on"
    )]
    Unfinished(String),
    /// The database's tables are older than this program.
    #[error("the database's tables are older than this program: run `chengxin migrate`")]
    Migrate,
}

/// Connections a registry keeps open: readers, the writer, and the second look.
const CONNECTIONS: u32 = 12;

impl Registry {
    /// Opens the registry in a folder, or in a database, or (both given) the folder's keys with that
    /// database.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(data: Option<&DataDir>, database: Option<&str>) -> Result<Self, OpenError> {
        let settings = data
            .filter(|data| data.is_registry() || database.is_none())
            .map(DataDir::read)
            .transpose()?;
        let url = match (database, &settings) {
            (Some(url), _) => DatabaseUrl::parse(url)?,
            (None, Some((_, url))) => url.clone(),
            (None, None) => return Err(OpenError::NotARegistry(PathBuf::from("."))),
        };
        if let DatabaseUrl::Sqlite(path) = &url
            && !path.exists()
        {
            return Err(OpenError::EmptyDatabase(url.to_string()));
        }
        let store = Store::open(&url, CONNECTIONS)?;
        let mut registry = Self::over(store, data.filter(|data| data.is_registry()).cloned())?;
        if let Some((settings, _)) = settings {
            if settings.host != registry.host.as_str() {
                return Err(OpenError::Mismatch {
                    folder: settings.host,
                    database: registry.host.as_str().to_owned(),
                });
            }
            if let Some(data) = &registry.data {
                registry.witnesses = Witnesses::load(&settings, &data.trust())?;
            }
            registry.site = settings.site;
        }
        Ok(registry)
    }

    fn over(store: Store, data: Option<DataDir>) -> Result<Self, OpenError> {
        let mut conn = store.conn()?;
        if crate::store::migrate::pending(&mut conn)? {
            return Err(OpenError::Migrate);
        }
        let empty = || OpenError::EmptyDatabase(store.url().to_string());
        let host = setting::get(&mut conn, "host")?.ok_or_else(empty)?;
        let name = setting::get(&mut conn, "name")?.ok_or_else(empty)?;
        if init::is_unfinished(&mut conn)? {
            return Err(OpenError::Unfinished(store.url().to_string()));
        }
        drop(conn);
        Ok(Self {
            store,
            host: Host::parse(&host)?,
            name,
            site: Site::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom::new()?),
            data,
            witnesses: None,
            unlock: Unlock::default(),
        })
    }

    /// The same registry, its encrypted keys opened by `unlock`.
    #[must_use]
    pub fn unlocked_by(self, unlock: Unlock) -> Self {
        Self { unlock, ..self }
    }

    /// The same registry under another clock, for a story told in order.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The trust folder in the registry's own, as verifiers read it: who the roots are, which keys the log has.
    ///
    /// # Errors
    /// [`TrustError`].
    pub fn trust(&self) -> Result<Trust, TrustError> {
        let folder = self.data.as_ref().map(DataDir::trust);
        TrustFiles::as_verifier(&folder.unwrap_or_else(|| PathBuf::from("trust")))
    }

    /// The folder of private keys.
    ///
    /// # Errors
    /// [`KeysError::Io`] when this machine has none.
    pub fn keys(&self) -> Result<KeyFolder, KeysError> {
        match &self.data {
            Some(data) => Ok(KeyFolder::new(&data.keys(), &self.host).unlocked_by(&self.unlock)),
            None => Err(KeysError::Io {
                path: PathBuf::from("keys"),
                source: std::io::Error::new(
                    std::io::ErrorKind::NotFound,
                    "this command signs: name the folder with the keys by --data DIR",
                ),
            }),
        }
    }
}
