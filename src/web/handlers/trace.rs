//! Rows of a trace, from the stored trace of a decision.

use crate::domain::blacklist::{LimbFinding, LimbOutcome, Trigger};
use crate::domain::grade::{Assessment, Grade, RuleOutcome as Outcome, RuleTrace};
use crate::domain::ruleset::RuleSet;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::parts::{RuleOutcome, TraceRow};
use crate::web::words;

/// Every rule of a grade.
#[must_use]
pub fn of_grade(lang: Lang, assessment: &Assessment) -> Vec<TraceRow> {
    let by = letter(assessment.grade);
    assessment
        .trace
        .iter()
        .map(|rule| of_rule(lang, rule, by))
        .collect()
}

fn letter(grade: Grade) -> char {
    match grade {
        Grade::A => 'A',
        Grade::B => 'B',
        Grade::C => 'C',
    }
}

/// A rule of an assessment that came to the grade `by`.
fn of_rule(lang: Lang, rule: &RuleTrace, by: char) -> TraceRow {
    let item = &lang.text().item;
    let (text, basis) = match lang {
        Lang::Chinese => (&rule.text_zh, &rule.basis_zh),
        Lang::English => (&rule.text_en, &rule.basis_en),
    };
    let outcome = match rule.outcome {
        Outcome::Met => RuleOutcome::Met,
        Outcome::NotMet => RuleOutcome::NotMet,
        Outcome::Undetermined => RuleOutcome::Undetermined,
        Outcome::Superseded => RuleOutcome::Superseded(by),
    };
    let ids: Vec<&str> = rule.evidence.iter().map(|id| id.as_str()).collect();
    let mut row = TraceRow::new(lang, &rule.rule, letter(rule.grade), text, outcome).with_source(basis);
    // What did not suffice decides nothing: it is counted, not cited.
    if outcome != RuleOutcome::NotMet {
        row = row.with_evidence(lang, &ids);
    }
    if let (Some(found), Some(needed), false) = (rule.found, rule.needed, ids.is_empty()) {
        let (found, needed) = (found.to_string(), needed.to_string());
        row = row.with_note(&fill(item.counted, &[("found", &found), ("needed", &needed)]));
    }
    missing(lang, row, &rule.missing)
}

/// Every limb of a listing's trigger.
#[must_use]
pub fn of_trigger(lang: Lang, rule_set: &RuleSet, trigger: &Trigger) -> Vec<TraceRow> {
    trigger
        .limbs
        .iter()
        .map(|limb| of_limb(lang, rule_set, limb))
        .collect()
}

fn of_limb(lang: Lang, rule_set: &RuleSet, limb: &LimbFinding) -> TraceRow {
    let text = match lang {
        Lang::Chinese => &limb.text_zh,
        Lang::English => &limb.text_en,
    };
    let (outcome, lacks) = match &limb.outcome {
        LimbOutcome::Met {} => (RuleOutcome::Met, Vec::new()),
        LimbOutcome::NotMet {} => (RuleOutcome::NotMet, Vec::new()),
        LimbOutcome::Undetermined { missing } => {
            let names = missing.iter().map(|fact| match lang {
                Lang::Chinese => fact.zh().to_owned(),
                Lang::English => fact.en().to_owned(),
            });
            (RuleOutcome::Undetermined, names.collect())
        }
    };
    let basis = rule_set
        .blacklist()
        .and_then(|rules| rules.limbs.iter().find(|rule| rule.id == limb.limb))
        .map_or("", |rule| words::text(lang, &rule.basis));
    let row =
        TraceRow::new(lang, &words::limb(lang, rule_set, &limb.limb), 'C', text, outcome).with_source(basis);
    missing(lang, row, &lacks)
}

fn missing(lang: Lang, row: TraceRow, facts: &[String]) -> TraceRow {
    if facts.is_empty() {
        return row;
    }
    let facts = facts.join(lang.list_separator());
    row.with_note(&fill(lang.text().item.missing, &[("facts", &facts)]))
}
