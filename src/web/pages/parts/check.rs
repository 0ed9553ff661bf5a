//! What was checked, a line each: an axis of a verdict, a rule of a trace.

use serde::Serialize;

use crate::web::i18n::{Lang, fill};

use super::Tone;

/// One axis of a verdict, as the server found it.
#[derive(Debug, Clone, Serialize)]
pub struct AxisRow {
    /// Colour.
    pub tone: Tone,
    /// Symbol.
    pub icon: &'static str,
    /// Name of the axis.
    pub name: String,
    /// The state in words.
    pub state: String,
    /// One line of detail.
    pub detail: String,
}

impl AxisRow {
    /// A row of that tone.
    pub fn new(tone: Tone, name: &str, state: &str, detail: impl Into<String>) -> Self {
        let icon = if tone == Tone::Warn {
            "question"
        } else {
            tone.icon()
        };
        Self {
            tone,
            icon,
            name: name.to_owned(),
            state: state.to_owned(),
            detail: detail.into(),
        }
    }
}

/// One rule of a trace with its outcome.
#[derive(Debug, Clone, Serialize)]
pub struct TraceRow {
    /// Colour: the grade's where the rule is met and decides, none otherwise.
    pub tone: Tone,
    /// Symbol.
    pub icon: &'static str,
    /// Rule id, such as `C2`.
    pub rule: String,
    /// What the rule says.
    pub text: String,
    /// Met, not met or undetermined, in words.
    pub outcome: String,
    /// Deciding evidence, in words; empty where there is none.
    pub evidence: String,
    /// Source of the rule; may be empty.
    pub source: String,
}

/// How a rule came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOutcome {
    /// Its condition holds.
    Met,
    /// It does not.
    NotMet,
    /// Facts are missing.
    Undetermined,
    /// Its condition holds, but one of the worse grade named takes its place.
    Superseded(char),
}

impl TraceRow {
    /// A row of the trace of a rule that leads to the grade `letter`.
    #[must_use]
    pub fn new(lang: Lang, rule: &str, letter: char, text: &str, outcome: RuleOutcome) -> Self {
        let words = &lang.text().item;
        let superseded;
        let (tone, icon, outcome) = match outcome {
            RuleOutcome::Met => (Tone::of_grade(letter), "check", words.met),
            RuleOutcome::NotMet => (Tone::None, "dash", words.not_met),
            RuleOutcome::Undetermined => (Tone::Warn, "question", words.undetermined),
            RuleOutcome::Superseded(by) => {
                superseded = fill(words.superseded, &[("grade", &by.to_string())]);
                (Tone::None, "dash", superseded.as_str())
            }
        };
        Self {
            tone,
            icon,
            rule: rule.to_owned(),
            text: text.to_owned(),
            outcome: outcome.to_owned(),
            evidence: String::new(),
            source: String::new(),
        }
    }

    /// Names the deciding evidence.
    #[must_use]
    pub fn with_evidence(mut self, lang: Lang, ids: &[&str]) -> Self {
        if !ids.is_empty() {
            let ids = ids.join(lang.list_separator());
            self.evidence = fill(lang.text().item.deciding, &[("ids", &ids)]);
        }
        self
    }

    /// Says what more is to be known about the outcome, after the evidence.
    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        if !self.evidence.is_empty() {
            self.evidence.push_str(" · ");
        }
        self.evidence.push_str(note);
        self
    }

    /// Names the rule's source.
    #[must_use]
    pub fn with_source(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }
}
