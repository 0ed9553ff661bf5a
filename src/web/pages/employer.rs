//! An employer's page: grade, years, grounds, blacklist, verification, and what the page does not say.

use serde::Serialize;

use crate::web::i18n::{Lang, fill};
use crate::web::pages::parts::{AxisRow, Badge, Fact, GradeMark, Link, Tone, TraceRow};
use crate::web::render::{Page, Section};

/// An employer's page.
#[derive(Debug, Clone, Serialize)]
pub struct EmployerPage {
    /// Name.
    pub name: String,
    /// “Unified code” or “registration number”.
    pub code_label: String,
    /// The code or number.
    pub code: String,
    /// Division in full.
    pub division: String,
    /// The present grade, or the mark of none.
    pub grade: GradeMark,
    /// Present grade, blacklist, run of A.
    pub badges: Vec<Badge>,
    /// Bundle first, then record.
    pub downloads: Vec<Link>,
    /// The page's one sentence.
    pub verdict: Verdict,
    /// Years, newest first.
    pub years: Vec<YearRow>,
    /// Grounds of the present grade; empty where none is published.
    pub basis: Vec<Fact>,
    /// Rule by rule; empty where none is published.
    pub trace: Vec<TraceRow>,
    /// Wage blacklist.
    pub blacklist: Blacklist,
    /// Heading of what is not said.
    pub unsaid_heading: String,
    /// Its first sentence.
    pub unsaid_lead: String,
    /// What is not said, or every lawful reason why no grade is published.
    pub unsaid: Vec<String>,
    /// The site's check of its own record; empty where there is none.
    pub axes: Vec<AxisRow>,
    /// How and until when to object.
    pub objection: String,
    /// Code, type, industry and the like.
    pub facts: Vec<Fact>,
    /// “Data as of …”.
    pub as_of: String,
    /// Whether name and code may be a person's, as those of an individual business can.
    pub personal: bool,
}

/// The sentence under the name.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    tone: Tone,
    icon: &'static str,
    title: String,
    text: String,
    link: Option<Link>,
}

/// One year's grade.
#[derive(Debug, Clone, Serialize)]
pub struct YearRow {
    /// Review year.
    pub year: String,
    /// Grade, or “not published”.
    pub grade: Badge,
    /// Deciding authority; a dash where there is none.
    pub authority: String,
    /// Date of publication; a dash where there is none.
    pub published_on: String,
    /// State in words; a dash where there is none.
    pub state: String,
}

/// State of the wage blacklist.
#[derive(Debug, Clone, Serialize)]
pub struct Blacklist {
    tone: Tone,
    icon: &'static str,
    title: String,
    text: String,
    /// Dates, ground, amount; empty where not listed.
    pub facts: Vec<Fact>,
    /// When it can end early; empty where not listed.
    pub removal: Vec<Fact>,
    /// How to have it removed and how to object; empty where not listed.
    pub steps: Vec<String>,
}

impl Verdict {
    /// The record is signed by `authority` and is entry `index` (grouped) of the log.
    #[must_use]
    pub fn in_force(lang: Lang, authority: &str, index: &str) -> Self {
        let words = &lang.text().employer;
        let text = fill(words.valid_text, &[("authority", authority), ("index", index)]);
        let mut verdict = Self::plain(Tone::Good, words.valid_title, &text);
        verdict.icon = "shield";
        verdict.link = Some(Link::new("#axes", words.valid_link, "arrow", false));
        verdict
    }

    /// The employer is on the wage blacklist since `date`; this goes before anything about grades.
    #[must_use]
    pub fn listed(lang: Lang, date: &str) -> Self {
        let words = &lang.text().employer;
        let text = fill(words.listed_verdict, &[("date", date)]);
        let mut verdict = Self::plain(Tone::Bad, words.listed_title, &text);
        verdict.icon = "warn";
        verdict.link = Some(Link::new("#blacklist", words.listed_link, "arrow", false));
        verdict
    }

    /// Nothing is published.
    #[must_use]
    pub fn unpublished(lang: Lang) -> Self {
        let words = &lang.text().employer;
        Self::plain(Tone::None, words.none_title, words.none_text)
    }

    /// The grade is not public; its own employer is looking.
    #[must_use]
    pub fn own_only(lang: Lang) -> Self {
        let words = &lang.text().employer;
        let mut verdict = Self::plain(Tone::Info, words.own_title, words.own_text);
        verdict.icon = "lock";
        verdict
    }

    /// A sentence of the page that begins in bold.
    #[must_use]
    pub fn plain(tone: Tone, title: &str, text: &str) -> Self {
        let icon = if tone == Tone::None { "info" } else { tone.icon() };
        Self {
            tone,
            icon,
            title: title.to_owned(),
            text: text.to_owned(),
            link: None,
        }
    }
}

impl Blacklist {
    /// No listing in force is published.
    #[must_use]
    pub fn not_listed(lang: Lang) -> Self {
        let words = &lang.text().employer;
        Self::of(Tone::None, words.not_listed, words.not_listed_text, Vec::new())
    }

    /// Listed, with its dates, ground and amount.
    #[must_use]
    pub fn listed(lang: Lang, facts: Vec<Fact>) -> Self {
        let words = &lang.text().employer;
        Self::of(Tone::Bad, words.listed, words.listed_text, facts)
    }

    /// Listed, and suspended while an objection or review is pending.
    #[must_use]
    pub fn suspended(lang: Lang, facts: Vec<Fact>) -> Self {
        let words = &lang.text().employer;
        Self::of(
            Tone::Warn,
            words.listed_suspended,
            words.listed_suspended_text,
            facts,
        )
    }

    fn of(tone: Tone, title: &str, text: &str, facts: Vec<Fact>) -> Self {
        let icon = if tone == Tone::Bad { "warn" } else { tone.icon() };
        Self {
            tone,
            icon,
            title: title.to_owned(),
            text: text.to_owned(),
            facts,
            removal: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// The same, with when and how it can be removed.
    #[must_use]
    pub fn removable(self, removal: Vec<Fact>, steps: Vec<String>) -> Self {
        Self {
            removal,
            steps,
            ..self
        }
    }
}

/// Heading, first sentence and list of what the page does not say.
///
/// Without a published grade it is every lawful reason for that, always all of them and in the same
/// order, so that the page reads the same for an employer that was not assessed and for one whose
/// grade partners alone may see.
#[must_use]
pub fn unsaid(lang: Lang, grade_is_published: bool) -> (String, String, Vec<String>) {
    let words = &lang.text().employer;
    let (heading, lead, list) = if grade_is_published {
        let list = vec![
            words.unsaid_dispute,
            words.unsaid_persons,
            words.unsaid_other,
            words.unsaid_withdrawn,
        ];
        (words.unsaid, words.unsaid_lead, list)
    } else {
        let list = vec![
            words.why_scope,
            words.why_pending,
            words.why_audience,
            words.why_lapsed,
            words.why_never,
        ];
        (words.why_none, words.why_none_lead, list)
    };
    let list = list.into_iter().map(str::to_owned).collect();
    (heading.to_owned(), lead.to_owned(), list)
}

/// How to object: with the last day where a grade was published, in general otherwise.
#[must_use]
pub fn objection(lang: Lang, window: Option<(u32, &str)>) -> String {
    let words = &lang.text().employer;
    match window {
        Some((days, last_day)) => {
            let days = days.to_string();
            fill(words.objection_by, &[("days", &days), ("date", last_day)])
        }
        None => words.objection_any.to_owned(),
    }
}

impl Page for EmployerPage {
    const TEMPLATE: &'static str = "employer";

    fn title(&self) -> String {
        self.name.clone()
    }

    fn section(&self) -> Section {
        Section::Search
    }

    fn is_indexed(&self) -> bool {
        !self.personal
    }
}
