//! Opening encrypted key files: who is asked for a passphrase, and what was opened once in this process.
//!
//! Passphrases come from the caller (a file, an inherited descriptor, a terminal), never from here. What was
//! opened stays in memory, wiped when the last registry over it goes, so that scrypt runs once a file.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::KeysError;
use super::pem::{self, PemError};

/// Somebody who knows passphrases.
pub trait AskPassphrase: Send + Sync {
    /// The passphrase of `file`.
    ///
    /// # Errors
    /// The system's, or that nobody can be asked.
    fn ask(&self, file: &Path) -> io::Result<Zeroizing<String>>;
}

/// What opens a registry's encrypted keys. The default opens none.
#[derive(Clone, Default)]
pub struct Unlock(Option<Arc<Inner>>);

struct Inner {
    ask: Box<dyn AskPassphrase>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The passphrase that opened a file, or that new files get.
    passphrase: Option<Zeroizing<String>>,
    /// Unencrypted PEM by encrypted PEM.
    opened: BTreeMap<String, Zeroizing<String>>,
}

impl Unlock {
    /// Asks when it must.
    #[must_use]
    pub fn asking(ask: Box<dyn AskPassphrase>) -> Self {
        Self(Some(Arc::new(Inner {
            ask,
            state: Mutex::default(),
        })))
    }

    /// Knows the passphrase; new keys are encrypted with it.
    #[must_use]
    pub fn with(passphrase: Zeroizing<String>) -> Self {
        let unlock = Self::asking(Box::new(Known(passphrase.clone())));
        if let Some(mut state) = unlock.state() {
            state.passphrase = Some(passphrase);
        }
        unlock
    }

    /// What new keys are encrypted with: what the keys that are here were encrypted with.
    pub(super) fn passphrase(&self) -> Option<Zeroizing<String>> {
        self.state().and_then(|state| state.passphrase.clone())
    }

    /// The unencrypted PEM of a file's text.
    ///
    /// # Errors
    /// [`KeysError::Locked`], [`KeysError::Passphrase`], [`KeysError::File`].
    pub(super) fn open(&self, file: &Path, pem: Zeroizing<String>) -> Result<Zeroizing<String>, KeysError> {
        if !pem::is_encrypted(&pem) {
            return Ok(pem);
        }
        let Some(inner) = &self.0 else {
            return Err(KeysError::Locked(file.into()));
        };
        // Held while somebody types: two threads must not ask for the same file.
        let mut state = inner.lock();
        if let Some(opened) = state.opened.get(pem.as_str()) {
            return Ok(opened.clone());
        }
        let held = state.passphrase.clone().map(|held| pem::open(&pem, &held));
        let opened = match held {
            Some(Ok(opened)) => opened,
            _ => {
                let asked = inner.ask.ask(file).map_err(|source| KeysError::Io {
                    path: file.into(),
                    source,
                })?;
                let opened = pem::open(&pem, &asked).map_err(|error| match error {
                    PemError::Passphrase => KeysError::Passphrase(file.into()),
                    PemError::Form | PemError::Encode => KeysError::encrypted_form(file),
                })?;
                state.passphrase = Some(asked);
                opened
            }
        };
        state.opened.insert(pem.to_string(), opened.clone());
        Ok(opened)
    }

    fn state(&self) -> Option<MutexGuard<'_, State>> {
        self.0.as_deref().map(Inner::lock)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A thread that died while it asked has left nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A passphrase that was given already.
struct Known(Zeroizing<String>);

impl AskPassphrase for Known {
    fn ask(&self, _: &Path) -> io::Result<Zeroizing<String>> {
        Ok(self.0.clone())
    }
}
