//! Which registry a command means: `--data DIR`, `--database-url URL`, or both.

use std::path::PathBuf;

use clap::Args;

use super::passphrase::Passphrase;
use crate::domain::code::UnifiedCode;
use crate::registry::Registry;
use crate::registry::data_dir::DataDir;
use crate::registry::import::Fault;
use crate::store::{DatabaseUrl, UrlError};

/// Names a registry.
#[derive(Debug, Clone, Args)]
pub(super) struct Where {
    /// Folder of the registry: settings, keys, and (with SQLite) the database
    #[arg(long, value_name = "DIR", default_value = "./chengxin-data")]
    pub(super) data: PathBuf,
    /// Database instead of the one in the folder's settings: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", value_parser = database_url)]
    pub(super) database_url: Option<String>,
    #[command(flatten)]
    pub(super) passphrase: Passphrase,
}

/// A database URL as it stands, once its scheme is one of ours.
pub(super) fn database_url(text: &str) -> Result<String, UrlError> {
    DatabaseUrl::parse(text).map(|_| text.to_owned())
}

/// A unified code whose form and check characters are right, tidied as imports do: letters of either case, full
/// width, spaces around it.
pub(super) fn code(text: &str) -> Result<UnifiedCode, String> {
    UnifiedCode::parse(&UnifiedCode::tidy(text)).map_err(|error| {
        let reason = Fault::from(error).reason;
        let (zh, en) = ("请对照营业执照核对", "compare it with the licence");
        format!("{}，{zh} / {}; {en}", reason.zh, reason.en)
    })
}

/// `HOST:PORT` to listen on. Whether it can be bound is seen later.
pub(super) fn listen(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    match parts.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => Ok(text.to_owned()),
        _ => Err("应为 地址:端口 / must be HOST:PORT, such as 127.0.0.1:8080".into()),
    }
}

impl Where {
    /// The folder.
    pub(super) fn folder(&self) -> DataDir {
        DataDir::new(&self.data)
    }

    /// Opens the registry.
    pub(super) fn open(&self) -> Result<Registry, Box<dyn std::error::Error>> {
        let registry = Registry::open(Some(&self.folder()), self.database_url.as_deref())?;
        Ok(clocked(registry.unlocked_by(self.passphrase.unlock()?))?)
    }
}

/// By the machine's clock; in a test build by another, so that a term of three years can run.
#[cfg_attr(
    not(feature = "failpoints"),
    expect(clippy::unnecessary_wraps, reason = "a test build can fail")
)]
fn clocked(registry: Registry) -> Result<Registry, chrono::ParseError> {
    #[cfg(feature = "failpoints")]
    if let Ok(now) = std::env::var("CHENGXIN_NOW") {
        let clock = crate::registry::clock::StoryClock::starting(now.parse()?);
        return Ok(Registry {
            clock: std::sync::Arc::new(clock),
            ..registry
        });
    }
    Ok(registry)
}
