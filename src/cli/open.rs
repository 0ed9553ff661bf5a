//! Which registry a command means: `--data DIR`, `--database-url URL`, or both.

use std::path::PathBuf;

use clap::Args;

use super::passphrase::Passphrase;
use crate::registry::Registry;
use crate::registry::data_dir::DataDir;

/// Names a registry.
#[derive(Debug, Clone, Args)]
pub(super) struct Where {
    /// Folder of the registry: settings, keys, and (with SQLite) the database
    #[arg(long, value_name = "DIR", default_value = "./chengxin-data")]
    pub(super) data: PathBuf,
    /// Database instead of the one in the folder's settings: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL")]
    pub(super) database_url: Option<String>,
    #[command(flatten)]
    pub(super) passphrase: Passphrase,
}

impl Where {
    /// The folder.
    pub(super) fn folder(&self) -> DataDir {
        DataDir::new(&self.data)
    }

    /// Opens the registry.
    pub(super) fn open(&self) -> Result<Registry, Box<dyn std::error::Error>> {
        let registry = Registry::open(Some(&self.folder()), self.database_url.as_deref())?;
        Ok(registry.unlocked_by(self.passphrase.unlock()?))
    }
}
