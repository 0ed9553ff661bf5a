//! Checks a roster row by row, in one pass: memory grows by an identity number a row, whatever the rows hold.

use std::collections::HashMap;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::cell::{Cell, Contract, Employment, LONGEST};
use super::column::Column;
use super::finding::{Finding, Found};
use super::id_number::{IdNumber, Sex};

/// The limits of the law, from the rule set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterRules {
    /// Below this age at the beginning it is child labour (劳动法 Art 15): full years.
    pub least_age: u32,
    /// Below this age a worker is a minor (劳动法 Art 58): full years.
    pub adult_age: u32,
    /// A written contract is owed after so many full months (劳动合同法 Art 10).
    pub contract_months: u32,
    /// Without one it counts as open-ended after so many full months (劳动合同法 Art 14).
    pub open_months: u32,
}

/// A row as read: what could be understood of it. Personal data: it prints its row's number alone.
#[derive(Clone, PartialEq)]
pub struct Person {
    /// The row as the spreadsheet numbers it.
    pub row: u32,
    /// The identity number, where it is one.
    pub id: Option<IdNumber>,
    /// The form of employment.
    pub employment: Option<Employment>,
    /// First day of employment (Asia/Shanghai).
    pub started_on: Option<NaiveDate>,
    /// Last day, for those who left.
    pub left_on: Option<NaiveDate>,
    /// The contract's term.
    pub contract: Option<Contract>,
    sex: Option<Sex>,
    born_on: Option<NaiveDate>,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person(row {})", self.row)
    }
}

/// Counts of a checked roster.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Rows with content.
    pub rows: u32,
    /// Of them, people who had not left on the roster's day.
    pub present: u32,
    /// Of those, women by identity number.
    pub women: u32,
    /// Of those, minors.
    pub minors: u32,
    /// Of those, dispatched workers.
    pub dispatched: u32,
    /// Of those, people with a written contract.
    pub contracts: u32,
    /// Of those, people who are owed one.
    pub owed: u32,
}

/// Checks one roster. `as_of` is the day it speaks of, usually 31 December of the year under review.
pub struct Checker {
    rules: RosterRules,
    as_of: NaiveDate,
    first_rows: HashMap<IdNumber, u32>,
    summary: Summary,
}

impl Checker {
    /// A checker of a roster of `as_of`.
    #[must_use]
    pub fn new(rules: RosterRules, as_of: NaiveDate) -> Self {
        Self {
            rules,
            as_of,
            first_rows: HashMap::new(),
            summary: Summary::default(),
        }
    }

    /// Reads and checks a row; what is found goes to `found` in the order of the columns.
    pub fn row(&mut self, row: u32, cell: impl Fn(Column) -> Cell, found: &mut Vec<Finding>) -> Person {
        let mut reading = Reading { row, found };
        let person = reading.person(&cell);
        reading.agree(&person);
        if let Some(id) = person.id {
            self.once(id, &mut reading);
            self.ages(id, &person, &mut reading);
        }
        self.days(&person, &mut reading);
        self.contract(&person, &mut reading);
        self.count(&person);
        person
    }

    /// What concerns the roster as a whole; `form` is the head-count of the filing, where it is filled in.
    #[must_use]
    pub fn end(&self, form: Option<u32>) -> Vec<Finding> {
        let whole = |found| Finding {
            row: None,
            column: None,
            found,
        };
        let roster = self.summary.present;
        let nobody = (self.summary.rows == 0).then_some(Found::NobodyListed {});
        let differs = form
            .filter(|form| *form != roster && self.summary.rows > 0)
            .map(|form| Found::Headcount { roster, form });
        nobody.into_iter().chain(differs).map(whole).collect()
    }

    /// The counts so far.
    #[must_use]
    pub const fn summary(&self) -> Summary {
        self.summary
    }

    fn once(&mut self, id: IdNumber, reading: &mut Reading<'_>) {
        let row = reading.row;
        let first = *self.first_rows.entry(id).or_insert(row);
        if first != row {
            reading.add(Column::IdNumber, Found::Twice { first });
        }
    }

    fn ages(&self, id: IdNumber, person: &Person, reading: &mut Reading<'_>) {
        let born = id.born_on();
        let began = person.started_on.filter(|day| *day <= self.as_of);
        match began.map(|day| age_on(born, day)) {
            Some(age) if age < self.rules.least_age => {
                reading.add(Column::StartedOn, Found::ChildLabour { age });
            }
            _ => {
                let age = age_on(born, self.as_of);
                if self.is_present(person) && age < self.rules.adult_age {
                    reading.add(Column::IdNumber, Found::Minor { age });
                }
            }
        }
    }

    fn days(&self, person: &Person, reading: &mut Reading<'_>) {
        if person.started_on.is_some_and(|day| day > self.as_of) {
            reading.add(Column::StartedOn, Found::Later {});
        }
    }

    /// A term that could not be read is no missing contract: that finding stands for itself.
    fn contract(&self, person: &Person, reading: &mut Reading<'_>) {
        let found = match person.contract {
            _ if reading.has(Column::Contract) => None,
            Some(Contract::Open | Contract::Task) => None,
            Some(Contract::Fixed { from, until }) => {
                if from.is_some_and(|from| until < from) {
                    Some(Found::TermBackwards {})
                } else {
                    (until < self.as_of && self.is_present(person)).then_some(Found::TermOver {})
                }
            }
            Some(Contract::None) | None => self.no_contract(person),
        };
        if let Some(found) = found {
            reading.add(Column::Contract, found);
        }
    }

    fn no_contract(&self, person: &Person) -> Option<Found> {
        if !person.employment.is_some_and(Employment::needs_contract) || !self.is_present(person) {
            return None;
        }
        match person.started_on.map(|day| full_months(day, self.as_of)) {
            Some(months) if months >= self.rules.open_months => Some(Found::CountsAsOpen { months }),
            Some(months) if months >= self.rules.contract_months => Some(Found::NoContract { months }),
            _ => person.contract.is_none().then_some(Found::Incomplete {}),
        }
    }

    fn is_present(&self, person: &Person) -> bool {
        person.left_on.is_none_or(|day| day > self.as_of)
    }

    fn count(&mut self, person: &Person) {
        let present = self.is_present(person);
        let of = |which: bool| u32::from(present && which);
        let id = person.id;
        let signed = !matches!(person.contract, Some(Contract::None) | None);
        let owed = person.employment.is_some_and(Employment::needs_contract);
        let sum = &mut self.summary;
        sum.rows += 1;
        sum.present += of(true);
        sum.women += of(id.is_some_and(|id| id.sex() == Sex::Female));
        sum.minors += of(id.is_some_and(|id| age_on(id.born_on(), self.as_of) < self.rules.adult_age));
        sum.dispatched += of(person.employment == Some(Employment::Dispatched));
        sum.contracts += of(signed && owed);
        sum.owed += of(owed);
    }
}

/// Reads one row's cells.
struct Reading<'a> {
    row: u32,
    found: &'a mut Vec<Finding>,
}

impl Reading<'_> {
    fn add(&mut self, column: Column, found: Found) {
        self.found.push(Finding {
            row: Some(self.row),
            column: Some(column),
            found,
        });
    }

    /// Whether something was found in this cell. Earlier rows' findings may stand before this row's.
    fn has(&self, column: Column) -> bool {
        let mut here = self
            .found
            .iter()
            .rev()
            .take_while(|one| one.row == Some(self.row));
        here.any(|one| one.column == Some(column))
    }

    fn person(&mut self, cell: &impl Fn(Column) -> Cell) -> Person {
        for column in [Column::Name, Column::Household, Column::Address, Column::Contact] {
            self.text(column, &cell(column));
        }
        let sex = self.take(Column::Sex, &cell(Column::Sex), Cell::sex, Found::UnknownSex {});
        let id = match cell(Column::IdNumber).id_number() {
            Some(Ok(id)) => Some(id),
            Some(Err(error)) => {
                self.add(Column::IdNumber, error.into());
                None
            }
            None => {
                self.empty(Column::IdNumber, &cell(Column::IdNumber));
                None
            }
        };
        let day = |reading: &mut Self, column: Column| {
            reading.take(column, &cell(column), Cell::day, Found::NotADay {})
        };
        Person {
            row: self.row,
            id,
            sex,
            employment: self.take(
                Column::Employment,
                &cell(Column::Employment),
                Cell::employment,
                Found::UnknownEmployment {},
            ),
            started_on: day(self, Column::StartedOn),
            // An empty term is a matter of law, not of form: it is judged with the rest of the row.
            contract: self.take(
                Column::Contract,
                &cell(Column::Contract),
                Cell::contract,
                Found::UnknownContract {},
            ),
            born_on: day(self, Column::BornOn),
            left_on: day(self, Column::LeftOn),
        }
    }

    fn text(&mut self, column: Column, cell: &Cell) {
        match cell.text() {
            Some(text) if text.chars().count() > LONGEST => self.add(column, Found::TooLong {}),
            Some(_) => {}
            None => self.empty(column, cell),
        }
    }

    fn take<T>(
        &mut self,
        column: Column,
        cell: &Cell,
        read: impl Fn(&Cell) -> Option<Option<T>>,
        wrong: Found,
    ) -> Option<T> {
        match read(cell) {
            Some(None) => {
                self.add(column, wrong);
                None
            }
            Some(read) => read,
            None => {
                self.empty(column, cell);
                None
            }
        }
    }

    fn empty(&mut self, column: Column, cell: &Cell) {
        if *cell == Cell::Broken {
            return self.add(column, Found::Broken {});
        }
        match column {
            Column::Name | Column::IdNumber | Column::Employment | Column::StartedOn => {
                self.add(column, Found::Missing {});
            }
            Column::Sex | Column::Household | Column::Address | Column::Contact => {
                self.add(column, Found::Incomplete {});
            }
            Column::Contract | Column::BornOn | Column::LeftOn => {}
        }
    }

    /// What two cells say of the same thing.
    fn agree(&mut self, person: &Person) {
        let Some(id) = person.id else { return };
        if person.sex.is_some_and(|sex| sex != id.sex()) {
            self.add(Column::Sex, Found::SexDiffers {});
        }
        if person.born_on.is_some_and(|day| day != id.born_on()) {
            self.add(Column::BornOn, Found::BirthDiffers {});
        }
    }
}

/// Full years on a day (周岁): a year is full on the birthday.
fn age_on(born: NaiveDate, day: NaiveDate) -> u32 {
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i32::from(!had_birthday);
    u32::try_from(years).unwrap_or(0)
}

/// Full months from `from` to `to`.
fn full_months(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = (to.year() - from.year()) * 12 + i32::try_from(to.month()).unwrap_or(0)
        - i32::try_from(from.month()).unwrap_or(0)
        - i32::from(to.day() < from.day());
    u32::try_from(months).unwrap_or(0)
}
