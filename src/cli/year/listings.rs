//! Wage-blacklist cases of the year.
//!
//! Four invented employers under an invented Hunan authority carry the figures of four real listings
//! (Zhuzhou, December 2022) under Hunan's real amounts; how many months were owed is invented, for the
//! notices do not say. A fifth case, of Chongqing, is left for a second person to approve: the rule set
//! has no local amounts for Chongqing, so two limbs stay undetermined and only the incident is met.

use std::error::Error;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::story::{moment, officer, rules};
use super::{Demo, register};
use crate::domain::authority::Actor;
use crate::domain::blacklist::{
    Action, ArrearsFacts, Capacity, Case, CaseId, IncidentFacts, ResponsiblePerson, Service, WorkerArrears,
};
use crate::domain::code::UnifiedCode;
use crate::domain::division::DivisionCode;
use crate::domain::employer::{Employer, EmployerKind, EmployerName};
use crate::domain::evidence::{EvidenceId, EvidenceKind, IncidentForm};
use crate::domain::money::Fen;
use crate::domain::registration::EmployerKey;
use crate::domain::ruleset::RuleSet;
use crate::registry::clock::date_in_shanghai;
use crate::registry::publish::Stops;
use crate::registry::blacklist::{self, Grounds};
use crate::registry::release;
use crate::store::{self, batch as batches, employer};

type Told = Result<(), Box<dyn Error>>;

/// Of an invented employer, with real figures.
struct Arrears {
    name: &'static str,
    body: &'static str,
    head: &'static str,
    workers: u32,
    yuan: &'static str,
    /// Months and yuan owed to the worker who is owed most; the months are invented.
    most: (u32, &'static str),
}

const ARREARS: [Arrears; 4] = [
    Arrears { name: "湘东示例至程劳务有限公司", body: "MAH0001X", head: "甲示例", workers: 125, yuan: "2330555", most: (5, "31200") },
    Arrears { name: "湘东示例沃驰建设工程有限公司", body: "MAH0002X", head: "乙示例", workers: 13, yuan: "310790", most: (4, "28000") },
    Arrears { name: "湘东示例布衣装饰工程有限公司", body: "MAH0003X", head: "丙示例", workers: 3, yuan: "42293", most: (4, "18500") },
    Arrears { name: "湘东示例万发劳务有限公司", body: "MAH0004X", head: "丁示例", workers: 27, yuan: "1091800", most: (6, "52000") },
];

const HUNAN: &str = "430200";

/// Takes the four cases from the order to pay to the published listing.
pub(super) fn list(demo: &Demo, stops: &dyn Stops) -> Told {
    let law = rules("cn-wage-blacklist", "2022.1")?;
    let (clerk, head) = (officer(demo, "chen.banli")?, officer(demo, "zhou.queren")?);
    add_employers(demo)?;
    let place: DivisionCode = HUNAN.parse()?;
    let mut cases = Vec::new();
    for (nth, arrears) in (1_usize..).zip(&ARREARS) {
        let id = format!("zz-2026-{nth:03}");
        let facts = ArrearsFacts {
            division: place,
            migrant_workers: Some(true),
            workers: Some(arrears.workers),
            total: Some(Fen::parse(arrears.yuan)?),
            each: vec![WorkerArrears { months: Some(arrears.most.0), amount: Some(Fen::parse(arrears.most.1)?) }],
            incidents: Some(Vec::new()),
        };
        let employer = register::number(demo.city.employers.len().saturating_add(nth).saturating_sub(1));
        let key = EmployerKey::Code(code(arrears)?);
        let steps = Steps { demo, law, clerk: &clerk, id: &id };
        steps.open(employer, key, place)?;
        cases.push((id, facts, vec![person(arrears.head)]));
    }
    let (order, pay_by, notice) = (date(2026, 6, 8)?, date(2026, 6, 30)?, date(2026, 7, 2)?);
    for (nth, (id, facts, _)) in (1_u32..).zip(&cases) {
        let number = format!("湘示例人社责支〔2026〕{nth:03}号");
        let steps = Steps { demo, law, clerk: &clerk, id };
        steps.until_notice(facts, &number, order, pay_by, notice)?;
    }
    demo.clock.advance(moment(2026, 7, 20, 10));
    if batch_of(demo, HUNAN)?.is_none() {
        let proposals: Vec<_> = cases
            .into_iter()
            .map(|(id, _, persons)| (id, persons, "逾期未支付,且符合列入情形".to_owned()))
            .collect();
        blacklist::propose_listings(&demo.registry, &clerk, law, "2026年第一批拖欠农民工工资失信名单", &proposals)?;
    }
    let row = batch_of(demo, HUNAN)?.ok_or("the listings were not proposed")?;
    demo.clock.advance(moment(2026, 7, 22, 15));
    if row.state == "proposed" {
        crate::registry::batch::approve(&demo.registry, &head, &row.id, &row.digest, "经集体讨论,同意列入")?;
    }
    demo.clock.advance(moment(2026, 7, 23, 9));
    if row.state != "published" {
        release::publish(&demo.registry, &head, &row.id, stops, &|_, _| ())?;
    }
    Ok(())
}

/// Leaves one case, with its listing proposed, for a second person.
pub(super) fn leave_pending(demo: &Demo, real: DateTime<Utc>) -> Told {
    const CITY: &str = "500000";
    if batch_of(demo, CITY)?.is_some() {
        return Ok(());
    }
    let law = rules("cn-wage-blacklist", "2022.1")?;
    let clerk = officer(demo, "li.shencha")?;
    let Some(place) = with_serious_incident(demo) else { return Ok(()) };
    let Some(employer) = demo.city.employers.get(place) else { return Ok(()) };
    let facts = ArrearsFacts {
        division: employer.division,
        migrant_workers: Some(true),
        workers: Some(16),
        total: Some(Fen::parse("268400")?),
        each: vec![WorkerArrears { months: Some(3), amount: Some(Fen::parse("21600")?) }],
        incidents: Some(vec![IncidentFacts {
            form: IncidentForm::Mass,
            serious_effect: Some(true),
            caused_by_arrears: Some(true),
        }]),
    };
    let today = date_in_shanghai(real);
    let days_ago = |days: i64| today - TimeDelta::days(days);
    let id = "cq-2026-001";
    let steps = Steps { demo, law, clerk: &clerk, id };
    steps.open(register::number(place), employer.key.clone(), employer.division)?;
    demo.clock.advance(real - TimeDelta::days(17));
    steps.until_notice(&facts, "渝人社责支〔2026〕031号", days_ago(38), days_ago(19), days_ago(17))?;
    demo.clock.advance(real - TimeDelta::hours(2));
    let proposals =
        [(id.to_owned(), vec![person("戊示例")], "因欠薪引发群体性事件,造成严重不良社会影响".to_owned())];
    blacklist::propose_listings(&demo.registry, &clerk, law, "拖欠农民工工资失信名单(待审批)", &proposals)?;
    Ok(())
}

/// The steps of one case up to the prior notice; those taken in an earlier run are not taken again.
struct Steps<'a> {
    demo: &'a Demo,
    law: &'a RuleSet,
    clerk: &'a Actor,
    id: &'a str,
}

impl Steps<'_> {
    fn open(&self, employer: i64, key: EmployerKey, place: DivisionCode) -> Told {
        let known = store::blacklist::find(&mut *self.demo.registry.store.conn()?, self.id)?;
        if known.is_none() {
            let case = Case::open(CaseId::new(self.id)?, key, place);
            blacklist::open(&self.demo.registry, self.clerk, employer, &case)?;
        }
        Ok(())
    }

    fn until_notice(
        &self,
        facts: &ArrearsFacts,
        number: &str,
        ordered: NaiveDate,
        pay_by: NaiveDate,
        notified: NaiveDate,
    ) -> Told {
        let taken = blacklist::read(&mut *self.demo.registry.store.conn()?, self.id)?.history().len();
        let order = Action::ServePayOrder {
            number: number.to_owned(),
            served_on: ordered,
            pay_by,
            service: Service::Direct,
        };
        let notice = Action::ServeNotice { number: number.replace("责支", "告知"), received_on: notified };
        let all = [order, Action::RecordOverdue {}, Action::Examine { facts: facts.clone() }, notice];
        for (nth, action) in all.into_iter().enumerate().skip(taken) {
            if matches!(action, Action::ServeNotice { .. }) {
                let morning = notified.and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(2);
                self.demo.clock.advance(morning.and_utc());
            }
            let evidence = vec![EvidenceId::new(format!("{}-{nth}", self.id))?];
            let grounds = Grounds { reason: String::new(), evidence };
            blacklist::take(&self.demo.registry, self.clerk, self.id, self.law, action, grounds)?;
        }
        Ok(())
    }
}

fn add_employers(demo: &Demo) -> Told {
    let first = demo.city.employers.len();
    let mut conn = demo.registry.store.conn()?;
    let mut rows = Vec::new();
    for (nth, arrears) in ARREARS.iter().enumerate() {
        let id = register::number(first.saturating_add(nth));
        if employer::find(&mut conn, id)?.is_some() {
            continue;
        }
        let known = Employer {
            key: EmployerKey::Code(code(arrears)?),
            name: EmployerName::parse(arrears.name)?,
            kind: EmployerKind::Enterprise,
            division: HUNAN.parse()?,
            industry: "E".parse()?,
            headcount: Some(arrears.workers.saturating_add(6)),
            registered_on: Some(date(2018, 5, 8)?),
        };
        rows.push(register::row(id, &known)?);
    }
    store::write(&mut conn, |conn| employer::insert(conn, &rows))?;
    Ok(())
}

fn code(arrears: &Arrears) -> Result<UnifiedCode, Box<dyn Error>> {
    Ok(UnifiedCode::from_parts("91", HUNAN, arrears.body)?)
}

fn person(name: &str) -> ResponsiblePerson {
    ResponsiblePerson { name: name.to_owned(), capacity: Capacity::Head }
}

fn date(year: i32, month: u32, day: u32) -> Result<NaiveDate, Box<dyn Error>> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| "no such date".into())
}

/// The batch of listings of an authority.
fn batch_of(demo: &Demo, authority: &str) -> Result<Option<batches::BatchRow>, Box<dyn Error>> {
    let all = batches::all(&mut *demo.registry.store.conn()?)?;
    Ok(all.into_iter().find(|row| row.kind == blacklist::KIND && row.authority_id == authority))
}

/// The place of the first employer with a mass incident of serious effect in its file.
fn with_serious_incident(demo: &Demo) -> Option<usize> {
    let serious = |kind: &EvidenceKind| {
        matches!(kind, EvidenceKind::Incident { serious_effect: Some(true), caused_by_violation: Some(true), .. })
    };
    demo.city.evidence.iter().find(|(_, item)| serious(&item.kind)).map(|(place, _)| *place)
}
