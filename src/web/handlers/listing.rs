//! A published listing on its employer's page: what its record says, and when and how it can be removed,
//! which is the law of the record's rule set. It knows nothing of the case behind it: what is not
//! published, such as a day of correction, is not told here.

use chrono::NaiveDate;

use crate::domain::blacklist::removal_floor;
use crate::domain::ruleset::{BlacklistRules, RuleSet, builtin};
use crate::record::credential::BlacklistFacts;
use crate::web::i18n::{Lang, fill};
use crate::web::pages::employer::Blacklist;
use crate::web::pages::parts::Fact;
use crate::web::words;

use super::published::Listed;

/// The listing with its facts, its dates of removal and the ways to it.
pub(super) fn shown(lang: Lang, listing: &Listed) -> Blacklist {
    let facts = &listing.facts;
    let rule_set = builtin::find(&facts.rule_set.id, &facts.rule_set.version);
    let shown = if listing.frame.is_suspended() {
        Blacklist::suspended(lang, said(lang, facts, rule_set))
    } else {
        Blacklist::listed(lang, said(lang, facts, rule_set))
    };
    let rules = rule_set.and_then(|rule_set| Some((rule_set, rule_set.blacklist()?)));
    shown.removable(
        removal(lang, facts.listed_on, facts.earliest_removal_on, rules),
        steps(lang, facts, rules),
    )
}

/// What the record says.
fn said(lang: Lang, facts: &BlacklistFacts<'_>, rule_set: Option<&RuleSet>) -> Vec<Fact> {
    let (words, of_removal) = (&lang.text().employer, &lang.text().removal);
    let limbs = rule_set
        .and_then(RuleSet::blacklist)
        .map_or(&[][..], |rules| rules.limbs.as_slice());
    let limb = |id: &std::borrow::Cow<'_, str>| {
        let found = limbs.iter().find(|limb| limb.id == *id);
        found.map_or_else(|| id.to_string(), |limb| words::text(lang, &limb.text).to_owned())
    };
    let limbs: Vec<String> = facts.basis.iter().map(limb).collect();
    let amount = match lang {
        Lang::Chinese => format!("{} 人 · {} 元", facts.workers, words::yuan(&facts.amount)),
        Lang::English => format!("{} workers · {} yuan", facts.workers, words::yuan(&facts.amount)),
    };
    let pay_by = facts.pay_order.deadline.to_string();
    let pay_order = [("number", facts.pay_order.number.as_ref()), ("date", &pay_by)];
    let mut rows = vec![
        Fact::new(words.listed_on, facts.listed_on.to_string()),
        Fact::new(words.limb, limbs.join(lang.list_separator())),
        Fact::new(words.amount, amount),
        Fact::new(of_removal.pay_order, fill(of_removal.pay_order_text, &pay_order)),
    ];
    if !facts.responsible_persons.is_empty() {
        let persons = facts.responsible_persons.join(lang.list_separator());
        rows.push(Fact::new(of_removal.responsible, persons));
    }
    rows.extend([
        Fact::new(words.decided_by, facts.decided_by.name.to_string()),
        Fact::new(words.document, facts.document_number.to_string()),
        Fact::new(words.expires_on, facts.expires_on.to_string()),
    ]);
    rows
}

/// When it can end early: the record's day, or why there is none yet; and the two legal periods, of which
/// no text says which prevails (domain.md B.2), so both are shown and the rule set's flag decides.
fn removal(
    lang: Lang,
    listed_on: NaiveDate,
    earliest: Option<NaiveDate>,
    rules: Option<(&RuleSet, &BlacklistRules)>,
) -> Vec<Fact> {
    let words = &lang.text().removal;
    let day = earliest.map_or_else(|| words.not_yet.to_owned(), |day| day.to_string());
    let mut rows = vec![Fact::new(lang.text().employer.earliest_removal, day)];
    if let Some((rule_set, rules)) = rules {
        let (floor, applies) = removal_floor(rule_set, rules, listed_on);
        let (months, years) = periods(rules);
        let text = if applies {
            words.by_listing_text
        } else {
            words.by_listing_only_shown
        };
        rows.push(Fact::new(
            words.by_correction,
            fill(words.by_correction_text, &[("months", &months)]),
        ));
        rows.push(Fact::new(
            words.by_listing,
            fill(text, &[("years", &years), ("date", &floor.to_string())]),
        ));
    }
    rows
}

/// Conditions, bars, how to apply, how to object, and what happens without either.
fn steps(lang: Lang, facts: &BlacklistFacts<'_>, rules: Option<(&RuleSet, &BlacklistRules)>) -> Vec<String> {
    let words = &lang.text().removal;
    let authority = [("authority", facts.decided_by.name.as_ref())];
    let object = fill(words.object, &authority);
    let Some((rule_set, rules)) = rules else {
        return vec![object];
    };
    let (months, years) = periods(rules);
    let conditions = match removal_floor(rule_set, rules, facts.listed_on) {
        (_, true) => fill(words.conditions, &[("months", &months), ("years", &years)]),
        (_, false) => fill(words.conditions_alone, &[("months", &months)]),
    };
    let apply = rules.clocks.early_removal.working_days.to_string();
    let end = rules.clocks.withdrawal.working_days.to_string();
    let [authority] = authority;
    vec![
        conditions,
        words.bars.to_owned(),
        fill(words.apply, &[authority, ("days", &apply)]),
        object,
        fill(
            words.ends,
            &[("date", &facts.expires_on.to_string()), ("days", &end)],
        ),
    ]
}

/// Months from the correction and years from the listing.
fn periods(rules: &BlacklistRules) -> (String, String) {
    let early = &rules.early_removal;
    (
        early.months_after_correction.to_string(),
        early.floor.years_after_listing.to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rows(lang: Lang, earliest: Option<NaiveDate>) -> Vec<Fact> {
        let rule_set = builtin::find("cn-wage-blacklist", "2022.1").unwrap();
        let rules = rule_set.blacklist().unwrap();
        removal(lang, day("2026-03-05"), earliest, Some((rule_set, rules)))
    }

    #[test]
    fn a_listing_without_a_day_of_removal_says_why_and_names_both_periods() {
        let rows = rows(Lang::Chinese, None);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].label, "最早可申请移出");
        assert!(rows[0].text.starts_with("不适用："), "{}", rows[0].text);
        assert_eq!(rows[1].text, "自改正之日起满 6 个月");
        assert_eq!(rows[2].text, "自列入之日起满 1 年，即 2027-03-05");
    }

    #[test]
    fn a_day_that_the_record_names_is_shown() {
        for lang in [Lang::Chinese, Lang::English] {
            let rows = rows(lang, Some(day("2027-04-01")));
            assert_eq!(rows[0].text, "2027-04-01");
            assert!(rows[2].text.contains("2027-03-05"));
        }
    }
}
