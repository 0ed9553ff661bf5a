//! What every handler is given.

use crate::registry::Registry;

use super::render::Renderer;

/// The running application.
pub struct App {
    /// The registry.
    pub registry: Registry,
    /// Compiled templates and assets.
    pub renderer: Renderer,
    /// Whether this is a demonstration, which every page says.
    pub demo: bool,
}
