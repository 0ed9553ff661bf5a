mod limbs;
mod paths;
mod procedure;
mod terms;

use chrono::{DateTime, NaiveDate, Utc};

use super::*;
use crate::domain::authority::{AccountId, Actor, AuthorityId, PersonId, Roles};
use crate::domain::calendar::Calendar;
use crate::domain::evidence::EvidenceId;
use crate::domain::money::Fen;
use crate::domain::ruleset::{RuleSet, builtin};

fn rules() -> &'static RuleSet {
    builtin::find("cn-wage-blacklist", "2022.1").unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn yuan(yuan: i64) -> Fen {
    Fen::from_yuan(yuan).unwrap()
}

/// Noon in China on that day.
fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T04:00:00Z").parse().unwrap()
}

fn officer(person: &str, roles: &str, division: &str) -> Actor {
    Actor {
        person: PersonId::new(person).unwrap(),
        account: AccountId::new(person).unwrap(),
        roles: roles.parse::<Roles>().unwrap(),
        authority: AuthorityId::new(division).unwrap(),
        division: division.parse().unwrap(),
    }
}

fn step(person: &str, roles: &str, day: &str) -> Step {
    Step {
        who: Who::Officer(officer(person, roles, "430200")),
        at: noon(day),
        evidence: vec![EvidenceId::new("e1").unwrap()],
        reason: "as documented".to_owned(),
    }
}

/// Facts of a Zhuzhou listing of 2022 that meets the ten-worker limb.
fn facts() -> ArrearsFacts {
    ArrearsFacts {
        division: "430200".parse().unwrap(),
        migrant_workers: Some(true),
        workers: Some(125),
        total: Some(yuan(2_330_555)),
        each: vec![],
        incidents: None,
    }
}

fn case() -> Case {
    let key = "uscc:91110000600037341L".parse().unwrap();
    Case::open(CaseId::new("c1").unwrap(), key, "430200".parse().unwrap())
}

fn take(case: &Case, action: Action, step: &Step) -> Result<Case, Refusal> {
    case.apply(action, step, rules(), Calendar::standard())
}

fn fact_step(day: &str) -> Step {
    step("li", "clerk", day)
}

fn propose(case: &Case, decision: Decision, day: &str) -> Result<Case, Refusal> {
    take(case, Action::Propose { decision }, &step("li", "reviewer", day))
}

fn approve(case: &Case, day: &str) -> Result<Case, Refusal> {
    take(case, Action::Approve {}, &step("wu", "approver", day))
}

fn decide(case: &Case, decision: Decision, day: &str) -> Case {
    approve(&propose(case, decision, day).unwrap(), day).unwrap()
}

fn order(served_on: &str, pay_by: &str) -> Action {
    Action::ServePayOrder {
        number: "株人社监令〔2026〕1号".to_owned(),
        served_on: date(served_on),
        pay_by: date(pay_by),
        service: Service::Posted,
    }
}

/// Overdue since Friday 2026-03-20, examined.
fn overdue() -> Case {
    let served = take(
        &case(),
        order("2026-03-02", "2026-03-20"),
        &fact_step("2026-03-02"),
    )
    .unwrap();
    let overdue = take(&served, Action::RecordOverdue {}, &fact_step("2026-03-21")).unwrap();
    take(
        &overdue,
        Action::Examine { facts: facts() },
        &fact_step("2026-03-23"),
    )
    .unwrap()
}

fn noticed() -> Case {
    let notice = Action::ServeNotice {
        number: "1".to_owned(),
        received_on: date("2026-03-23"),
    };
    take(&overdue(), notice, &fact_step("2026-03-23")).unwrap()
}

fn listing() -> Decision {
    let person = ResponsiblePerson {
        name: "某某".to_owned(),
        capacity: Capacity::Head,
    };
    Decision::List {
        persons: vec![person],
    }
}

/// Listed on 2026-03-31.
fn listed() -> Case {
    decide(&noticed(), listing(), "2026-03-31")
}

fn published() -> Case {
    take(
        &listed(),
        Action::Publish {},
        &step("he", "publisher", "2026-04-01"),
    )
    .unwrap()
}
