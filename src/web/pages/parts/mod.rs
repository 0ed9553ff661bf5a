//! The small pieces that pages share: badges, facts, notices, choices, pagers, rows of checks.

mod check;
mod grade;
mod pager;

use serde::Serialize;

pub use check::{AxisRow, RuleOutcome, TraceRow};
pub use grade::{Badge, GradeMark, Tone};
pub use pager::Pager;

/// A label and its value.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value.
    pub text: String,
}

impl Fact {
    /// A fact of that label and value.
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            text: text.into(),
        }
    }
}

/// A box that says something at the top of a page or of a form.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// Colour.
    pub tone: Tone,
    /// Symbol.
    pub icon: &'static str,
    /// ARIA role: `alert` for what failed, `status` for the rest.
    pub role: &'static str,
    /// One sentence.
    pub title: String,
    /// What to do or know; may be empty.
    pub text: String,
    /// Further lines.
    pub lines: Vec<String>,
}

impl Notice {
    /// A notice without further lines.
    pub fn new(tone: Tone, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            tone,
            icon: tone.icon(),
            role: if tone == Tone::Bad { "alert" } else { "status" },
            title: title.into(),
            text: text.into(),
            lines: Vec::new(),
        }
    }
}

/// One option of a drop-down list.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is the present one.
    pub selected: bool,
}

impl Choice {
    /// An option; it is selected where its value is the present one.
    #[must_use]
    pub fn new(value: &str, label: &str, present: &str) -> Self {
        Self {
            value: value.to_owned(),
            label: label.to_owned(),
            selected: value == present,
        }
    }
}

/// A number with its name.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// Name.
    pub label: String,
    /// The number, grouped.
    pub value: String,
    /// What it counts; may be empty.
    pub note: String,
}

/// A link.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Where to.
    pub url: String,
    /// Words.
    pub label: String,
    /// Whether it is the main thing to do.
    pub primary: bool,
    /// Symbol.
    pub icon: &'static str,
}

impl Link {
    /// A link with a symbol.
    pub fn new(url: impl Into<String>, label: impl Into<String>, icon: &'static str, primary: bool) -> Self {
        Self {
            url: url.into(),
            label: label.into(),
            primary,
            icon,
        }
    }
}

/// A piece of text, and whether the search hit it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The piece.
    pub text: String,
    /// Whether it is to be marked.
    pub hit: bool,
}

impl Span {
    /// Cuts `text` at every occurrence of `wanted` (none is marked where it is empty).
    #[must_use]
    pub fn marked(text: &str, wanted: &str) -> Vec<Self> {
        let mut spans = Vec::new();
        let mut push = |piece: &str, hit| {
            if !piece.is_empty() {
                spans.push(Self {
                    text: piece.to_owned(),
                    hit,
                });
            }
        };
        if wanted.is_empty() {
            push(text, false);
            return spans;
        }
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(wanted) {
            push(before, false);
            push(wanted, true);
            rest = after;
        }
        push(rest, false);
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(spans: &[Span]) -> String {
        let piece = |span: &Span| {
            if span.hit {
                format!("[{}]", span.text)
            } else {
                span.text.clone()
            }
        };
        spans.iter().map(piece).collect()
    }

    #[test]
    fn marks_every_hit_and_loses_nothing() {
        for (text, wanted, expected) in [
            ("重庆江北建材", "江北", "重庆[江北]建材"),
            ("江北江北", "江北", "[江北][江北]"),
            ("重庆", "", "重庆"),
            ("重庆", "成都", "重庆"),
            ("", "江", ""),
        ] {
            assert_eq!(shown(&Span::marked(text, wanted)), expected);
        }
    }
}
