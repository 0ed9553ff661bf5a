//! The form on which an officer proposes a change of a published record.

use serde::Serialize;

use crate::domain::change::ChangeKind;
use crate::web::i18n::Lang;
use crate::web::pages::parts::{Badge, Fact, Notice};
use crate::web::render::{Page, Section};
use crate::web::words;

/// The form.
#[derive(Debug, Clone, Serialize)]
pub struct RecordChangePage {
    /// The employer's name.
    pub name: String,
    /// The employer's page.
    pub employer_url: String,
    /// What the record says.
    pub record: Badge,
    /// How it stands.
    pub state: Badge,
    /// The record in a few facts.
    pub facts: Vec<Fact>,
    /// Why the form was not taken.
    pub notice: Option<Notice>,
    /// Why there is no form: the viewer may not, or the record is past changing.
    pub why_not: Option<Notice>,
    /// Where it is posted.
    pub url: String,
    /// Token against forged requests.
    pub csrf: String,
    /// What can be proposed.
    pub kinds: Vec<KindChoice>,
    /// Reason as typed.
    pub reason: String,
    /// Document number as typed.
    pub document: String,
}

/// One kind of change.
#[derive(Debug, Clone, Serialize)]
pub struct KindChoice {
    value: &'static str,
    label: String,
    text: &'static str,
    chosen: bool,
}

impl KindChoice {
    /// These kinds, with what they do in words; `present` is chosen.
    #[must_use]
    pub fn of(lang: Lang, kinds: &[ChangeKind], present: &str) -> Vec<Self> {
        let texts = &lang.text().change;
        kinds
            .iter()
            .copied()
            .map(|kind| Self {
                value: kind.as_str(),
                label: words::change(lang, kind).to_owned(),
                text: match kind {
                    ChangeKind::Correction => texts.correction_text,
                    ChangeKind::Downgrade => texts.downgrade_text,
                    ChangeKind::Suspension => texts.suspension_text,
                    ChangeKind::Restoration => texts.restoration_text,
                },
                chosen: kind.as_str() == present,
            })
            .collect()
    }
}

impl Page for RecordChangePage {
    const TEMPLATE: &'static str = "record_change";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn section(&self) -> Section {
        Section::Office
    }
}
