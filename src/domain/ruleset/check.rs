//! Consistency of a rule-set file beyond its shape.

use std::collections::BTreeSet;

use super::blacklist::{BlacklistRules, Clocks, LimbTest, Threshold};
use super::integrity::{Condition, IntegrityRules, Validity};
use super::review::ReviewRules;
use super::text::Effective;
use super::{File, RuleSetError, Rules};
use crate::domain::grade::Grade;
use crate::domain::money::Fen;

type Checked = Result<(), RuleSetError>;

fn fail<T>(problem: impl Into<String>) -> Result<T, RuleSetError> {
    Err(RuleSetError::Content(problem.into()))
}

fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { fail(problem()) }
}

fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> Result<BTreeSet<&'a str>, RuleSetError> {
    let mut seen = BTreeSet::new();
    for id in ids {
        ensure(is_name(id), || {
            format!("{what} {id:?} is not a name of letters, digits, '-', '_', '.'")
        })?;
        ensure(seen.insert(id), || format!("{what} {id} is defined twice"))?;
    }
    Ok(seen)
}

fn is_name(id: &str) -> bool {
    !id.is_empty()
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn period(what: &str, effective: &Effective) -> Checked {
    ensure(effective.until.is_none_or(|until| effective.from < until), || {
        format!("the period of {what} ends before it begins")
    })
}

fn prefix(what: &str, digits: &str) -> Checked {
    let fits = matches!(digits.len(), 0 | 2 | 4 | 6) && digits.bytes().all(|b| b.is_ascii_digit());
    ensure(fits, || {
        format!("{what}: {digits:?} is not a division prefix of 0, 2, 4 or 6 digits")
    })
}

pub(super) fn file(file: &File) -> Checked {
    unique(
        "rule set",
        [file.id.as_str(), file.version.as_str()].into_iter().take(1),
    )?;
    ensure(is_name(&file.version), || {
        format!("{:?} is not a version", file.version)
    })?;
    prefix("the rule set", &file.division_prefix)?;
    period("the rule set", &file.effective)?;
    let flags = unique("flag", file.flags.iter().map(|flag| flag.id.as_str()))?;
    let roles = &file.approval;
    for (step, list) in [
        ("record", &roles.record),
        ("propose", &roles.propose),
        ("approve", &roles.approve),
        ("publish", &roles.publish),
    ] {
        ensure(!list.is_empty(), || format!("no role may {step}"))?;
    }
    match &file.rules {
        Rules::IntegrityGrade(rules) => integrity(rules, &flags),
        Rules::WageBlacklist(rules) => blacklist(rules, &flags, &file.division_prefix, &file.effective),
        Rules::AnnualReview(rules) => review(rules),
    }
}

fn review(rules: &ReviewRules) -> Checked {
    let roster = rules.roster;
    ensure(roster.least_age < roster.adult_age, || {
        "a minor must be older than a child".to_owned()
    })?;
    ensure(roster.contract_months < roster.open_months, || {
        "a contract counts as open-ended before it is owed".to_owned()
    })?;
    ensure(rules.retention.months > 0, || {
        "rosters are kept for no time".to_owned()
    })?;
    let clocks = &rules.clocks;
    let all = [
        &clocks.acceptance,
        &clocks.supplement,
        &clocks.desk_check,
        &clocks.site_check,
        &clocks.correction,
        &clocks.re_check,
        &clocks.order_to_file,
        &clocks.supervision_reply,
        &clocks.referral_reply,
    ];
    ensure(all.iter().all(|clock| clock.working_days > 0), || {
        "a period of no days".to_owned()
    })
}

fn integrity(rules: &IntegrityRules, flags: &BTreeSet<&str>) -> Checked {
    for grade in Grade::ALL {
        let told = rules.grades.iter().filter(|notes| notes.grade == grade).count();
        ensure(told == 1, || format!("grade {grade} is described {told} times"))?;
    }
    match rules.validity {
        Validity::Months { months } => ensure(months > 0, || "a validity of no months".to_owned())?,
        Validity::FixedDay {
            month,
            day,
            years_after,
        } => {
            let exists = chrono::NaiveDate::from_ymd_opt(2000, month, day).is_some();
            ensure(exists && years_after > 0, || {
                format!("the validity's day {month}-{day} cannot be")
            })?;
        }
    }
    let sets = unique(
        "evidence set",
        rules.evidence_sets.iter().map(|set| set.id.as_str()),
    )?;
    for set in &rules.evidence_sets {
        ensure(!set.any_of.is_empty(), || {
            format!("evidence set {} is empty", set.id)
        })?;
        for flag in set.any_of.iter().filter_map(|filter| filter.when.as_deref()) {
            known_flag(flags, flag, &format!("evidence set {}", set.id))?;
        }
    }
    unique("rule", rules.rules.iter().map(|rule| rule.id.as_str()))?;
    for rule in &rules.rules {
        if rule.when != Condition::Otherwise {
            condition(&rule.when, &rule.id, &sets, flags)?;
            ensure(rule.grade != Grade::A, || {
                format!("rule {}: grade A is what is left, not earned", rule.id)
            })?;
        }
    }
    let left: Vec<_> = rules
        .rules
        .iter()
        .filter(|rule| rule.when == Condition::Otherwise)
        .collect();
    match left.as_slice() {
        [rule] => ensure(rule.grade == Grade::A, || {
            format!("rule {} must lead to grade A", rule.id)
        }),
        _ => fail(format!("{} rules say “otherwise”; exactly one must", left.len())),
    }
}

fn condition(condition: &Condition, rule: &str, sets: &BTreeSet<&str>, flags: &BTreeSet<&str>) -> Checked {
    let known_set = |of: &str| {
        ensure(sets.contains(of), || {
            format!("rule {rule}: no evidence set is called {of}")
        })
    };
    match condition {
        Condition::AtLeast {
            count,
            of,
            once_per_case_when,
        } => {
            known_set(of)?;
            ensure(*count > 0, || format!("rule {rule} is met by nothing at all"))?;
            once_per_case_when
                .iter()
                .try_for_each(|flag| known_flag(flags, flag, &format!("rule {rule}")))
        }
        Condition::EachOfLastYears { years, of } => {
            known_set(of)?;
            ensure((1..=50).contains(years), || format!("rule {rule}: {years} years"))
        }
        Condition::All(parts) | Condition::Any(parts) => {
            ensure(!parts.is_empty(), || format!("rule {rule} combines nothing"))?;
            parts
                .iter()
                .try_for_each(|part| self::condition(part, rule, sets, flags))
        }
        Condition::Otherwise => fail(format!("rule {rule}: “otherwise” cannot be part of a condition")),
    }
}

fn known_flag(flags: &BTreeSet<&str>, flag: &str, user: &str) -> Checked {
    ensure(flags.contains(flag), || {
        format!("{user} asks for the flag {flag}, which is not defined")
    })
}

fn blacklist(rules: &BlacklistRules, flags: &BTreeSet<&str>, scope: &str, effective: &Effective) -> Checked {
    unique("limb", rules.limbs.iter().map(|limb| limb.id.as_str()))?;
    ensure(!rules.limbs.is_empty(), || "there is no limb".to_owned())?;
    for limb in &rules.limbs {
        let sound = match &limb.test {
            LimbTest::OneWorker { months_at_least } => *months_at_least > 0,
            LimbTest::ManyWorkers { workers_at_least } => *workers_at_least > 0,
            LimbTest::Incident { forms } => !forms.is_empty(),
        };
        ensure(sound, || format!("limb {} is met by nothing at all", limb.id))?;
    }
    for (place, row) in rules.thresholds.iter().enumerate() {
        threshold(row, scope)?;
        let mine = row.effective.unwrap_or(*effective);
        for other in rules.thresholds.iter().skip(place + 1) {
            let clash = other.division_prefix == row.division_prefix
                && other.effective.unwrap_or(*effective).overlaps(&mine);
            ensure(!clash, || {
                format!("two amounts for {} at one time", row.division_prefix)
            })?;
        }
    }
    clocks(&rules.clocks)?;
    ensure(rules.term.years > 0, || "the term is no year".to_owned())?;
    known_flag(flags, &rules.early_removal.floor.flag, "early removal")
}

fn threshold(row: &Threshold, scope: &str) -> Checked {
    let name = &row.division_prefix;
    prefix("an amount", name)?;
    ensure(!name.is_empty() && name.starts_with(scope), || {
        format!("{name:?} lies outside the rule set")
    })?;
    row.effective
        .iter()
        .try_for_each(|effective| period(name, effective))?;
    let positive = row.one_worker > Fen::ZERO && row.many_workers > Fen::ZERO;
    ensure(positive, || format!("the amounts for {name} are not positive"))?;
    row.reduced.iter().try_for_each(|reduced| {
        let lower = reduced.one_worker > Fen::ZERO
            && reduced.many_workers > Fen::ZERO
            && reduced.one_worker <= row.one_worker
            && reduced.many_workers <= row.many_workers;
        ensure(lower, || format!("the reduced amounts for {name} are not lower"))?;
        let inside = reduced.divisions.iter().all(|division| division.has_prefix(name));
        ensure(inside, || {
            format!("a county with reduced amounts lies outside {name}")
        })
    })
}

fn clocks(clocks: &Clocks) -> Checked {
    for (name, clock) in [
        ("objection", &clocks.objection),
        ("verification", &clocks.verification),
        ("decision", &clocks.decision),
        ("decision_extension", &clocks.decision_extension),
        ("early_removal", &clocks.early_removal),
        ("withdrawal", &clocks.withdrawal),
    ] {
        ensure(clock.working_days > 0, || {
            format!("the period for {name} has no day")
        })?;
    }
    Ok(())
}
