//! One item of a batch: the proposed grade, rule by rule, with the evidence.

use serde::Serialize;

use crate::web::i18n::{Lang, fill};
use crate::web::pages::parts::{Badge, Fact, GradeMark, Notice, Tone, TraceRow};
use crate::web::render::{Page, Section};

/// The trace of one proposed grade.
#[derive(Debug, Clone, Serialize)]
pub struct BatchItemPage {
    /// Page of the batch.
    pub batch_url: String,
    /// Title of the batch.
    pub batch_title: String,
    /// Employer's name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Proposed grade; none of a listing, which is no grade.
    pub grade: Option<GradeMark>,
    /// Year and the like.
    pub badges: Vec<Badge>,
    /// The conclusion in one sentence.
    pub conclusion: Notice,
    /// How the trace came about.
    pub trace_note: &'static str,
    /// Rule by rule.
    pub trace: Vec<TraceRow>,
    /// Said where there is no evidence.
    pub no_evidence: &'static str,
    /// Evidence of the period.
    pub evidence: Vec<EvidenceRow>,
    /// Type, division, industry.
    pub facts: Vec<Fact>,
    /// Page of the item before.
    pub previous: Option<String>,
    /// Page of the next item.
    pub next: Option<String>,
}

/// One piece of evidence.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceRow {
    /// Its number.
    pub id: String,
    /// Kind in words.
    pub kind: String,
    /// What it concerned.
    pub matter: String,
    /// Day on which it happened.
    pub occurred_on: String,
    /// Document number; a dash where there is none.
    pub document: String,
}

/// The conclusion: the grade `letter`, and the rules that it rests on.
#[must_use]
pub fn conclusion(lang: Lang, letter: char, rules: &[&str]) -> Notice {
    let words = &lang.text().item;
    let title = fill(words.computed, &[("letter", &letter.to_string())]);
    let rules = rules.join(lang.list_separator());
    Notice::new(
        Tone::of_grade(letter),
        title,
        fill(words.computed_text, &[("rules", &rules)]),
    )
}

/// The conclusion of a listing: the limbs that it rests on.
#[must_use]
pub fn listing_conclusion(lang: Lang, limbs: &[&str]) -> Notice {
    let words = &lang.text().item;
    let limbs = limbs.join(lang.list_separator());
    Notice::new(
        Tone::Bad,
        words.listing,
        fill(words.listing_text, &[("rules", &limbs)]),
    )
}

impl Page for BatchItemPage {
    const TEMPLATE: &'static str = "batch_item";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn section(&self) -> Section {
        Section::Office
    }
}
