//! The HTTP edge: pages, their texts in two languages, and the assets that they load.
//!
//! Depends on `registry` (and on `store` for reads only). Refuses to decide anything: rules live in
//! [`crate::domain`], use cases in `registry`; a page struct holds what is shown and nothing else.

pub mod answer;
pub mod api;
pub mod asked;
pub mod assets;
pub mod context;
pub mod csrf;
pub mod dispatch;
pub mod file;
pub mod growth;
pub mod handlers;
#[cfg(test)]
mod hostile;
pub mod i18n;
pub mod observe;
pub mod pages;
pub mod problem;
pub mod rate;
pub mod render;
pub mod route;
pub mod routes;
pub mod server;
pub mod standing;
pub mod state;
pub mod viewer;
pub mod words;
