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
    /// Every kind of change and every cause of a withdrawal, with what it does in words; `present` is chosen.
    #[must_use]
    pub fn all(lang: Lang, present: &str) -> Vec<Self> {
        let texts = &lang.text().change;
        ChangeKind::ALL
            .into_iter()
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
            .chain(causes(lang, present))
            .collect()
    }
}

/// The causes that two persons decide; the name of one is never that of a kind of change alone.
fn causes(lang: Lang, present: &str) -> impl Iterator<Item = KindChoice> {
    Cause::ALL
        .into_iter()
        .filter(|cause| cause.is_decided())
        .map(move |cause| KindChoice {
            value: withdrawal(cause),
            label: words::cause(lang, cause).to_owned(),
            text: lang.text().change.withdrawal_text,
            chosen: withdrawal(cause) == present,
        })
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
