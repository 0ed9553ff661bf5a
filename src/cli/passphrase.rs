//! Where passphrases come from: a file, an inherited file descriptor, a terminal. Never an argument, which
//! every process can read, and never the environment.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use console::Term;
use zeroize::Zeroizing;

use super::terminal::warn;
use crate::registry::keys::{AskPassphrase, Unlock};

/// Shortest passphrase for a new file, in characters.
const SHORTEST: usize = 8;

/// How encrypted keys are opened.
#[derive(Debug, Clone, Default, Args)]
#[group(skip)]
pub(super) struct Passphrase {
    /// File with the passphrase of the encrypted keys (mode 0600; its last newline does not count)
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_fd")]
    passphrase_file: Option<PathBuf>,
    /// Inherited file descriptor from which the passphrase is read
    #[arg(long, value_name = "N")]
    passphrase_fd: Option<u32>,
}

/// Whether new keys are encrypted.
#[derive(Debug, Clone, Args)]
pub(super) struct Sealing {
    /// Encrypt the new keys (PKCS#8, scrypt, AES-256); asks for a passphrase unless one is given
    #[arg(long)]
    encrypt: bool,
}

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub(super) enum PassphraseError {
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{0} 可被他人读取，请执行 chmod 600 / {0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    #[error("口令为空 / the passphrase is empty")]
    Empty,
    #[error("新口令至少 {SHORTEST} 个字符 / a new passphrase has at least {SHORTEST} characters")]
    Short,
    #[error("两次输入的口令不同，未作任何改动 / the two passphrases differ; nothing was changed")]
    Differ,
}

impl Passphrase {
    /// What opens the keys: what was given, else whoever sits at the terminal.
    pub(super) fn unlock(&self) -> Result<Unlock, PassphraseError> {
        Ok(match self.given()? {
            Some(passphrase) => Unlock::asking(Box::new(Given(passphrase))),
            None if Term::stderr().is_term() => Unlock::asking(Box::new(Prompt)),
            None => Unlock::default(),
        })
    }

    /// The passphrase by file or descriptor.
    fn given(&self) -> Result<Option<Zeroizing<String>>, PassphraseError> {
        match (&self.passphrase_file, self.passphrase_fd) {
            (Some(file), _) => read_file(file).map(Some),
            (None, Some(fd)) => read(&PathBuf::from(format!("/dev/fd/{fd}"))).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl Sealing {
    /// What a new registry's keys are encrypted and opened with; nothing unless asked for.
    pub(super) fn unlock(&self, passphrase: &Passphrase) -> Result<Unlock, PassphraseError> {
        match self.encrypt {
            false => passphrase.unlock(),
            true => Ok(Unlock::with(match passphrase.given()? {
                Some(given) => long_enough(given)?,
                None => new_from_terminal()?,
            })),
        }
    }
}

/// A new passphrase, from a file or typed twice.
pub(super) fn new(file: Option<&Path>) -> Result<Zeroizing<String>, PassphraseError> {
    match file {
        Some(file) => long_enough(read_file(file)?),
        None => new_from_terminal(),
    }
}

fn read_file(file: &Path) -> Result<Zeroizing<String>, PassphraseError> {
    let io = |source| PassphraseError::Io {
        path: file.into(),
        source,
    };
    if fs::metadata(file).map_err(io)?.permissions().mode() & 0o077 != 0 {
        return Err(PassphraseError::Exposed(file.into()));
    }
    read(file)
}

fn read(path: &Path) -> Result<Zeroizing<String>, PassphraseError> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|source| PassphraseError::Io {
        path: path.into(),
        source,
    })?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    match line.strip_suffix('\r').unwrap_or(line) {
        "" => Err(PassphraseError::Empty),
        passphrase => Ok(Zeroizing::new(passphrase.to_owned())),
    }
}

fn new_from_terminal() -> Result<Zeroizing<String>, PassphraseError> {
    let ask = |words: &str| {
        type_in(words).map_err(|source| PassphraseError::Io {
            path: "terminal".into(),
            source,
        })
    };
    let passphrase = long_enough(ask("新口令 / new passphrase: ")?)?;
    match ask("再输一次 / once more: ")? == passphrase {
        true => Ok(passphrase),
        false => Err(PassphraseError::Differ),
    }
}

fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, PassphraseError> {
    match passphrase.chars().count() >= SHORTEST {
        true => Ok(passphrase),
        false => Err(PassphraseError::Short),
    }
}

fn type_in(words: &str) -> io::Result<Zeroizing<String>> {
    let term = Term::stderr();
    if !term.is_term() {
        return Err(io::Error::new(
            io::ErrorKind::NotConnected,
            "no terminal to ask at: give --passphrase-file FILE or --passphrase-fd N",
        ));
    }
    term.write_str(words)?;
    term.read_secure_line().map(Zeroizing::new)
}

/// Given already.
struct Given(Zeroizing<String>);

impl AskPassphrase for Given {
    fn ask(&self, _: &Path) -> io::Result<Zeroizing<String>> {
        Ok(self.0.clone())
    }
}

/// Asks at the terminal.
struct Prompt;

impl AskPassphrase for Prompt {
    fn ask(&self, file: &Path) -> io::Result<Zeroizing<String>> {
        warn(format_args!("{} 已加密 / is encrypted", file.display()));
        type_in("口令 / passphrase: ")
    }
}
