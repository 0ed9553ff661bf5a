//! `chengxin keys`: key files, the ceremony around key documents, the trust folder. keys/README.md tells in
//! which order.

mod print;
mod succeed;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Months, TimeDelta, Utc};
use clap::{Args, Subcommand};

use super::open::Where;
use super::passphrase::{self, Passphrase, Sealing};
use super::publish::{stops, tell_standing};
use super::terminal::{Outcome, say};
use crate::record::credential::Host;
use crate::registry::key_ceremony::{self, Document, Prepared};
use crate::registry::key_document::{Change, SPEAKS};
use crate::registry::key_list;
use crate::registry::keys::{self, KeyFolder, NoteSigner};
use crate::registry::random::SystemRandom;
use crate::registry::trust::TrustFiles;
use crate::verify::Succession;

/// What to do about keys.
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make root, issuer and log keys in a folder; never overwrites
    Generate {
        /// The folder
        folder: PathBuf,
        /// DNS name of the registry that will use them
        #[arg(long)]
        host: Host,
        #[command(flatten)]
        sealing: Sealing,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// All keys and their states
    List {
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Encrypt a key file, or change its passphrase
    Passphrase {
        /// The private key, e.g. root-1.pem
        file: PathBuf,
        #[command(flatten)]
        old: Passphrase,
        /// File with the new passphrase; otherwise it is asked for
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Prepare the next key document for the roots' holders: nothing changes but its time
    Document(Preparing),
    /// Make a new issuer key and prepare the key document that adds it; the old one goes on until that is published
    Rotate(Preparing),
    /// Prepare the end of an issuer key at a time to come; what it signed before holds
    Retire {
        /// Its DID URL, or what follows the #
        method: String,
        /// When it ends, RFC 3339
        #[arg(long, value_name = "TIME")]
        at: DateTime<Utc>,
        #[command(flatten)]
        preparing: Preparing,
    },
    /// Prepare the revocation of a stolen issuer key: what was logged before TIME holds, the rest does not
    Revoke {
        /// Its DID URL, or what follows the #
        method: String,
        /// Since when it is not believed, RFC 3339
        #[arg(long, value_name = "TIME")]
        since: DateTime<Utc>,
        #[command(flatten)]
        preparing: Preparing,
    },
    /// After the theft of the log key: freeze the log at its last served head, make a key for the log that goes on, and prepare the document that names both
    Succeed {
        #[command(flatten)]
        registry: Where,
        /// The file to write, for the roots' holders to sign; an existing one is replaced
        #[arg(long, value_name = "FILE")]
        prepare: PathBuf,
    },
    /// Sign a prepared document with one root key; on the offline machine, without a registry
    Sign {
        /// The prepared document; the signature is added to it
        file: PathBuf,
        /// The root key, e.g. root-1.pem: the file's name says which root it is
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Check a signed document (two of three roots, nothing taken back) and log it; its key signs from then on
    Publish {
        /// The signed document
        file: PathBuf,
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Make a second log key, which signs every head beside the first; --finish ends that
    RotateLog {
        #[command(flatten)]
        registry: Where,
        /// End the overlap: the older key signs no more
        #[arg(long)]
        finish: bool,
    },
    /// Write the trust folder that verifiers are handed
    ExportTrust {
        #[command(flatten)]
        registry: Where,
        /// The folder to write
        #[arg(short, long, value_name = "DIR")]
        output: PathBuf,
        /// Until when it may be used, RFC 3339; otherwise five years from now
        #[arg(long, value_name = "TIME")]
        valid_until: Option<DateTime<Utc>>,
    },
}

/// Where a prepared document goes, and for how long it is to speak.
#[derive(Debug, Args)]
pub(super) struct Preparing {
    #[command(flatten)]
    registry: Where,
    /// The file to write, for the roots' holders to sign; an existing one is replaced
    #[arg(long, value_name = "FILE")]
    prepare: PathBuf,
    /// Days until the next document is due, 1 to 35
    #[arg(long, value_name = "DAYS", default_value_t = SPEAKS.num_days(), value_parser = clap::value_parser!(i64).range(1..=35))]
    days: i64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Why a command about keys cannot be run.
#[derive(Debug, thiserror::Error)]
enum KeysCommandError {
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    #[error(
        "{0} 的文件名不是 root-1.pem … root-3.pem，无法知道是哪一把根密钥 / is not named root-1.pem … root-3.pem, which says whose root it is"
    )]
    RootName(PathBuf),
}

/// Runs the command.
pub(super) fn run(command: &KeysCommand) -> Outcome {
    match command {
        KeysCommand::Generate {
            folder,
            host,
            sealing,
            passphrase,
        } => generate(folder, host, sealing, passphrase),
        KeysCommand::List { registry, json } => {
            let keys = key_list::list(&registry.open()?)?;
            match json {
                true => say(serde_json::to_string(&keys)?),
                false => print::list(&keys),
            }
            Ok(0)
        }
        KeysCommand::Passphrase {
            file,
            old,
            new_passphrase_file,
        } => change_passphrase(file, old, new_passphrase_file.as_deref()),
        KeysCommand::Document(preparing) => {
            preparing.run(|registry, speaks| key_ceremony::prepare(registry, &[Change::Refresh], speaks))
        }
        KeysCommand::Rotate(preparing) => {
            preparing.run(|registry, speaks| key_ceremony::rotate(registry, &[], speaks))
        }
        KeysCommand::Retire {
            method,
            at,
            preparing,
        } => preparing.run(|registry, speaks| key_ceremony::retire(registry, method, *at, speaks)),
        KeysCommand::Revoke {
            method,
            since,
            preparing,
        } => preparing.run(|registry, speaks| key_ceremony::revoke(registry, method, *since, speaks)),
        KeysCommand::Sign {
            file,
            root,
            passphrase,
        } => sign(file, root, passphrase),
        KeysCommand::Publish { file, registry, json } => publish(file, registry, *json),
        KeysCommand::Succeed { registry, prepare } => succeed::prepare(registry, prepare),
        KeysCommand::RotateLog { registry, finish } => rotate_log(registry, *finish),
        KeysCommand::ExportTrust {
            registry,
            output,
            valid_until,
        } => export_trust(registry, output, *valid_until),
    }
}

fn generate(folder: &Path, host: &Host, sealing: &Sealing, passphrase: &Passphrase) -> Outcome {
    let keys = KeyFolder::new(folder, host).unlocked_by(&sealing.unlock(passphrase)?);
    keys.generate(&SystemRandom::new()?)?;
    say(format_args!("密钥已写入 / keys are in {}", folder.display()));
    say(format_args!("日志公钥 / log key  {}", keys.log()?.verifier()));
    Ok(0)
}

fn change_passphrase(file: &Path, old: &Passphrase, new: Option<&Path>) -> Outcome {
    let unlock = old.unlock()?;
    // First the old one: nobody should think up a new passphrase for a file that does not open.
    keys::opens(file, &unlock)?;
    let new = passphrase::new(new)?;
    keys::change_passphrase(file, &unlock, &new, &SystemRandom::new()?)?;
    say(format_args!(
        "已用新口令加密 / encrypted with the new passphrase: {}",
        file.display()
    ));
    Ok(0)
}

impl Preparing {
    fn run(
        &self,
        prepare: impl FnOnce(
            &crate::registry::Registry,
            TimeDelta,
        ) -> Result<Prepared, key_ceremony::CeremonyError>,
    ) -> Outcome {
        let registry = self.registry.open()?;
        let prepared = prepare(&registry, TimeDelta::days(self.days))?;
        replace(&self.prepare, &prepared.note)?;
        match self.json {
            true => say(print::prepared_json(&prepared, &self.prepare)),
            false => print::prepared(&prepared, &self.prepare),
        }
        Ok(0)
    }
}

fn sign(file: &Path, root: &Path, passphrase: &Passphrase) -> Outcome {
    let prepared = fs::read(file).map_err(|error| KeysCommandError::File(file.into(), error))?;
    let name = root.file_stem().and_then(|name| name.to_str());
    let name = name.filter(|name| {
        name.strip_prefix("root-")
            .is_some_and(|n| n.parse::<u8>().is_ok())
    });
    let name = name.ok_or_else(|| KeysCommandError::RootName(root.into()))?;
    let host = key_ceremony::host_of(&prepared)?;
    let signer = keys::read_private(root, &format!("{host}/{name}"), &passphrase.unlock()?)?;
    let (signed, document) = key_ceremony::sign(&prepared, &NoteSigner::new(signer)?)?;
    replace(file, &signed)?;
    match &document {
        Document::Keys(document) => print::document(document),
        Document::Succession(document) => print::succession(document),
    }
    say(format_args!(
        "已由 {name} 签名 / signed by {name}: {}",
        file.display()
    ));
    Ok(0)
}

fn publish(file: &Path, registry: &Where, json: bool) -> Outcome {
    let note = fs::read(file).map_err(|error| KeysCommandError::File(file.into(), error))?;
    if let Some(note) = str::from_utf8(&note).ok().filter(|_| Succession::is_note(&note)) {
        return succeed::publish(note, registry, json);
    }
    let registry = registry.open()?;
    let published = key_ceremony::publish(&registry, &note, stops().as_ref())?;
    match json {
        true => say(serde_json::to_string(&published)?),
        false => {
            say(format_args!(
                "已载入日志，位置 {0} / logged at index {0}",
                published.index
            ));
            say(format_args!("现由此密钥签名 / signing now: {}", published.signer));
            tell_standing(&registry)?;
        }
    }
    Ok(0)
}

fn rotate_log(registry: &Where, finish: bool) -> Outcome {
    let opened = registry.open()?;
    if finish {
        let retired = key_ceremony::end_overlap(&opened, stops().as_ref())?;
        say(format_args!(
            "旧日志密钥已停用，请销毁 / the old log key signs no more; destroy it: {}",
            retired.display()
        ));
        return Ok(0);
    }
    let key = key_ceremony::overlap_log(&opened, stops().as_ref())?;
    say(format_args!("新日志密钥 / new log key  {key}"));
    say(
        "两把密钥同时签名。请把新信任目录交给核验方和见证人，然后 --finish / both keys sign; hand verifiers and witnesses the new key, then run it again with --finish",
    );
    Ok(0)
}

fn export_trust(registry: &Where, output: &Path, valid_until: Option<DateTime<Utc>>) -> Outcome {
    let opened = registry.open()?;
    let now = opened.clock.now();
    let until = valid_until.unwrap_or(now + Months::new(60));
    let log = opened.keys()?.log()?.verifiers();
    let own = registry.folder().trust();
    TrustFiles::exported(&own, &log, until, now)?.write(output)?;
    say(format_args!("信任目录 / trust folder  {}", output.display()));
    say(format_args!(
        "有效至 / valid until  {}",
        until.format("%Y-%m-%dT%H:%M:%SZ")
    ));
    Ok(0)
}

/// Writes a file in one step.
fn replace(file: &Path, text: &str) -> Result<(), KeysCommandError> {
    let mut temporary = file.as_os_str().to_owned();
    temporary.push(".new");
    fs::write(&temporary, text)
        .and_then(|()| fs::rename(&temporary, file))
        .map_err(|error| KeysCommandError::File(file.into(), error))
}
