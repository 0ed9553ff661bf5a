//! Where one is in a long list.

use serde::Serialize;

use crate::web::i18n::{Lang, fill, grouped};

/// Where one is in a long list, and the ways on.
#[derive(Debug, Clone, Serialize)]
pub struct Pager {
    /// `第 1–20 条，共 57 条`.
    pub line: String,
    /// URL of the page before.
    pub previous: Option<String>,
    /// URL of the next page.
    pub next: Option<String>,
}

impl Pager {
    /// A pager over `total` rows that shows the rows `from` to `to`, counted from one.
    #[must_use]
    pub fn new(lang: Lang, from: u64, to: u64, total: u64) -> Self {
        let values = [
            ("from", grouped(from)),
            ("to", grouped(to)),
            ("total", grouped(total)),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        Self {
            line: fill(lang.text().words.items_of, &values),
            previous: None,
            next: None,
        }
    }
}
