//! Where randomness comes from: passed in.

use std::sync::Mutex;

use rand::rngs::SysRng;
use rand::{Rng, SeedableRng, TryRng};
use rand_chacha::ChaCha20Rng;

/// A cryptographic source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// [`RandomError`] when the source fails; nothing may be signed or issued then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The source of randomness failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system's source of randomness failed: {0}")]
pub struct RandomError(pub String);

/// The operating system's source, behind a generator that is seeded from it once.
pub struct SystemRandom(Mutex<ChaCha20Rng>);

impl SystemRandom {
    /// Seeds the generator.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no bytes.
    pub fn new() -> Result<Self, RandomError> {
        let mut seed = [0_u8; 32];
        SysRng
            .try_fill_bytes(&mut seed)
            .map_err(|error| RandomError(error.to_string()))?;
        Ok(Self(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let mut generator = self.0.lock().map_err(|error| RandomError(error.to_string()))?;
        generator.fill_bytes(bytes);
        Ok(())
    }
}
