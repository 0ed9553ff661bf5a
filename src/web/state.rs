//! What every handler is given.

use std::sync::Mutex;

use crate::registry::Registry;
use crate::registry::dump::Watch;

use super::growth::Growth;
use super::rate::Limiter;
use super::render::Renderer;

/// The running application.
pub struct App {
    /// The registry.
    pub registry: Registry,
    /// Compiled templates and assets.
    pub renderer: Renderer,
    /// Whether this is a demonstration, which every page says.
    pub demo: bool,
    /// Whether a proxy in front of the server is believed about scheme and address.
    pub trusted_proxy: bool,
    /// How often whom.
    pub limiter: Limiter,
    /// What is known of withdrawals since the newest dumps.
    pub dumps: Watch,
    /// Who waits for the log to grow.
    pub growth: Growth,
    /// Figures of the front page, by the size of the log that they were counted in.
    pub figures: Mutex<Option<Figures>>,
}

/// Counts that change only when the log grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Size of the log.
    pub size: i64,
    /// Year of the grades.
    pub year: i64,
    /// Public grades A of that year.
    pub grade_a: u64,
    /// Public listings.
    pub listed: u64,
}

impl App {
    /// An application over a registry, with fresh limits and no trusted proxy.
    #[must_use]
    pub fn new(registry: Registry, renderer: Renderer, demo: bool) -> Self {
        Self {
            registry,
            renderer,
            demo,
            trusted_proxy: false,
            limiter: Limiter::default(),
            growth: Growth::default(),
            dumps: Watch::default(),
            figures: Mutex::new(None),
        }
    }
}
