//! A synthetic city: authorities, employers, a review campaign, filings and the evidence of a year.
//!
//! Pure functions of a seed, a number of employers and a review year: no database, no clock, no
//! operating-system randomness. The same arguments give the same city on every machine.
//!
//! The city is planned by *conduct* (what an employer did and what was decided about it), and a rating
//! is nowhere assigned: it comes out when the rules are applied to the evidence. So nothing in this
//! folder may name the rating's type; a test and a scan in CI hold that.
//!
//! Every employer and the Hunan authority are invented. A code or a name may by chance be a real firm's;
//! nothing here says anything about a real firm.

pub mod authorities;
pub mod blacklist;
pub mod campaign;
pub mod city;
mod code;
pub mod conduct;
mod days;
mod dice;
mod documents;
mod evidence;
mod filing;
mod headcount;
mod industry;
mod names;
mod noise;
mod places;
mod population;
mod words;

pub use authorities::{Officer, authorities, officers};
pub use blacklist::{Procedure, pending, zhuzhou};
pub use campaign::{Filing, reason_zh};
pub use city::{City, Error, generate};

#[cfg(test)]
mod tests;
