//! Holds answers against the form.

use super::answer::Answers;
use super::definition::{Check, Field, Form, Rule, Severity, Topic};
use super::issue::{Issue, Problem, TopicState};
use crate::domain::ruleset::Text;

impl Form {
    /// Everything that is wrong or to be confirmed, in the order of the pages; answers that cannot be taken
    /// stand before what does not add up.
    #[must_use]
    pub fn issues(&self, answers: &Answers) -> Vec<Issue> {
        self.topics
            .iter()
            .flat_map(|topic| self.issues_of(topic, answers))
            .collect()
    }

    /// The same for one topic's page.
    #[must_use]
    pub fn issues_of(&self, topic: &Topic, answers: &Answers) -> Vec<Issue> {
        let asked = topic.fields.iter().filter(|field| answers.asks(self, field));
        let of_answers = asked.filter_map(|field| {
            let problem = problem(field, answers)?;
            Some(issue(topic, &field.id, None, Severity::Mend, problem.text()))
        });
        let here = |check: &&Check| {
            let first = check.rule.fields().into_iter().next();
            first.is_some_and(|first| topic.fields.iter().any(|field| field.id == first))
        };
        let of_checks = self
            .checks
            .iter()
            .filter(here)
            .filter(|check| !self.holds(&check.rule, answers))
            .map(|check| {
                let at = check.rule.fields().into_iter().next().unwrap_or_default();
                issue(topic, at, Some(&check.id), check.severity, check.text.clone())
            });
        of_answers.chain(of_checks).collect()
    }

    /// How far a topic is.
    #[must_use]
    pub fn state(&self, topic: &Topic, answers: &Answers) -> TopicState {
        let asked = || topic.fields.iter().filter(|field| answers.asks(self, field));
        if asked().all(|field| answers.typed(&field.id).is_empty()) {
            return TopicState::NotStarted;
        }
        let missing = asked().any(|field| problem(field, answers) == Some(Problem::Missing));
        let mends = |issue: &Issue| issue.severity == Severity::Mend;
        let wrong = self
            .issues_of(topic, answers)
            .iter()
            .filter(|issue| mends(issue))
            .count();
        let missing_count = asked()
            .filter(|field| problem(field, answers) == Some(Problem::Missing))
            .count();
        match (wrong > missing_count, missing) {
            (true, _) => TopicState::HasErrors,
            (false, true) => TopicState::InProgress,
            (false, false) => TopicState::Done,
        }
    }

    /// Whether the form can be handed in.
    #[must_use]
    pub fn is_complete(&self, answers: &Answers) -> bool {
        let mends = |issue: &Issue| issue.severity == Severity::Mend;
        !self.issues(answers).iter().any(mends)
    }

    fn holds(&self, rule: &Rule, answers: &Answers) -> bool {
        let number = |field: &str| answers.number(self, field);
        let pair = |one: &str, other: &str| number(one).zip(number(other));
        match rule {
            Rule::Sum { parts, total } => number(total)
                .is_none_or(|total| parts.iter().map(|part| number(part).unwrap_or(0)).sum::<u64>() == total),
            Rule::AtMost { small, large } => pair(small, large).is_none_or(|(small, large)| small <= large),
            Rule::AtMostFigure { field, figure } => {
                let unit = self.field(field).map_or(1, Field::units);
                number(field).is_none_or(|number| number <= u64::from(*figure) * unit)
            }
            Rule::Share { part, whole, percent } => number(part).is_none_or(|part| {
                let whole: u64 = whole.iter().map(|field| number(field).unwrap_or(0)).sum();
                part * 100 <= whole * u64::from(*percent)
            }),
            Rule::Together { one, other } => {
                pair(one, other).is_none_or(|(one, other)| (one > 0) == (other > 0))
            }
            Rule::Zero { field } => number(field).is_none_or(|number| number == 0),
        }
    }
}

impl Field {
    /// Smallest units in one whole unit.
    const fn units(&self) -> u64 {
        use super::definition::FieldKind;
        match self.kind {
            FieldKind::Money => 100,
            FieldKind::Hours => 10,
            _ => 1,
        }
    }
}

fn problem(field: &Field, answers: &Answers) -> Option<Problem> {
    match answers.value(field) {
        Err(problem) => Some(problem),
        Ok(None) if !field.optional => Some(Problem::Missing),
        Ok(_) => None,
    }
}

fn issue(topic: &Topic, field: &str, check: Option<&str>, severity: Severity, text: Text) -> Issue {
    Issue {
        topic: topic.id.clone(),
        field: field.to_owned(),
        check: check.map(str::to_owned),
        severity,
        text,
    }
}
