//! The law as pure rules.

pub mod authority;
pub mod calendar;
pub mod code;
pub mod dates;
pub mod division;
pub mod employer;
mod id;
mod industry;
pub mod money;
pub mod registration;
