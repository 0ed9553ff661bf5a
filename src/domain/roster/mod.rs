//! Rosters (职工名册): who worked for an employer on a day, as 劳动合同法 Art 7 has it kept, and what is wrong
//! with one (domain.md F.6).
//!
//! Rosters are personal data. Nothing here prints, stores or publishes a row: rows come in, findings without
//! personal data come out. Whether a number stands in another employer's roster too is not known here; whoever
//! holds the keyed index adds [`Found::Elsewhere`].

mod cell;
mod check;
mod column;
mod finding;
mod id_number;
mod intake;

pub use cell::{Cell, Contract, Employment};
pub use check::{Checker, Person, RosterRules, Summary};
pub use column::Column;
pub use finding::{Finding, Found, Severity};
pub use id_number::{IdNumber, IdNumberError, Sex};
pub use intake::{Intake, NoRoster};

#[cfg(test)]
mod tests;
