//! The evidence of a year: what each employer's conduct, filing and noise leave on its file.

use chrono::NaiveDate;

use super::campaign::Filing;
use super::conduct::Conduct;
use super::days::{self, WorkingDays, date};
use super::dice::Dice;
use super::documents::{Draft, Paper};
use super::filing;
use super::noise::Noise;
use crate::domain::campaign::filing::FilingState;
use crate::domain::evidence::{
    EvidenceKind as Kind, IncidentForm, Matter, Outcome, RefusedDocument, SeriousMatter, TransferTarget,
};

const OUTCOMES: [(u32, Outcome); 3] = [
    (550, Outcome::OrderToCorrect),
    (200, Outcome::HandlingDecision),
    (250, Outcome::Penalty),
];

const MATTERS: [(u32, Matter); 8] = [
    (300, Matter::Wages),
    (220, Matter::LabourContracts),
    (200, Matter::SocialInsurance),
    (120, Matter::HoursAndRest),
    (50, Matter::InternalRules),
    (40, Matter::Dispatch),
    (40, Matter::WomenAndMinors),
    (30, Matter::Other),
];

/// A case under way: who, which, and when it was filed.
#[derive(Clone, Copy)]
struct Case {
    employer: usize,
    number: u32,
    filed: NaiveDate,
}

/// Writes facts down.
pub(super) struct Writer<'a> {
    pub(super) dice: &'a mut Dice,
    pub(super) days: &'a WorkingDays,
    /// The year under review.
    pub(super) year: i32,
    pub(super) drafts: Vec<Draft>,
    pub(super) cases: u32,
}

impl Writer<'_> {
    /// What an employer's conduct in the review year leaves.
    pub(super) fn conduct(&mut self, employer: usize, conduct: Conduct) {
        match conduct {
            Conduct::Clean | Conduct::Absent => {}
            Conduct::AbsentTwice => self.absences(employer, 1..=1),
            Conduct::AbsentThrice => self.absences(employer, 1..=2),
            Conduct::Handled | Conduct::AbsentAndHandled => self.handled(employer, self.year, 1),
            Conduct::HandledTwice => self.handled(employer, self.year, 2),
            Conduct::HandledThrice => self.handled(employer, self.year, 3),
            Conduct::TransferredToPolice => self.transferred(employer, TransferTarget::Police),
            Conduct::MassIncident => self.incident(employer, IncidentForm::Mass),
            Conduct::ExtremeIncident => self.incident(employer, IncidentForm::Extreme),
            Conduct::PublicOutcry => self.incident(employer, IncidentForm::Other),
            Conduct::ChildLabour => self.serious(employer, SeriousMatter::ChildLabour, Matter::ChildLabour),
            Conduct::ForcedLabour => self.serious(employer, SeriousMatter::ForcedLabour, Matter::Other),
            Conduct::RefusedOrder => self.refused(employer, RefusedDocument::RectificationOrder),
            Conduct::RefusedDecision => self.refused(employer, RefusedDocument::HandlingDecision),
            Conduct::RefusedPenalty => self.refused(employer, RefusedDocument::Penalty),
            Conduct::HandledFourTimesAndRefused => {
                self.handled(employer, self.year, 3);
                self.refused(employer, RefusedDocument::Penalty);
            }
            Conduct::Obstructed => self.obstructed(employer, self.year),
            Conduct::Convicted => self.convicted(employer),
        }
    }

    /// What the review leaves.
    pub(super) fn review(&mut self, filing: &Filing, closes_on: NaiveDate) {
        let review_year = self.year;
        let after_correction = filing.state == FilingState::PassedAfterCorrection;
        let (kind, paper) = match filing.state {
            FilingState::NotParticipated => (Kind::NonParticipation { review_year }, Paper::Absence),
            FilingState::Failed => (Kind::ReviewFailed { review_year }, Paper::Review),
            _ => (
                Kind::ReviewPassed {
                    review_year,
                    after_correction,
                },
                Paper::Review,
            ),
        };
        let occurred_on = filing.submitted_on.unwrap_or(closes_on);
        let (employer, decided_on) = (filing.employer, filing.closed_on);
        self.drafts.push(Draft {
            employer,
            kind,
            occurred_on,
            decided_on,
            paper,
            case: None,
        });
    }

    /// What must not count.
    pub(super) fn noise(&mut self, employer: usize, noise: Noise) {
        match noise {
            Noise::FilingWithdrawn => {
                let (case, decided_on) = self.case(employer, self.year, 1, 12);
                let matter = self.matter();
                let kind = Kind::Handled {
                    outcome: Outcome::FilingWithdrawn,
                    matter,
                };
                self.push(case, kind, case.filed, decided_on, Paper::Withdrawal);
            }
            Noise::HandledBefore => self.handled(employer, self.year - 1, 1),
            Noise::HandledTwiceBefore => self.handled(employer, self.year - 1, 2),
            Noise::DecidedLater => self.decided_later(employer),
            Noise::TransferredElsewhere => self.transferred(employer, TransferTarget::OtherDepartment),
            Noise::UnrelatedIncident => self.unrelated_incident(employer),
            Noise::ObstructedBefore => self.obstructed(employer, self.year - 2),
            Noise::AbsentBefore => self.absences(employer, 1..=1),
            Noise::AbsentLongBefore => self.absences(employer, 2..=3),
            Noise::SeveralPapers => self.second_paper(employer),
        }
    }

    /// `count` cases of `year`, each in its own part of it.
    pub(super) fn handled(&mut self, employer: usize, year: i32, count: u32) {
        let months = 12 / count.max(1);
        for part in 0..count {
            let (case, decided_on) = self.case(employer, year, part * months + 1, (part + 1) * months);
            let outcome = self.dice.weighted(&OUTCOMES, Outcome::OrderToCorrect);
            let matter = self.matter();
            self.push(
                case,
                Kind::Handled { outcome, matter },
                case.filed,
                decided_on,
                paper_of(outcome),
            );
        }
    }

    /// This year's case ended with an order to correct and then a penalty: one case all the same.
    fn second_paper(&mut self, employer: usize) {
        let year_end = date(self.year, 12, 31);
        let mut drafts = self.drafts.iter_mut().rev();
        let Some(first) = drafts.find(|draft| draft.employer == employer && draft.case.is_some()) else {
            return;
        };
        let Kind::Handled { matter, .. } = first.kind else {
            return;
        };
        first.kind = Kind::Handled {
            outcome: Outcome::OrderToCorrect,
            matter,
        };
        first.paper = Paper::Order;
        let kind = Kind::Handled {
            outcome: Outcome::Penalty,
            matter,
        };
        let decided_on = days::after(first.decided_on, 12).min(self.days.before(year_end, 1));
        let second = Draft {
            kind,
            decided_on,
            paper: Paper::Penalty,
            ..first.clone()
        };
        self.drafts.push(second);
    }

    fn decided_later(&mut self, employer: usize) {
        let decided_on = self
            .days
            .within(self.dice, date(self.year + 1, 1, 5), date(self.year + 1, 2, 10));
        let filed = self
            .days
            .within(self.dice, date(self.year, 11, 20), date(self.year, 12, 26));
        let case = self.open(employer, filed);
        let matter = self.matter();
        let kind = Kind::Handled {
            outcome: Outcome::OrderToCorrect,
            matter,
        };
        self.push(case, kind, filed, decided_on, Paper::Order);
    }

    fn transferred(&mut self, employer: usize, to: TransferTarget) {
        let (case, decided_on) = self.case(employer, self.year, 3, 11);
        self.push(
            case,
            Kind::Transfer { to },
            case.filed,
            decided_on,
            Paper::Transfer,
        );
    }

    /// An incident with serious bad effect that unpaid wages (or, without a gathering, unpaid insurance) caused.
    fn incident(&mut self, employer: usize, form: IncidentForm) {
        let (case, decided_on) = self.case(employer, self.year, 3, 11);
        let matter = if form == IncidentForm::Other {
            Matter::SocialInsurance
        } else {
            Matter::Wages
        };
        let handled = Kind::Handled {
            outcome: Outcome::HandlingDecision,
            matter,
        };
        self.push(case, handled, case.filed, decided_on, Paper::Handling);
        let incident = Kind::Incident {
            form,
            serious_effect: Some(true),
            caused_by_violation: Some(true),
        };
        let found_on = days::after(case.filed, 3).min(decided_on);
        self.push(
            case,
            incident,
            case.filed,
            self.in_year(found_on),
            Paper::Incident,
        );
    }

    fn unrelated_incident(&mut self, employer: usize) {
        let on = self
            .days
            .within(self.dice, date(self.year, 2, 10), date(self.year, 11, 20));
        let (form, no) = (IncidentForm::Mass, Some(false));
        let kind = Kind::Incident {
            form,
            serious_effect: no,
            caused_by_violation: no,
        };
        let decided_on = days::after(on, 4);
        let paper = Paper::Incident;
        self.drafts.push(Draft {
            employer,
            kind,
            occurred_on: on,
            decided_on,
            paper,
            case: None,
        });
    }

    fn serious(&mut self, employer: usize, of: SeriousMatter, matter: Matter) {
        let (case, decided_on) = self.case(employer, self.year, 3, 12);
        self.push(
            case,
            Kind::SeriousViolation { of },
            case.filed,
            decided_on,
            Paper::Finding,
        );
        let handled = Kind::Handled {
            outcome: Outcome::Penalty,
            matter,
        };
        self.push(case, handled, case.filed, decided_on, Paper::Penalty);
    }

    fn refused(&mut self, employer: usize, of: RefusedDocument) {
        // By September, so that the document's time runs out within the year.
        let (case, decided_on) = self.case(employer, self.year, 2, 9);
        let outcome = match of {
            RefusedDocument::RectificationOrder => Outcome::OrderToCorrect,
            RefusedDocument::HandlingDecision => Outcome::HandlingDecision,
            RefusedDocument::Penalty => Outcome::Penalty,
        };
        let matter = self.matter();
        self.push(
            case,
            Kind::Handled { outcome, matter },
            case.filed,
            decided_on,
            paper_of(outcome),
        );
        let refused_on = days::after(decided_on, self.dice.between(11, 30));
        self.push(
            case,
            Kind::Refusal { of },
            refused_on,
            days::after(refused_on, 3),
            Paper::Refusal,
        );
    }

    fn obstructed(&mut self, employer: usize, year: i32) {
        let (case, decided_on) = self.case(employer, year, 2, 12);
        self.push(
            case,
            Kind::Obstruction,
            case.filed,
            decided_on,
            Paper::Obstruction,
        );
        let handled = Kind::Handled {
            outcome: Outcome::Penalty,
            matter: Matter::Other,
        };
        self.push(case, handled, case.filed, decided_on, Paper::Penalty);
    }

    fn convicted(&mut self, employer: usize) {
        let (case, moved_on) = self.case(employer, self.year, 2, 5);
        let police = Kind::Transfer {
            to: TransferTarget::Police,
        };
        self.push(case, police, case.filed, moved_on, Paper::Transfer);
        let judged_on = days::after(moved_on, self.dice.between(80, 130));
        self.push(
            case,
            Kind::CriminalLiability,
            judged_on,
            judged_on,
            Paper::Judgment,
        );
    }

    /// Absences so many years before the review year.
    fn absences(&mut self, employer: usize, years_back: std::ops::RangeInclusive<i32>) {
        for back in years_back {
            let review_year = self.year - back;
            let closed = days::or_next(date(review_year + 1, 6, 30));
            let decided_on = filing::absence_found(self.dice, closed);
            let (kind, paper) = (Kind::NonParticipation { review_year }, Paper::Absence);
            self.drafts.push(Draft {
                employer,
                kind,
                occurred_on: closed,
                decided_on,
                paper,
                case: None,
            });
        }
    }

    /// A case decided in these months of `year`, filed up to 55 working days before (limit: 60, 监察条例 Art 17).
    fn case(&mut self, employer: usize, year: i32, first: u32, last: u32) -> (Case, NaiveDate) {
        let decided_on = self
            .days
            .within(self.dice, date(year, first, 3), date(year, last, 28));
        let filed = self.days.before(decided_on, self.dice.between(6, 55));
        (self.open(employer, filed), decided_on)
    }

    fn open(&mut self, employer: usize, filed: NaiveDate) -> Case {
        self.cases += 1;
        Case {
            employer,
            number: self.cases,
            filed,
        }
    }

    fn matter(&mut self) -> Matter {
        self.dice.weighted(&MATTERS, Matter::Wages)
    }

    /// `day`, or the first working day of the review year where `day` lies before it.
    fn in_year(&self, day: NaiveDate) -> NaiveDate {
        day.max(days::or_next(date(self.year, 1, 2)))
    }

    fn push(&mut self, case: Case, kind: Kind, occurred_on: NaiveDate, decided_on: NaiveDate, paper: Paper) {
        let Case {
            employer,
            number,
            filed,
        } = case;
        let case = Some((number, filed));
        self.drafts.push(Draft {
            employer,
            kind,
            occurred_on,
            decided_on,
            paper,
            case,
        });
    }
}

const fn paper_of(outcome: Outcome) -> Paper {
    match outcome {
        Outcome::Penalty => Paper::Penalty,
        Outcome::HandlingDecision => Paper::Handling,
        Outcome::OrderToCorrect => Paper::Order,
        Outcome::FilingWithdrawn => Paper::Withdrawal,
    }
}
