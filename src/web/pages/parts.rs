//! The small pieces that pages share: badges, facts, notices, choices, pagers, rows of checks.

use serde::Serialize;

use crate::web::i18n::{Lang, fill, grouped};

/// Colour and meaning of a piece; the stylesheet has one class for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Grade A.
    A,
    /// Grade B.
    B,
    /// Grade C.
    C,
    /// Nothing known or nothing said.
    None,
    /// It holds.
    Good,
    /// Attention.
    Warn,
    /// It fails.
    Bad,
    /// Plain information.
    Info,
}

impl Tone {
    /// Tone of a grade letter; anything but A, B and C is [`Tone::None`].
    #[must_use]
    pub fn of_grade(letter: char) -> Self {
        match letter {
            'A' => Self::A,
            'B' => Self::B,
            'C' => Self::C,
            _ => Self::None,
        }
    }

    /// Name of the symbol that goes with the tone, so that colour never speaks alone.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::A | Self::Good => "check",
            Self::B | Self::Warn => "warn",
            Self::C | Self::Bad => "cross",
            Self::None => "dash",
            Self::Info => "info",
        }
    }
}

/// A short coloured label.
#[derive(Debug, Clone, Serialize)]
pub struct Badge {
    /// Colour.
    pub tone: Tone,
    /// Words.
    pub text: String,
}

impl Badge {
    /// A badge of that tone with that text.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
        }
    }

    /// `A 守法诚信`, or “no published grade” for any other letter than A, B and C.
    #[must_use]
    pub fn grade(lang: Lang, letter: char) -> Self {
        let mark = GradeMark::new(lang, letter);
        let text = match mark.tone {
            Tone::None => mark.word,
            _ => format!("{letter} {}", mark.word),
        };
        Self {
            tone: mark.tone,
            text,
        }
    }

    /// `2025 年度 A 级`.
    #[must_use]
    pub fn grade_of_year(lang: Lang, year: i32, letter: char) -> Self {
        let year = year.to_string();
        let values = [("year", year.as_str()), ("letter", &letter.to_string())];
        Self::new(Tone::of_grade(letter), fill(lang.text().grades.of_year, &values))
    }

    /// The same of a record that is suspended: grey, and it says so.
    #[must_use]
    pub fn suspended(self, lang: Lang) -> Self {
        Self::new(
            Tone::None,
            format!("{} · {}", self.text, lang.text().grades.suspended),
        )
    }

    /// `A 级 4,467`.
    #[must_use]
    pub fn grade_count(lang: Lang, letter: char, count: u64) -> Self {
        let values = [("letter", letter.to_string()), ("count", grouped(count))];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        Self::new(
            Tone::of_grade(letter),
            fill(lang.text().words.count_of_grade, &values),
        )
    }
}

/// The large square with the grade.
#[derive(Debug, Clone, Serialize)]
pub struct GradeMark {
    /// Colour.
    pub tone: Tone,
    /// The letter, or a dash.
    pub letter: String,
    /// The word.
    pub word: String,
}

impl GradeMark {
    /// The mark of a letter; any other than A, B and C reads “no published grade”.
    #[must_use]
    pub fn new(lang: Lang, letter: char) -> Self {
        let grades = &lang.text().grades;
        let tone = Tone::of_grade(letter);
        let (letter, word) = match tone {
            Tone::A => ("A", grades.a),
            Tone::B => ("B", grades.b),
            Tone::C => ("C", grades.c),
            _ => ("—", grades.unpublished),
        };
        Self {
            tone,
            letter: letter.to_owned(),
            word: word.to_owned(),
        }
    }
}

impl GradeMark {
    /// The mark of a suspended grade: its letter in grey, and in place of its meaning that it is suspended.
    #[must_use]
    pub fn suspended(self, lang: Lang) -> Self {
        Self {
            tone: Tone::None,
            word: lang.text().grades.suspended.to_owned(),
            ..self
        }
    }
}

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

/// One axis of a verdict, as the server found it.
#[derive(Debug, Clone, Serialize)]
pub struct AxisRow {
    /// Colour.
    pub tone: Tone,
    /// Symbol.
    pub icon: &'static str,
    /// Name of the axis.
    pub name: String,
    /// The state in words.
    pub state: String,
    /// One line of detail.
    pub detail: String,
}

impl AxisRow {
    /// A row of that tone.
    pub fn new(tone: Tone, name: &str, state: &str, detail: impl Into<String>) -> Self {
        let icon = if tone == Tone::Warn {
            "question"
        } else {
            tone.icon()
        };
        Self {
            tone,
            icon,
            name: name.to_owned(),
            state: state.to_owned(),
            detail: detail.into(),
        }
    }
}

/// One rule of a trace with its outcome.
#[derive(Debug, Clone, Serialize)]
pub struct TraceRow {
    /// Colour: the grade's where the rule is met and decides, none otherwise.
    pub tone: Tone,
    /// Symbol.
    pub icon: &'static str,
    /// Rule id, such as `C2`.
    pub rule: String,
    /// What the rule says.
    pub text: String,
    /// Met, not met or undetermined, in words.
    pub outcome: String,
    /// Deciding evidence, in words; empty where there is none.
    pub evidence: String,
    /// Source of the rule; may be empty.
    pub source: String,
}

/// How a rule came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOutcome {
    /// Its condition holds.
    Met,
    /// It does not.
    NotMet,
    /// Facts are missing.
    Undetermined,
    /// Its condition holds, but one of the worse grade named takes its place.
    Superseded(char),
}

impl TraceRow {
    /// A row of the trace of a rule that leads to the grade `letter`.
    #[must_use]
    pub fn new(lang: Lang, rule: &str, letter: char, text: &str, outcome: RuleOutcome) -> Self {
        let words = &lang.text().item;
        let superseded;
        let (tone, icon, outcome) = match outcome {
            RuleOutcome::Met => (Tone::of_grade(letter), "check", words.met),
            RuleOutcome::NotMet => (Tone::None, "dash", words.not_met),
            RuleOutcome::Undetermined => (Tone::Warn, "question", words.undetermined),
            RuleOutcome::Superseded(by) => {
                superseded = fill(words.superseded, &[("grade", &by.to_string())]);
                (Tone::None, "dash", superseded.as_str())
            }
        };
        Self {
            tone,
            icon,
            rule: rule.to_owned(),
            text: text.to_owned(),
            outcome: outcome.to_owned(),
            evidence: String::new(),
            source: String::new(),
        }
    }

    /// Names the deciding evidence.
    #[must_use]
    pub fn with_evidence(mut self, lang: Lang, ids: &[&str]) -> Self {
        if !ids.is_empty() {
            let ids = ids.join(lang.list_separator());
            self.evidence = fill(lang.text().item.deciding, &[("ids", &ids)]);
        }
        self
    }

    /// Says what more is to be known about the outcome, after the evidence.
    #[must_use]
    pub fn with_note(mut self, note: &str) -> Self {
        if !self.evidence.is_empty() {
            self.evidence.push_str(" · ");
        }
        self.evidence.push_str(note);
        self
    }

    /// Names the rule's source.
    #[must_use]
    pub fn with_source(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
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

    #[test]
    fn an_unknown_letter_says_nothing() {
        assert_eq!(Badge::grade(Lang::Chinese, '-').text, "未公布等级");
        assert_eq!(Badge::grade(Lang::Chinese, 'A').text, "A 守法诚信");
        assert_eq!(GradeMark::new(Lang::English, 'x').letter, "—");
    }
}
