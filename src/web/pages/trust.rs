//! Why a record can be believed: how it comes about, what each thief could do, who the registry is.

use serde::Serialize;

use crate::web::i18n::Lang;
use crate::web::pages::parts::Fact;
use crate::web::pages::verify::{TrustFacts, offline_commands};
use crate::web::render::{Page, Section};

/// The page about trust.
#[derive(Debug, Clone, Serialize)]
pub struct TrustPage {
    title: &'static str,
    /// Who the registry is, in words.
    pub identity: Vec<Fact>,
    /// Commands of the offline program.
    pub commands: Vec<String>,
}

impl TrustPage {
    /// The page of a registry with that trust.
    #[must_use]
    pub fn new(lang: Lang, trust: &TrustFacts<'_>) -> Self {
        Self {
            title: lang.text().trust.title,
            identity: trust.in_words(lang),
            commands: offline_commands(),
        }
    }
}

impl Page for TrustPage {
    const TEMPLATE: &'static str = "trust";

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn section(&self) -> Section {
        Section::Trust
    }
}
