//! Evaluation of conditions in three values: yes, no, and not determined.

use std::collections::{BTreeMap, BTreeSet};

use super::RuleOutcome;
use crate::domain::evidence::{Evidence, EvidenceId, EvidenceKind};
use crate::domain::ruleset::{Condition, EvidenceMatch, IntegrityRules, RuleSet};

/// Whether something holds; ordered so that `max` is “or” and `min` is “and” (Kleene's logic).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    #[default]
    No,
    Unknown,
    Yes,
}

/// What examining a condition brought.
#[derive(Debug, Default)]
pub(super) struct Finding {
    truth: Truth,
    pub(super) evidence: BTreeSet<EvidenceId>,
    pub(super) missing: BTreeSet<String>,
    /// Found and needed.
    pub(super) counted: Option<(u32, u32)>,
}

impl Finding {
    pub(super) const fn outcome(&self) -> RuleOutcome {
        match self.truth {
            Truth::Yes => RuleOutcome::Met,
            Truth::No => RuleOutcome::NotMet,
            Truth::Unknown => RuleOutcome::Undetermined,
        }
    }
}

/// One employer's file before one rule set.
pub(super) struct Scene<'a> {
    pub(super) rule_set: &'a RuleSet,
    pub(super) rules: &'a IntegrityRules,
    pub(super) year: i32,
    /// In order of id.
    pub(super) file: Vec<&'a Evidence>,
}

/// A piece of evidence that belongs to a set, surely or perhaps.
struct Member<'a> {
    evidence: &'a Evidence,
    truth: Truth,
    missing: Option<&'static str>,
}

impl<'a> Scene<'a> {
    pub(super) fn examine(&self, condition: &Condition) -> Finding {
        match condition {
            Condition::AtLeast {
                count,
                of,
                once_per_case_when,
            } => {
                let once = once_per_case_when
                    .as_deref()
                    .is_some_and(|flag| self.is_set(flag));
                self.count(*count, of, once)
            }
            Condition::EachOfLastYears { years, of } => self.each_year(*years, of),
            Condition::All(parts) => self.combine(parts, Truth::Yes, Truth::min),
            Condition::Any(parts) => self.combine(parts, Truth::No, Truth::max),
            // Decided by the caller from all the other rules.
            Condition::Otherwise => Finding::default(),
        }
    }

    fn count(&self, needed: u32, of: &str, once_per_case: bool) -> Finding {
        let members = self.members(of, self.year);
        // Documents of one case fall under one key; a case is sure when one of its documents is.
        let mut units: BTreeMap<&str, Truth> = BTreeMap::new();
        for member in &members {
            let case = member.evidence.case_number.as_deref().filter(|_| once_per_case);
            let unit = units
                .entry(case.unwrap_or(member.evidence.id.as_str()))
                .or_default();
            *unit = member.truth.max(*unit);
        }
        let sure = number(units.values().filter(|truth| **truth == Truth::Yes).count());
        let truth = at_least(needed, sure, number(units.len()));
        self.finding(truth, &members, (sure, needed))
    }

    fn each_year(&self, years: u32, of: &str) -> Finding {
        let mut truth = Truth::Yes;
        let mut sure = 0;
        let mut all = Vec::new();
        for back in 0..i32::try_from(years).unwrap_or(i32::MAX) {
            let members = self.members(of, self.year.saturating_sub(back));
            let best = members
                .iter()
                .map(|member| member.truth)
                .max()
                .unwrap_or(Truth::No);
            sure += u32::from(best == Truth::Yes);
            truth = truth.min(best);
            all.extend(members);
        }
        self.finding(truth, &all, (sure, years))
    }

    fn combine(&self, parts: &[Condition], start: Truth, join: fn(Truth, Truth) -> Truth) -> Finding {
        let mut whole = Finding {
            truth: start,
            ..Finding::default()
        };
        for part in parts {
            let finding = self.examine(part);
            whole.truth = join(whole.truth, finding.truth);
            whole.evidence.extend(finding.evidence);
            whole.missing.extend(finding.missing);
        }
        whole
    }

    fn finding(&self, truth: Truth, members: &[Member<'a>], counted: (u32, u32)) -> Finding {
        let missing = members
            .iter()
            .filter_map(|m| m.missing.map(|fact| format!("{}: {fact}", m.evidence.id)));
        Finding {
            truth,
            evidence: members.iter().map(|member| member.evidence.id.clone()).collect(),
            missing: missing.collect(),
            counted: Some(counted),
        }
    }

    fn members(&self, set: &str, year: i32) -> Vec<Member<'a>> {
        let of_year = self
            .file
            .iter()
            .filter(|evidence| evidence.year(self.rules.dating) == year);
        of_year
            .filter_map(|evidence| self.member(set, evidence))
            .collect()
    }

    fn member(&self, set: &str, evidence: &'a Evidence) -> Option<Member<'a>> {
        let set = self
            .rules
            .evidence_sets
            .iter()
            .find(|candidate| candidate.id == set)?;
        let mut best = Member {
            evidence,
            truth: Truth::No,
            missing: None,
        };
        for filter in &set.any_of {
            if filter.when.as_deref().is_none_or(|flag| self.is_set(flag)) {
                let (truth, missing) = matches(&filter.matching, evidence);
                if truth > best.truth {
                    best = Member {
                        evidence,
                        truth,
                        missing,
                    };
                }
            }
        }
        (best.truth > Truth::No).then_some(best)
    }

    /// The rule-set checker has made sure that every flag asked for is defined.
    fn is_set(&self, flag: &str) -> bool {
        self.rule_set.flag(flag).unwrap_or(false)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn at_least(needed: u32, sure: u32, possible: u32) -> Truth {
    if sure >= needed {
        Truth::Yes
    } else if possible >= needed {
        Truth::Unknown
    } else {
        Truth::No
    }
}

fn one_of<T: PartialEq>(wanted: Option<&Vec<T>>, found: &T) -> Truth {
    if wanted.is_none_or(|list| list.contains(found)) {
        Truth::Yes
    } else {
        Truth::No
    }
}

/// A fact that may not have been determined, against what is asked.
fn fact(wanted: Option<bool>, found: Option<bool>) -> Truth {
    match (wanted, found) {
        (None, _) => Truth::Yes,
        (Some(_), None) => Truth::Unknown,
        (Some(wanted), Some(found)) if wanted == found => Truth::Yes,
        _ => Truth::No,
    }
}

fn matches(wanted: &EvidenceMatch, evidence: &Evidence) -> (Truth, Option<&'static str>) {
    use EvidenceKind as Kind;
    use EvidenceMatch as Match;
    let sure = |truth| (truth, None);
    match (wanted, &evidence.kind) {
        (Match::Handled { outcomes, matters }, Kind::Handled { outcome, matter }) => {
            sure(one_of(outcomes.as_ref(), outcome).min(one_of(matters.as_ref(), matter)))
        }
        (
            Match::Incident {
                forms,
                serious_effect: effect,
                caused_by_violation: cause,
            },
            Kind::Incident {
                form,
                serious_effect,
                caused_by_violation,
            },
        ) => {
            let (effect, cause) = (fact(*effect, *serious_effect), fact(*cause, *caused_by_violation));
            let missing = if cause == Truth::Unknown {
                "caused_by_violation"
            } else {
                "serious_effect"
            };
            let truth = one_of(forms.as_ref(), form).min(effect).min(cause);
            (truth, (truth == Truth::Unknown).then_some(missing))
        }
        (Match::SeriousViolation { of, decided }, Kind::SeriousViolation { of: found }) => {
            let truth = fact(decided.then_some(true), evidence.decided_on.map(|_| true));
            let truth = one_of(of.as_ref(), found).min(truth);
            (truth, (truth == Truth::Unknown).then_some("decided_on"))
        }
        (Match::Refusal { of }, Kind::Refusal { of: found }) => sure(one_of(of.as_ref(), found)),
        (Match::Transfer { to }, Kind::Transfer { to: found }) => sure(one_of(to.as_ref(), found)),
        (Match::Obstruction {}, Kind::Obstruction)
        | (Match::CriminalLiability {}, Kind::CriminalLiability)
        | (Match::NonParticipation {}, Kind::NonParticipation { .. })
        | (Match::ReviewPassed {}, Kind::ReviewPassed { .. })
        | (Match::ReviewFailed {}, Kind::ReviewFailed { .. }) => sure(Truth::Yes),
        _ => sure(Truth::No),
    }
}
