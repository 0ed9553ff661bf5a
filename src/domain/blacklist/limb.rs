//! The trigger of Order 45 Art 5: its limbs, in three values.
//!
//! Limb (a) needs months and amount **of the same worker**; limb (b) needs head-count and total;
//! limb (c) needs an incident, its cause and its effect. Figures that contradict each other decide
//! nothing.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::division::DivisionCode;
use crate::domain::evidence::IncidentForm;
use crate::domain::money::Fen;
use crate::domain::ruleset::{BlacklistRules, Limb, LimbTest, Mark, RuleSet, Threshold};

/// What is known of the arrears when the pay order's period ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrearsFacts {
    /// The place whose local amount holds.
    pub division: DivisionCode,
    /// Whether rural migrant workers' wages are owed; Order 45 knows no others.
    pub migrant_workers: Option<bool>,
    /// How many workers are owed.
    pub workers: Option<u32>,
    /// What they are owed together.
    pub total: Option<Fen>,
    /// What is known of single workers, without their names; may be fewer than `workers`.
    pub each: Vec<WorkerArrears>,
    /// Incidents; none while nobody looked, empty when there was none.
    pub incidents: Option<Vec<IncidentFacts>>,
}

/// What one worker is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerArrears {
    /// Full months of pay.
    pub months: Option<u32>,
    /// The amount.
    pub amount: Option<Fen>,
}

/// One incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentFacts {
    /// Its form.
    pub form: IncidentForm,
    /// Whether it had serious bad social effect.
    pub serious_effect: Option<bool>,
    /// Whether the arrears caused it.
    pub caused_by_arrears: Option<bool>,
}

/// A fact without which a limb cannot be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Whether the workers are rural migrant workers.
    MigrantWorkers,
    /// How many workers are owed.
    Workers,
    /// The total amount.
    Total,
    /// Months owed to a worker.
    WorkerMonths,
    /// The amount owed to a worker.
    WorkerAmount,
    /// The rule set has no local amount for the place and date.
    LocalAmount,
    /// Whether the county is one with reduced amounts.
    ReducedAmountCounties,
    /// The figures contradict each other (more workers listed than counted, parts above the total, …).
    AgreeingFigures,
    /// Whether there was an incident.
    Incidents,
    /// Whether the incident had serious bad social effect.
    IncidentEffect,
    /// Whether the arrears caused the incident.
    IncidentCause,
}

impl Missing {
    /// What is missing, for Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::MigrantWorkers => "是否拖欠农民工工资",
            Self::Workers => "被拖欠人数",
            Self::Total => "拖欠总额",
            Self::WorkerMonths => "单个劳动者被拖欠月数",
            Self::WorkerAmount => "单个劳动者被拖欠数额",
            Self::LocalAmount => "规则集中无当地数额标准",
            Self::ReducedAmountCounties => "该县是否适用较低数额",
            Self::AgreeingFigures => "数据相互矛盾，待核实",
            Self::Incidents => "是否引发群体性、极端事件",
            Self::IncidentEffect => "是否造成严重不良社会影响",
            Self::IncidentCause => "事件是否由欠薪引发",
        }
    }

    /// What is missing, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::MigrantWorkers => "whether rural migrant workers' wages are owed",
            Self::Workers => "the number of workers owed",
            Self::Total => "the total owed",
            Self::WorkerMonths => "the months owed to a single worker",
            Self::WorkerAmount => "the amount owed to a single worker",
            Self::LocalAmount => "a local amount for this place in the rule set",
            Self::ReducedAmountCounties => "whether the county has reduced amounts",
            Self::AgreeingFigures => "figures that agree with each other",
            Self::Incidents => "whether there was a mass or extreme incident",
            Self::IncidentEffect => "whether the incident had serious bad social effect",
            Self::IncidentCause => "whether the arrears caused the incident",
        }
    }
}

/// What a limb, or the whole trigger, came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case", deny_unknown_fields)]
pub enum LimbOutcome {
    /// It holds.
    Met {},
    /// It does not hold, whatever else may come to light.
    NotMet {},
    /// It cannot be said.
    Undetermined {
        /// What is missing.
        missing: Vec<Missing>,
    },
}

impl LimbOutcome {
    /// Whether it holds.
    #[must_use]
    pub const fn is_met(&self) -> bool {
        matches!(self, Self::Met {})
    }
}

/// How one limb was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimbFinding {
    /// The limb's id.
    pub limb: String,
    /// What it came to.
    pub outcome: LimbOutcome,
    /// The local amount that was applied, where the limb asks for one and the rule set has it.
    pub local_amount: Option<Fen>,
    /// The criterion in Chinese.
    pub text_zh: String,
    /// The criterion in English.
    pub text_en: String,
    /// How far the criterion is confirmed.
    pub mark: Mark,
}

/// The trigger as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Met when rural migrant workers' wages are owed and any limb is met.
    pub outcome: LimbOutcome,
    /// Every limb.
    pub limbs: Vec<LimbFinding>,
}

/// The rule set governs another procedure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the rule set {0} has no listing rules")]
pub struct NoListingRules(pub String);

/// Examines the trigger; `on` (Asia/Shanghai) chooses the local amounts.
///
/// # Errors
/// [`NoListingRules`].
pub fn examine(rule_set: &RuleSet, facts: &ArrearsFacts, on: NaiveDate) -> Result<Trigger, NoListingRules> {
    let rules = rule_set
        .blacklist()
        .ok_or_else(|| NoListingRules(rule_set.id().to_owned()))?;
    let scene = Scene {
        facts,
        local: rules.threshold(facts.division, on),
    };
    let limbs: Vec<LimbFinding> = rules.limbs.iter().map(|limb| scene.finding(limb)).collect();
    Ok(Trigger {
        outcome: whole(facts, &limbs),
        limbs,
    })
}

fn whole(facts: &ArrearsFacts, limbs: &[LimbFinding]) -> LimbOutcome {
    let any = limbs
        .iter()
        .fold(Answer::no(), |sum, limb| sum.or(Answer::of(&limb.outcome)));
    any.and(Answer::fact(facts.migrant_workers, Missing::MigrantWorkers))
        .outcome()
}

/// Yes, no, or unknown for want of these facts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    No,
    Unknown(Vec<Missing>),
    Yes,
}

impl Answer {
    const fn no() -> Self {
        Self::No
    }

    fn unknown(missing: Missing) -> Self {
        Self::Unknown(vec![missing])
    }

    fn when(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn fact(found: Option<bool>, missing: Missing) -> Self {
        found.map_or_else(|| Self::unknown(missing), Self::when)
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, answer) | (answer, Self::No) => answer,
            (Self::Unknown(mine), Self::Unknown(theirs)) => Self::Unknown(merged(mine, theirs)),
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, answer) | (answer, Self::Yes) => answer,
            (Self::Unknown(mine), Self::Unknown(theirs)) => Self::Unknown(merged(mine, theirs)),
        }
    }

    fn of(outcome: &LimbOutcome) -> Self {
        match outcome {
            LimbOutcome::Met {} => Self::Yes,
            LimbOutcome::NotMet {} => Self::No,
            LimbOutcome::Undetermined { missing } => Self::Unknown(missing.clone()),
        }
    }

    fn outcome(self) -> LimbOutcome {
        match self {
            Self::Yes => LimbOutcome::Met {},
            Self::No => LimbOutcome::NotMet {},
            Self::Unknown(missing) => LimbOutcome::Undetermined { missing },
        }
    }
}

fn merged(mut mine: Vec<Missing>, theirs: Vec<Missing>) -> Vec<Missing> {
    mine.extend(theirs);
    mine.sort_unstable();
    mine.dedup();
    mine
}

struct Scene<'a> {
    facts: &'a ArrearsFacts,
    local: Option<&'a Threshold>,
}

/// The local amount for one worker or for many: in full, and reduced where it may be lower.
struct Amount {
    full: Fen,
    perhaps: Option<Fen>,
}

impl Scene<'_> {
    fn finding(&self, limb: &Limb) -> LimbFinding {
        let (answer, amount) = match &limb.test {
            LimbTest::OneWorker { months_at_least } => (
                self.one_worker(*months_at_least),
                self.amount(|row| row.one_worker, |low| low.one_worker),
            ),
            LimbTest::ManyWorkers { workers_at_least } => (
                self.many_workers(*workers_at_least),
                self.amount(|row| row.many_workers, |low| low.many_workers),
            ),
            LimbTest::Incident { forms } => (self.incident(forms), None),
        };
        LimbFinding {
            limb: limb.id.clone(),
            outcome: answer.outcome(),
            local_amount: amount.map(|amount| amount.full),
            text_zh: limb.text.zh.clone(),
            text_en: limb.text.en.clone(),
            mark: limb.mark,
        }
    }

    fn amount(
        &self,
        full: fn(&Threshold) -> Fen,
        reduced: fn(&crate::domain::ruleset::Reduced) -> Fen,
    ) -> Option<Amount> {
        let row = self.local?;
        Some(match &row.reduced {
            Some(low)
                if low
                    .divisions
                    .iter()
                    .any(|county| county.covers(self.facts.division)) =>
            {
                Amount {
                    full: reduced(low),
                    perhaps: None,
                }
            }
            Some(low) if !low.complete => Amount {
                full: full(row),
                perhaps: Some(reduced(low)),
            },
            _ => Amount {
                full: full(row),
                perhaps: None,
            },
        })
    }

    fn reaches(amount: Option<&Amount>, owed: Option<Fen>, missing: Missing) -> Answer {
        let (Some(amount), Some(owed)) = (amount, owed) else {
            let local = amount.map_or_else(|| Answer::unknown(Missing::LocalAmount), |_| Answer::Yes);
            return local.and(owed.map_or_else(|| Answer::unknown(missing), |_| Answer::Yes));
        };
        if owed >= amount.full {
            Answer::Yes
        } else if amount.perhaps.is_some_and(|low| owed >= low) {
            Answer::unknown(Missing::ReducedAmountCounties)
        } else {
            Answer::No
        }
    }

    fn one_worker(&self, months: u32) -> Answer {
        if !self.figures_agree() {
            return Answer::unknown(Missing::AgreeingFigures);
        }
        let facts = self.facts;
        let amount = self.amount(|row| row.one_worker, |low| low.one_worker);
        let worker = |worker: WorkerArrears| {
            let long = worker.months.map(|owed| owed >= months);
            let much = Self::reaches(amount.as_ref(), worker.amount, Missing::WorkerAmount);
            Answer::fact(long, Missing::WorkerMonths).and(much)
        };
        let known = facts
            .each
            .iter()
            .fold(Answer::no(), |sum, one| sum.or(worker(*one)));
        let all_listed = facts
            .workers
            .is_some_and(|count| facts.each.len() as u64 >= u64::from(count));
        let unlisted = if all_listed {
            Answer::No
        } else {
            // The one who is all there is is owed the total.
            let owed = facts.total.filter(|_| facts.workers == Some(1));
            worker(WorkerArrears {
                months: None,
                amount: owed,
            })
        };
        // No worker can be owed more than all of them together.
        let possible = match (facts.total, &amount) {
            (Some(total), Some(amount)) => Answer::when(total >= amount.perhaps.unwrap_or(amount.full)),
            _ => Answer::Yes,
        };
        known.or(unlisted).and(possible)
    }

    fn many_workers(&self, workers: u32) -> Answer {
        if !self.figures_agree() {
            return Answer::unknown(Missing::AgreeingFigures);
        }
        let amount = self.amount(|row| row.many_workers, |low| low.many_workers);
        let many = self.facts.workers.map(|count| count >= workers);
        Answer::fact(many, Missing::Workers).and(Self::reaches(
            amount.as_ref(),
            self.facts.total,
            Missing::Total,
        ))
    }

    fn incident(&self, forms: &[IncidentForm]) -> Answer {
        let Some(incidents) = &self.facts.incidents else {
            return Answer::unknown(Missing::Incidents);
        };
        incidents.iter().fold(Answer::no(), |sum, incident| {
            let effect = Answer::fact(incident.serious_effect, Missing::IncidentEffect);
            let cause = Answer::fact(incident.caused_by_arrears, Missing::IncidentCause);
            sum.or(Answer::when(forms.contains(&incident.form))
                .and(effect)
                .and(cause))
        })
    }

    /// Real decisions contradict themselves (domain.md J): such figures must not decide anything.
    fn figures_agree(&self) -> bool {
        let facts = self.facts;
        let listed = facts.each.len() as u64;
        let sum: Fen = facts.each.iter().filter_map(|worker| worker.amount).sum();
        let all_known = facts.each.iter().all(|worker| worker.amount.is_some());
        let negative = facts
            .total
            .into_iter()
            .chain(facts.each.iter().filter_map(|worker| worker.amount));
        let counted = facts.workers.map(u64::from);
        counted.is_none_or(|count| listed <= count && count > 0)
            && facts.total.is_none_or(|total| sum <= total)
            && !(counted == Some(listed) && all_known && facts.total.is_some_and(|total| total != sum))
            && negative.into_iter().all(|amount| amount >= Fen::ZERO)
    }
}

impl BlacklistRules {
    /// The ids of the limbs, in order.
    pub fn limb_ids(&self) -> impl Iterator<Item = &str> {
        self.limbs.iter().map(|limb| limb.id.as_str())
    }
}
