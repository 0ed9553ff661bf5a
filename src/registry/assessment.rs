//! The integrity assessment: every employer in scope graded by rule from its evidence, proposed in
//! one batch. No grade is ever assigned here: all come from `domain::grade`.

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::domain::authority::Actor;
use crate::domain::evidence::Evidence;
use crate::domain::grade::{self, Assessment};
use crate::domain::ruleset::{IntegrityRules, RuleSet};
use crate::store::authority::{self, AuthorityRow};
use crate::store::batch::{self, BatchRow};
use crate::store::employer::EmployerRow;
use crate::store::{campaign, employer, evidence};

use super::Registry;
use super::batch::{self as batches, BatchError, Heading, Proposed};
use super::decision::{DecidedBy, Decision, GradeDecision, Named};
use super::publish::Progress;

/// The kind of batch that grades.
pub const KIND: &str = "integrity-grade";

/// Employers read at a time.
const PART: usize = 2048;

/// Grades everyone in a campaign's scope and proposes the grades as one batch; the batch's id.
///
/// # Errors
/// [`BatchError`].
pub fn propose(
    registry: &Registry,
    actor: &Actor,
    rule_set: &RuleSet,
    campaign_id: &str,
    year: u16,
    progress: Progress<'_>,
) -> Result<String, BatchError> {
    let mut conn = registry.store.conn()?;
    let decider = authority::find(&mut conn, actor.authority.as_str())?
        .ok_or_else(|| BatchError::NotAnOfficer("its authority does not exist".into()))?;
    let rules = rule_set
        .integrity()
        .ok_or_else(|| BatchError::Stored(format!("rule set {} has no rules for grades", rule_set.id())))?;
    let frame = Frame {
        rule_set,
        rules,
        decider: &decider,
        year,
        today: registry.clock.today(),
    };
    let title = format!("{year}年度劳动保障守法诚信等级评价");
    let again = |row: &BatchRow| {
        row.kind == KIND && row.title == title && row.authority_id == decider.id && row.state != "rejected"
    };
    // Asked first, so that nobody waits for nothing, and again when nobody else can propose.
    if batch::all(&mut conn)?.iter().any(again) {
        return Err(BatchError::Already(title));
    }
    let scope = campaign::in_scope(&mut conn, campaign_id)?;
    let total = u64::try_from(scope.len()).unwrap_or(u64::MAX);
    let mut proposed = Vec::with_capacity(scope.len());
    for ids in scope.chunks(PART) {
        let (Some(low), Some(high)) = (ids.first(), ids.last()) else {
            continue;
        };
        let files = evidence::of_employers(&mut conn, *low, *high)?;
        let mut rows = employer::find_many(&mut conn, ids)?;
        rows.sort_by_key(|row| row.id);
        let none: Vec<Evidence> = Vec::new();
        proposed.par_extend(
            rows.par_iter()
                .map(|row| frame.decide(row, files.get(&row.id).unwrap_or(&none)))
                .collect::<Result<Vec<_>, _>>()?,
        );
        progress(u64::try_from(proposed.len()).unwrap_or(total), total);
    }
    drop(conn);
    let heading = Heading {
        kind: KIND,
        title: title.clone(),
    };
    batches::propose(registry, actor, &heading, rule_set, |conn| {
        match batch::all(conn)?.iter().any(again) {
            true => Err(BatchError::Already(title.clone())),
            false => Ok(proposed),
        }
    })
}

/// What all decisions of one assessment share.
struct Frame<'a> {
    rule_set: &'a RuleSet,
    rules: &'a IntegrityRules,
    decider: &'a AuthorityRow,
    year: u16,
    today: NaiveDate,
}

impl Frame<'_> {
    fn decide(&self, row: &EmployerRow, file: &[Evidence]) -> Result<Proposed, BatchError> {
        let computed = grade::assess(self.rule_set, i32::from(self.year), file)
            .map_err(|error| BatchError::Stored(format!("evidence about {}: {error}", row.name)))?;
        let decision = GradeDecision {
            employer: Named::from(row),
            year: self.year,
            grade: computed.grade.as_str().to_owned(),
            basis: computed.basis.clone(),
            document_number: String::new(),
            decided_by: DecidedBy {
                name: self.decider.name.clone(),
                division: self.decider.division.clone(),
            },
            rule_set: computed.rule_set.clone(),
            valid_until: self.rules.valid_until(i32::from(self.year), self.today),
            audience: self.rules.audience(computed.grade).as_str().to_owned(),
        };
        let trace = trace(&computed)?;
        Ok(Proposed {
            employer_id: row.id,
            decision: Decision::Grade(decision),
            trace,
        })
    }
}

fn trace(computed: &Assessment) -> Result<String, BatchError> {
    serde_json::to_string(computed).map_err(|error| BatchError::Stored(error.to_string()))
}
