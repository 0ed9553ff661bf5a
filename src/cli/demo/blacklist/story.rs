//! Papers and steps of a procedure, written down in order.

use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};

use crate::cli::demo::days;
use crate::domain::authority::Actor;
use crate::domain::blacklist::{Action, ArrearsFacts, Decision, Service, Step, Who};
use crate::domain::dates;
use crate::domain::evidence::{
    Evidence, EvidenceId, EvidenceKind, IncidentForm, Matter, Outcome, RefusedDocument,
};

/// The papers of a procedure: the order to pay, and that it was not carried out.
pub(super) struct Papers {
    id: String,
    office: &'static str,
    number: usize,
    served_on: NaiveDate,
    pay_by: NaiveDate,
    pub(super) evidence: Vec<Evidence>,
}

impl Papers {
    pub(super) fn new(
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

    pub(super) fn incident(&mut self, on: NaiveDate) -> Option<()> {
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
        format!("{}{word}〔{}〕第{:03}号", self.office, on.year(), self.number)
    }

    pub(super) fn ids(&self) -> Vec<EvidenceId> {
        self.evidence.iter().map(|piece| piece.id.clone()).collect()
    }
}

/// Steps being written down.
pub(super) struct Story {
    pub(super) recorder: Actor,
    pub(super) decider: Actor,
    pub(super) evidence: Vec<EvidenceId>,
    pub(super) steps: Vec<(Action, Step)>,
}

impl Story {
    /// Order, last day gone by, examination, prior notice: the notice three working days after the last day.
    pub(super) fn up_to_notice(
        &mut self,
        papers: &Papers,
        service: Service,
        facts: ArrearsFacts,
        reason: &str,
    ) {
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

    pub(super) fn recorded(&mut self, on: NaiveDate, action: Action, reason: &str) {
        self.step(self.recorder.clone(), on, action, reason);
    }

    pub(super) fn proposed(&mut self, on: NaiveDate, decision: Decision, reason: &str) {
        self.step(self.recorder.clone(), on, Action::Propose { decision }, reason);
    }

    pub(super) fn decided(&mut self, on: NaiveDate, action: Action, reason: &str) {
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
