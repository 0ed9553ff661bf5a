//! Wage-blacklist procedures: four with the figures of Zhuzhou's published rows of 2022, and one of the
//! city that waits for a second person.
//!
//! Numbers of workers and amounts of the four are real; their employers, authority, dates, months owed and
//! responsible persons are invented, and the steps' reasons say so. Nothing is decided here: the steps go
//! through the procedure's own machine.

mod rows;
mod story;

use chrono::{Datelike as _, NaiveDate};

use self::rows::{ROWS, Row};
use self::story::{Papers, Story};
use super::authorities::officers;
use super::city::City;
use super::days::{self, WorkingDays};
use crate::domain::authority::{AccountId, Actor};
use crate::domain::blacklist::{
    Action, ArrearsFacts, Capacity, Case, CaseId, Decision, IncidentFacts, ResponsiblePerson, Service, Step,
    WorkerArrears,
};
use crate::domain::code::UnifiedCode;
use crate::domain::dates;
use crate::domain::division::DivisionCode;
use crate::domain::employer::{Employer, EmployerKey, EmployerKind, EmployerName};
use crate::domain::evidence::{Evidence, EvidenceKind, IncidentForm};
use crate::domain::money::Fen;

/// A listing procedure, step by step. Its evidence belongs on the employer's file before the first step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    /// The case's id.
    pub case: CaseId,
    /// The employer; for the city's case one of its register.
    pub employer: Employer,
    /// The facts that the steps refer to, none of them of a year under review before the order's.
    pub evidence: Vec<Evidence>,
    /// Every step in order of time, to be applied to [`open`](Self::open).
    pub steps: Vec<(Action, Step)>,
}

impl Procedure {
    /// The case before its first step.
    #[must_use]
    pub fn open(&self) -> Case {
        Case::open(
            self.case.clone(),
            self.employer.key.clone(),
            self.employer.division,
        )
    }
}

/// What each step of the four says about its figures.
const PUBLISHED: &str =
    "人数与金额取自株洲市2022年12月公布的名单；用人单位、机关、日期、欠薪月数均为演示虚构。";

/// The four procedures of the invented Hunan authority, from pay order to publication, under Hunan's local
/// amounts. The first order is served on `first_order_on` or the next working day, each further one five
/// working days later; each is published within 27 working days of its order. The third party objects in vain.
#[must_use]
pub fn zhuzhou(first_order_on: NaiveDate) -> Vec<Procedure> {
    let mut served_on = days::or_next(first_order_on);
    let mut procedures = Vec::new();
    for (place, row) in ROWS.iter().enumerate() {
        procedures.extend(listed(row, place + 1, served_on));
        served_on = days::after(served_on, 5);
    }
    procedures
}

fn listed(row: &Row, number: usize, served_on: NaiveDate) -> Option<Procedure> {
    let employer = Employer {
        // MAE is a series that the city's generator does not use.
        key: EmployerKey::Code(
            UnifiedCode::from_parts("91", row.registered_at, &format!("MAEDEM0{number}")).ok()?,
        ),
        name: EmployerName::parse(row.name).ok()?,
        kind: EmployerKind::Enterprise,
        division: DivisionCode::parse(row.works_at).ok()?,
        industry: row.industry,
        headcount: Some(row.workers + 12),
        registered_on: Some(days::date(2014, 5, 20)),
    };
    let facts = ArrearsFacts {
        division: employer.division,
        migrant_workers: Some(true),
        workers: Some(row.workers),
        total: Fen::from_yuan(row.yuan),
        each: row
            .each
            .iter()
            .map(|(months, yuan)| worker(*months, *yuan))
            .collect(),
        incidents: Some(Vec::new()),
    };
    let pay_by = days::after(served_on, 10);
    let papers = Papers::new(
        &format!("wb-430200-{number}"),
        "株示例人社",
        served_on,
        pay_by,
        number,
    )?;
    let mut story = Story {
        recorder: officer("chen.banli")?,
        decider: officer("zhou.queren")?,
        evidence: papers.ids(),
        steps: Vec::new(),
    };
    let day = |n| days::after(pay_by, n);
    story.up_to_notice(&papers, row.service, facts, PUBLISHED);
    let mut next = 10;
    if row.objects {
        story.recorded(
            day(5),
            Action::RecordObjection { received_on: day(5) },
            "当事人提出异议，称已结清。",
        );
        story.proposed(
            day(8),
            Decision::RejectObjection {},
            "经核实，当事人未提交支付凭证，异议不成立。",
        );
        story.decided(day(9), Action::Approve {}, "同意。");
        next = 11;
    }
    let persons = vec![ResponsiblePerson {
        name: "示例负责人（虚构）".to_owned(),
        capacity: Capacity::Head,
    }];
    story.proposed(
        day(next),
        Decision::List { persons },
        "责令支付期满未支付，符合列入条件。",
    );
    story.decided(day(next + 2), Action::Approve {}, "同意列入。");
    story.decided(day(next + 3), Action::Publish {}, "");
    let case = CaseId::new(format!("wb-430200-{number}")).ok()?;
    Some(Procedure {
        case,
        employer,
        evidence: papers.evidence,
        steps: story.steps,
    })
}

/// A procedure of the city's authority that is proposed on `today`, or the last working day before it, and
/// left for a second person, ten working days before its period ends.
///
/// It runs against an employer whose unpaid wages brought a crowd together in the review year, where the
/// city has one; otherwise against its largest firm. A new incident follows the pay order. The rule set has
/// no local amount for the city, so both limbs that need one stay undetermined. None for an empty city, or
/// where `today` is so early that the order would fall into the review year.
#[must_use]
pub fn pending(city: &City, today: NaiveDate) -> Option<Procedure> {
    let (place, employer) = debtor(city)?;
    let working = WorkingDays::of_years(today.year() - 1, today.year() + 1);
    let proposed_on = working.before(dates::add_days(today, 1), 1);
    let pay_by = working.before(proposed_on, 10);
    let served_on = working.before(pay_by, 10);
    if served_on <= days::date(city.campaign.plan().review_year, 12, 31) {
        return None;
    }
    let workers = employer.headcount.unwrap_or_default().min(23);
    let facts = ArrearsFacts {
        division: employer.division,
        migrant_workers: Some(true),
        workers: Some(workers),
        total: Fen::from_yuan(i64::from(workers) * 18_640),
        each: vec![worker(5, 18_640)],
        incidents: Some(vec![IncidentFacts {
            form: IncidentForm::Mass,
            serious_effect: Some(true),
            caused_by_arrears: Some(true),
        }]),
    };
    let mut papers = Papers::new("wb-500000-1", "渝人社", served_on, pay_by, 1)?;
    papers.incident(days::after(pay_by, 1))?;
    let earlier = city
        .evidence
        .iter()
        .filter(|(who, piece)| *who == place && matches!(piece.kind, EvidenceKind::Incident { .. }));
    let mut story = Story {
        recorder: officer("li.shencha")?,
        decider: officer("wang.hezhun")?,
        evidence: papers
            .ids()
            .into_iter()
            .chain(earlier.map(|(_, piece)| piece.id.clone()))
            .collect(),
        steps: Vec::new(),
    };
    let reason = "本市数额标准未录入规则集，两项数额条件不作认定；欠薪引发群体性事件并造成严重不良社会影响（演示虚构）。";
    story.up_to_notice(&papers, Service::Direct, facts, reason);
    let persons = vec![ResponsiblePerson {
        name: "示例负责人（虚构）".to_owned(),
        capacity: Capacity::Head,
    }];
    story.proposed(
        proposed_on,
        Decision::List { persons },
        "责令支付期满未支付，且引发群体性事件，拟列入名单。",
    );
    let case = CaseId::new("wb-500000-1").ok()?;
    Some(Procedure {
        case,
        employer: employer.clone(),
        evidence: papers.evidence,
        steps: story.steps,
    })
}

/// The employer of the city's case: one with a wage incident, or else the largest firm.
fn debtor(city: &City) -> Option<(usize, &Employer)> {
    let incident = city
        .conduct
        .iter()
        .position(|conduct| conduct.is_some_and(|one| one.is_wage_incident()));
    if let Some(place) = incident {
        return city.employers.get(place).map(|employer| (place, employer));
    }
    city.employers
        .iter()
        .enumerate()
        .max_by_key(|(_, employer)| employer.headcount)
}

fn worker(months: u32, yuan: i64) -> WorkerArrears {
    WorkerArrears {
        months: Some(months),
        amount: Fen::from_yuan(yuan),
    }
}

fn officer(login: &str) -> Option<Actor> {
    let found = officers().into_iter().find(|officer| officer.login == login)?;
    // An authority's id is its division code.
    let division = DivisionCode::parse(found.authority.as_str()).ok()?;
    Some(Actor {
        person: found.person,
        account: AccountId::new(login).ok()?,
        roles: found.roles,
        authority: found.authority,
        division,
    })
}
