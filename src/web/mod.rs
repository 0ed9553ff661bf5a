//! The HTTP edge: pages, their texts in two languages, and the assets that they load.
//!
//! Depends on `registry` (and on `store` for reads only). Refuses to decide anything: rules live in
//! [`crate::domain`], use cases in `registry`; a page struct holds what is shown and nothing else.

pub mod assets;
pub mod i18n;
pub mod pages;
pub mod problem;
pub mod api;
pub mod render;
pub mod route;
pub mod state;
pub mod viewer;
