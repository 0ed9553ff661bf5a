//! One file for each page: a display-ready struct and the constructors that put facts into words.
//!
//! Nothing here knows the store, decides a rule or does arithmetic on law; handlers pass plain facts.
//! Every text comes from [`crate::web::i18n`], every colour from [`parts::Tone`].

pub mod batch;
pub mod batch_item;
pub mod employer;
pub mod error;
pub mod home;
pub mod officer_home;
pub mod parts;
pub mod record_change;
pub mod shell;
pub mod sign_in;
pub mod trust;
pub mod verify;

#[cfg(test)]
pub(crate) mod samples;
