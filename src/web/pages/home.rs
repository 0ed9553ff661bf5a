//! Search: one box, and what was found.

use serde::Serialize;

use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::parts::{Badge, Choice, Figure, Notice, Pager, Span, Tone};
use crate::web::render::{Page, Section};

/// The search page, with or without results.
#[derive(Debug, Clone, Serialize)]
pub struct HomePage {
    title: &'static str,
    /// What was typed, after tidying.
    pub query: String,
    /// Districts to choose from.
    pub regions: Vec<Choice>,
    /// Whether nothing was asked yet: the page then introduces itself.
    pub fresh: bool,
    /// Whether the query was refused; `notice` says why.
    pub invalid: bool,
    /// What is wrong with the query.
    pub notice: Option<Notice>,
    /// What was found.
    pub results: Option<Results>,
    /// Figures of the front page.
    pub figures: Vec<Figure>,
}

/// One page of hits.
#[derive(Debug, Clone, Serialize)]
pub struct Results {
    heading: String,
    order: &'static str,
    /// At most twenty hits; none says so in words.
    pub items: Vec<Hit>,
    /// Ways to the other pages.
    pub pager: Pager,
}

/// One employer that was found.
#[derive(Debug, Clone, Serialize)]
pub struct Hit {
    /// Its page.
    pub url: String,
    /// Name, with the hit marked.
    pub name: Vec<Span>,
    /// Code, with the hit marked.
    pub code: Vec<Span>,
    /// Division, type and the like.
    pub meta: Vec<String>,
    /// Published grade, blacklist.
    pub badges: Vec<Badge>,
}

/// Why a query was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Fewer than two characters.
    TooShort,
    /// A character that no code has.
    Character(char),
    /// The inner organisation code does not check.
    OrganisationCheckDigit {
        /// What it should be.
        expected: char,
        /// What was typed.
        found: char,
    },
    /// The code's last character does not check.
    CheckDigit {
        /// What it should be.
        expected: char,
        /// What was typed.
        found: char,
    },
}

impl HomePage {
    /// The front page, before anything is asked.
    #[must_use]
    pub fn fresh(lang: Lang, regions: Vec<Choice>, figures: Vec<Figure>) -> Self {
        Self {
            title: lang.text().home.title,
            query: String::new(),
            regions,
            fresh: true,
            invalid: false,
            notice: None,
            results: None,
            figures,
        }
    }

    /// The page of a query that was answered.
    #[must_use]
    pub fn found(lang: Lang, query: &str, regions: Vec<Choice>, results: Results) -> Self {
        Self {
            query: query.to_owned(),
            fresh: false,
            results: Some(results),
            ..Self::fresh(lang, regions, Vec::new())
        }
    }

    /// The page of a query that was refused.
    #[must_use]
    pub fn refused(lang: Lang, query: &str, regions: Vec<Choice>, reason: &Refused) -> Self {
        Self {
            query: query.to_owned(),
            fresh: false,
            invalid: true,
            notice: Some(reason.notice(lang)),
            ..Self::fresh(lang, regions, Vec::new())
        }
    }
}

impl Results {
    /// Hits of `query` out of `total`.
    #[must_use]
    pub fn new(lang: Lang, query: &str, total: u64, items: Vec<Hit>, pager: Pager) -> Self {
        let home = &lang.text().home;
        let total = grouped(total);
        Self {
            heading: fill(home.results, &[("query", query), ("total", &total)]),
            order: home.order,
            items,
            pager,
        }
    }
}

impl Refused {
    fn notice(&self, lang: Lang) -> Notice {
        let home = &lang.text().home;
        let digits = |text, expected: char, found: char| {
            let (expected, found) = (expected.to_string(), found.to_string());
            fill(text, &[("expected", &expected), ("found", &found)])
        };
        let (title, text) = match self {
            Self::TooShort => (home.too_short, home.too_short_text.to_owned()),
            Self::Character(found) => {
                let text = fill(home.bad_character, &[("found", &found.to_string())]);
                (home.bad_code, text)
            }
            Self::OrganisationCheckDigit { expected, found } => {
                (home.bad_code, digits(home.bad_organisation, *expected, *found))
            }
            Self::CheckDigit { expected, found } => {
                (home.bad_code, digits(home.bad_check, *expected, *found))
            }
        };
        Notice::new(Tone::Bad, title, text)
    }
}

impl Page for HomePage {
    const TEMPLATE: &'static str = "home";

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn section(&self) -> Section {
        Section::Search
    }

    fn is_indexed(&self) -> bool {
        self.fresh
    }
}
