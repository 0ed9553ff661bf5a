//! The form of an annual review (domain.md F.3): topics, fields and checks as a versioned data file, and what
//! an employer's answers come to.
//!
//! A form is read strictly like a rule set: an unknown member, a field named twice, or a check on a field that
//! is not there refuses the whole file. Answers are kept as they were typed: what cannot be read is told of and
//! never thrown away. It knows no session, no page and no database.

mod answer;
pub mod builtin;
mod check;
mod definition;
mod issue;

pub use answer::{Answers, Value};
pub use definition::{Check, Field, FieldKind, Form, FormError, Severity, Topic};
pub use issue::{Issue, Problem, TopicState};

#[cfg(test)]
mod tests;
