//! Wage-blacklist procedures: four with the figures of Zhuzhou's published rows of 2022, and one of the
//! city that waits for a second person.
//!
//! Numbers of workers and amounts of the four are real; their employers, authority, dates, months owed and
//! responsible persons are invented, and the steps' reasons say so. Nothing is decided here: the steps go
//! through the procedure's own machine.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::authorities::officers;
use super::city::City;
use super::days::{self, WorkingDays};
use crate::domain::authority::Actor;
use crate::domain::blacklist::{
    Action, ArrearsFacts, Capacity, Case, CaseId, Decision, IncidentFacts, ResponsiblePerson, Service, Step,
    Who, WorkerArrears,
};
use crate::domain::code::UnifiedCode;
use crate::domain::dates;
use crate::domain::division::DivisionCode;
use crate::domain::employer::{Employer, EmployerKey, EmployerKind, EmployerName, Industry};
use crate::domain::evidence::{
    Evidence, EvidenceId, EvidenceKind, IncidentForm, Matter, Outcome, RefusedDocument,
};
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

/// A published row with what was invented for it.
struct Row {
    workers: u32,
    yuan: i64,
    /// Months and yuan of single workers, invented; the amounts of all three add up to the row's.
    each: &'static [(u32, i64)],
    name: &'static str,
    registered_at: &'static str,
    works_at: &'static str,
    industry: Industry,
    service: Service,
    objects: bool,
}

/// The four rows of December 2022 (workers and yuan as published).
const ROWS: [Row; 4] = [
    Row {
        workers: 125,
        yuan: 2_330_555,
        each: &[],
        name: "浙江示例筑达建筑劳务有限公司",
        registered_at: "330783",
        works_at: "430211",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: false,
    },
    Row {
        workers: 13,
        yuan: 310_790,
        each: &[],
        name: "江苏示例沃川建设工程有限公司",
        registered_at: "321202",
        works_at: "430202",
        industry: Industry::Construction,
        service: Service::Posted,
        objects: false,
    },
    Row {
        workers: 3,
        yuan: 42_293,
        each: &[(4, 16_800), (3, 14_493), (2, 11_000)],
        name: "湖南示例锦禾装饰工程股份有限公司",
        registered_at: "430104",
        works_at: "430203",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: true,
    },
    Row {
        workers: 27,
        yuan: 1_091_800,
        each: &[],
        name: "湖南示例万筑建筑劳务有限公司",
        registered_at: "430204",
        works_at: "430204",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: false,
    },
];

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
    let year = chrono::Datelike::year(&today);
    let working = WorkingDays::of_years(year - 1, year + 1);
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
        roles: found.roles,
        authority: found.authority,
        division,
    })
}

/// The papers of a procedure: the order to pay, and that it was not carried out.
struct Papers {
    id: String,
    office: &'static str,
    number: usize,
    served_on: NaiveDate,
    pay_by: NaiveDate,
    evidence: Vec<Evidence>,
}

impl Papers {
    fn new(
        id: &str,
        office: &'static str,
        served_on: NaiveDate,
        pay_by: NaiveDate,
        number: usize,
    ) -> Option<Self> {
        let mut papers = Self {
            id: id.to_owned(),
            office,
            number,
            served_on,
            pay_by,
            evidence: Vec::new(),
        };
        let order = EvidenceKind::Handled {
            outcome: Outcome::OrderToCorrect,
            matter: Matter::Wages,
        };
        papers.add(order, served_on, papers.paper("监令", served_on))?;
        let unpaid_on = days::after(pay_by, 1);
        let refusal = EvidenceKind::Refusal {
            of: RefusedDocument::RectificationOrder,
        };
        papers.add(refusal, unpaid_on, papers.paper("监拒", unpaid_on))?;
        Some(papers)
    }

    fn incident(&mut self, on: NaiveDate) -> Option<()> {
        let kind = EvidenceKind::Incident {
            form: IncidentForm::Mass,
            serious_effect: Some(true),
            caused_by_violation: Some(true),
        };
        self.add(kind, on, self.paper("监事", on))
    }

    fn add(&mut self, kind: EvidenceKind, on: NaiveDate, document_number: String) -> Option<()> {
        self.evidence.push(Evidence {
            id: EvidenceId::new(format!("ev-{}-{}", self.id, self.evidence.len() + 1)).ok()?,
            kind,
            occurred_on: on,
            decided_on: Some(on),
            document_number: Some(document_number),
            case_number: Some(self.paper("监立", self.served_on)),
        });
        Some(())
    }

    fn paper(&self, word: &str, on: NaiveDate) -> String {
        format!(
            "{}{word}〔{}〕第{:03}号",
            self.office,
            chrono::Datelike::year(&on),
            self.number
        )
    }

    fn ids(&self) -> Vec<EvidenceId> {
        self.evidence.iter().map(|piece| piece.id.clone()).collect()
    }
}

/// Steps being written down.
struct Story {
    recorder: Actor,
    decider: Actor,
    evidence: Vec<EvidenceId>,
    steps: Vec<(Action, Step)>,
}

impl Story {
    /// Order, last day gone by, examination, prior notice: the notice three working days after the last day.
    fn up_to_notice(&mut self, papers: &Papers, service: Service, facts: ArrearsFacts, reason: &str) {
        let Papers {
            served_on, pay_by, ..
        } = *papers;
        let number = papers.paper("监令", served_on);
        self.recorded(
            served_on,
            Action::ServePayOrder {
                number,
                served_on,
                pay_by,
                service,
            },
            "",
        );
        let gone_by = dates::add_days(pay_by, 1);
        let step = Step {
            who: Who::Clock,
            at: at(gone_by, 0),
            evidence: Vec::new(),
            reason: String::new(),
        };
        self.steps.push((Action::RecordOverdue {}, step));
        self.recorded(days::after(pay_by, 2), Action::Examine { facts }, reason);
        let received_on = days::after(pay_by, 3);
        let number = papers.paper("监告", received_on);
        self.recorded(received_on, Action::ServeNotice { number, received_on }, "");
    }

    fn recorded(&mut self, on: NaiveDate, action: Action, reason: &str) {
        self.step(self.recorder.clone(), on, action, reason);
    }

    fn proposed(&mut self, on: NaiveDate, decision: Decision, reason: &str) {
        self.step(self.recorder.clone(), on, Action::Propose { decision }, reason);
    }

    fn decided(&mut self, on: NaiveDate, action: Action, reason: &str) {
        self.step(self.decider.clone(), on, action, reason);
    }

    fn step(&mut self, actor: Actor, on: NaiveDate, action: Action, reason: &str) {
        let (who, at, evidence) = (Who::Officer(actor), at(on, 10), self.evidence.clone());
        self.steps.push((
            action,
            Step {
                who,
                at,
                evidence,
                reason: reason.to_owned(),
            },
        ));
    }
}

/// The full hour of a day in China.
fn at(day: NaiveDate, hour: i64) -> DateTime<Utc> {
    dates::day_start(day) + TimeDelta::hours(hour)
}
