//! The officers' first page: batches that await approval, and those already decided.

use serde::Serialize;

use crate::web::i18n::{Lang, fill};
use crate::web::pages::parts::{Badge, Figure};
use crate::web::render::{Page, Section};

/// The officers' first page.
#[derive(Debug, Clone, Serialize)]
pub struct OfficerHomePage {
    title: &'static str,
    greeting: String,
    /// A few figures.
    pub figures: Vec<Figure>,
    /// Batches that await approval in the viewer's jurisdiction.
    pub pending: Vec<BatchRow>,
    /// Batches already decided, newest first.
    pub decided: Vec<BatchRow>,
}

/// One batch in a list.
#[derive(Debug, Clone, Serialize)]
pub struct BatchRow {
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Deciding authority.
    pub authority: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When, in words.
    pub proposed_on: String,
    /// Number of employers, grouped.
    pub items: String,
    /// Totals by grade.
    pub totals: Vec<Badge>,
    /// State.
    pub state: Badge,
    /// What comes next, and by whom.
    pub next: String,
}

impl OfficerHomePage {
    /// The page of an officer: authority, name and role in words.
    #[must_use]
    pub fn new(lang: Lang, authority: &str, name: &str, role: &str) -> Self {
        let words = &lang.text().office;
        let values = [("authority", authority), ("name", name), ("role", role)];
        Self {
            title: words.title,
            greeting: fill(words.greeting, &values),
            figures: Vec::new(),
            pending: Vec::new(),
            decided: Vec::new(),
        }
    }
}

impl Page for OfficerHomePage {
    const TEMPLATE: &'static str = "officer_home";

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn section(&self) -> Section {
        Section::Office
    }
}
