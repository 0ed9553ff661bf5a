//! Colours, the labels that bear them, and the square of a grade.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_letter_says_nothing() {
        assert_eq!(Badge::grade(Lang::Chinese, '-').text, "未公布等级");
        assert_eq!(Badge::grade(Lang::Chinese, 'A').text, "A 守法诚信");
        assert_eq!(GradeMark::new(Lang::English, 'x').letter, "—");
    }
}
