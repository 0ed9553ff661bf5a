//! The form on which an officer proposes a change of a published record.

use serde::Serialize;

use crate::domain::change::ChangeKind;
use crate::domain::withdrawal::Cause;
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

/// What can be proposed about a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// Kinds of change.
    pub kinds: Vec<ChangeKind>,
    /// Causes of a withdrawal that two persons decide.
    pub causes: Vec<Cause>,
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
    /// What is offered, with what it does in words; `present` is chosen.
    #[must_use]
    pub fn of(lang: Lang, offered: &Offered, present: &str) -> Vec<Self> {
        let texts = &lang.text().change;
        offered
            .kinds
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
            .chain(
                offered
                    .causes
                    .iter()
                    .map(|cause| Self::cause(lang, *cause, present)),
            )
            .collect()
    }

    /// A withdrawal; its name is never that of a kind of change alone.
    fn cause(lang: Lang, cause: Cause, present: &str) -> Self {
        Self {
            value: withdrawal(cause),
            label: words::cause(lang, cause).to_owned(),
            text: lang.text().change.withdrawal_text,
            chosen: withdrawal(cause) == present,
        }
    }
}

/// The value by which the form names a withdrawal.
#[must_use]
pub const fn withdrawal(cause: Cause) -> &'static str {
    match cause {
        Cause::Expiry => "withdraw-expiry",
        Cause::EarlyRemoval => "withdraw-early-removal",
        Cause::OrderRevoked => "withdraw-order-revoked",
        Cause::Correction => "withdraw-correction",
        Cause::Court => "withdraw-court",
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
