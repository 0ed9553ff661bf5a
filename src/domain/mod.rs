//! The law of labour-security reviews, grades and wage blacklists, as pure rules.
//!
//! | module | what |
//! |---|---|
//! | [`code`], [`registration`], [`division`], [`employer`], [`money`] | who is meant, and how much |
//! | [`calendar`], [`dates`] | statutory working days, periods by calendar date |
//! | [`authority`] | authorities, roles, jurisdiction |
//! | [`evidence`], [`ruleset`], [`grade`] | facts and versioned rules in, a grade with its reasons out |
//! | [`blacklist`], [`campaign`], [`batch`], [`change`], [`withdrawal`] | procedures as state machines |
//!
//! No I/O, no clock, no randomness; no SQL, no HTTP, no signing. Every number of the law stands in a rule
//! set, and every decision names the rule set it was made under. The rule that no adverse decision is
//! completed by one person stands in code, where no data file can switch it off.

pub mod authority;
pub mod batch;
pub mod blacklist;
pub mod calendar;
pub mod campaign;
pub mod change;
pub mod code;
pub mod dates;
pub mod division;
pub mod employer;
pub mod evidence;
pub mod form;
pub mod grade;
pub mod id;
mod industry;
pub mod money;
pub mod registration;
pub mod roster;
pub mod ruleset;
pub mod withdrawal;
