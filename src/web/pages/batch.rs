//! Review of a batch: totals, who may decide and why you may not, the decision, every item.

use serde::Serialize;

use crate::domain::change::ChangeKind;
use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::parts::{Badge, Choice, Fact, Notice, Pager, Tone};
use crate::web::render::{Page, Section};

/// The page on which a second person decides a batch.
#[derive(Debug, Clone, Serialize)]
pub struct BatchPage {
    /// Title of the batch.
    pub title: String,
    /// Its state.
    pub state: Badge,
    /// From computation to publication.
    pub steps: Vec<Step>,
    /// What just happened.
    pub notice: Option<Notice>,
    /// How many items of each outcome.
    pub totals: Totals,
    /// Proposer, authority, rule set, digest.
    pub facts: Vec<Fact>,
    /// Who may act next.
    pub next_actor: String,
    /// Why the viewer may not, where that is so.
    pub why_not: Option<Notice>,
    /// The forms, where the viewer may.
    pub decision: Option<Decision>,
    /// The form that publishes an approved batch, where the viewer may.
    pub publication: Option<Publication>,
    /// Text of the filter.
    pub query: String,
    /// Grades to filter by.
    pub grades: Vec<Choice>,
    /// Divisions to filter by.
    pub divisions: Vec<Choice>,
    /// At most fifty items.
    pub items: Vec<ItemRow>,
    /// Ways to the other pages.
    pub pager: Pager,
}

/// One step of a batch's life.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    progress: &'static str,
    icon: &'static str,
    current: bool,
    label: String,
    detail: String,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Behind us.
    Done,
    /// Waiting for someone now.
    Current,
    /// To come.
    Ahead,
    /// Refused here.
    Stopped,
}

/// How many items of each outcome: as figures with a bar, or, where all are alike, as a sentence.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    rows: Vec<Total>,
    chart: Option<Chart>,
    sentence: Option<String>,
}

/// Total of one grade.
#[derive(Debug, Clone, Serialize)]
struct Total {
    tone: Tone,
    letter: char,
    count: String,
    share: String,
}

/// The bar of totals.
#[derive(Debug, Clone, Serialize)]
struct Chart {
    title: String,
    parts: Vec<ChartPart>,
}

/// One grade's part of the bar, in thousandths of its width.
#[derive(Debug, Clone, Serialize)]
struct ChartPart {
    tone: Tone,
    x: u64,
    width: u64,
}

/// What the forms say that they will do.
#[derive(Debug, Clone, Copy)]
pub struct Says {
    /// What follows on approval.
    pub approve: &'static str,
    /// What follows on publication.
    pub publish: &'static str,
}

impl Says {
    /// Of a batch that brings out records.
    #[must_use]
    pub fn of_records(lang: Lang) -> Self {
        let words = &lang.text().batch;
        Self {
            approve: words.approve_text,
            publish: words.publish_text,
        }
    }

    /// Of a change of a published record.
    #[must_use]
    pub fn of_change(lang: Lang, kind: ChangeKind) -> Self {
        let words = &lang.text().change;
        let (approve, publish) = if kind.supersedes() {
            (words.approve_new, words.publish_new)
        } else {
            (words.approve_status, words.publish_status)
        };
        Self { approve, publish }
    }

    /// Of a record's withdrawal.
    #[must_use]
    pub fn of_withdrawal(lang: Lang) -> Self {
        let words = &lang.text().change;
        Self {
            approve: words.approve_withdrawal,
            publish: words.publish_withdrawal,
        }
    }
}

/// The two forms; of an approved batch only the one that returns it.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    may_approve: bool,
    /// Where approval is posted.
    pub approve_url: String,
    /// Where the return is posted.
    pub reject_url: String,
    /// Token against forged requests.
    pub csrf: String,
    /// Digest of what the viewer saw; a batch that changed since is not decided.
    pub digest: String,
    /// What follows on approval.
    pub follows: &'static str,
    /// What whoever approves confirms.
    pub statement: String,
    reject_text: String,
    /// Reason as typed.
    pub reason: String,
    /// What is wrong with it.
    pub reason_error: Option<String>,
    /// What is wrong with the confirmation.
    pub read_error: Option<String>,
}

/// The form that publishes.
#[derive(Debug, Clone, Serialize)]
pub struct Publication {
    /// Where it is posted.
    pub url: String,
    /// Token against forged requests.
    pub csrf: String,
    /// What follows.
    pub follows: &'static str,
}

/// One employer of the batch.
#[derive(Debug, Clone, Serialize)]
pub struct ItemRow {
    /// Page with its grounds.
    pub url: String,
    /// Name.
    pub name: String,
    /// Code.
    pub code: String,
    /// Division.
    pub division: String,
    /// Proposed grade.
    pub grade: Badge,
    /// The rule that decides, in words.
    pub because: String,
    /// Words of the link for readers of the screen.
    pub open_label: String,
}

/// Why the viewer may not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayNot {
    /// The viewer proposed it.
    Proposer,
    /// The viewer is no approver.
    Role,
    /// It belongs to another authority, named here.
    Jurisdiction(String),
    /// The viewer's authority stands too low.
    Level,
}

impl MayNot {
    /// The reason as a notice.
    #[must_use]
    pub fn notice(&self, lang: Lang) -> Notice {
        let words = &lang.text().batch;
        let text = match self {
            Self::Proposer => words.why_proposer.to_owned(),
            Self::Role => words.why_role.to_owned(),
            Self::Level => words.why_level.to_owned(),
            Self::Jurisdiction(authority) => fill(words.why_jurisdiction, &[("authority", authority)]),
        };
        Notice::new(Tone::Warn, words.why_not, text)
    }
}

impl Step {
    /// A step with its words.
    #[must_use]
    pub fn new(progress: Progress, label: &str, detail: &str) -> Self {
        let (class, icon) = match progress {
            Progress::Done => ("done", "check"),
            Progress::Current => ("now", "clock"),
            Progress::Ahead => ("ahead", "dash"),
            Progress::Stopped => ("stopped", "cross"),
        };
        Self {
            progress: class,
            icon,
            current: progress == Progress::Current,
            label: label.to_owned(),
            detail: detail.to_owned(),
        }
    }
}

impl Totals {
    /// Of so many A, B and C.
    #[must_use]
    pub fn of_grades(lang: Lang, counts: [(char, u64); 3]) -> Self {
        let words = &lang.text().batch;
        let all: u64 = counts.iter().map(|(_, count)| count).sum::<u64>();
        if let Some((letter, _)) = counts.iter().find(|(_, count)| *count == all && all > 0) {
            let name = Badge::grade(lang, *letter).text;
            return Self::alike(lang, &name, all);
        }
        let all = all.max(1);
        let mut rows = Vec::new();
        let mut parts = Vec::new();
        let mut labels = Vec::new();
        let mut before = 0;
        for (letter, count) in counts {
            let tone = Tone::of_grade(letter);
            let tenths = (count * 1000 + all / 2) / all;
            let percent = format!("{}.{}", tenths / 10, tenths % 10);
            rows.push(Total {
                tone,
                letter,
                count: grouped(count),
                share: fill(words.share, &[("percent", &percent)]),
            });
            // Bounds are rounded, not widths, so that the parts always fill the bar.
            let (from, to) = (before * 1000 / all, (before + count) * 1000 / all);
            parts.push(ChartPart {
                tone,
                x: from,
                width: to - from,
            });
            before += count;
            labels.push(Badge::grade_count(lang, letter, count).text);
        }
        let title = fill(words.chart, &[("totals", &labels.join(" · "))]);
        Self {
            rows,
            chart: Some(Chart { title, parts }),
            sentence: None,
        }
    }

    /// Of `count` items with one outcome: a bar of one colour would say nothing.
    #[must_use]
    pub fn alike(lang: Lang, outcome: &str, count: u64) -> Self {
        let words = &lang.text().batch;
        let sentence = match count {
            1 => fill(words.only_one, &[("outcome", outcome)]),
            _ => fill(
                words.all_alike,
                &[("count", &grouped(count)), ("outcome", outcome)],
            ),
        };
        Self {
            rows: Vec::new(),
            chart: None,
            sentence: Some(sentence),
        }
    }
}

/// Who may act next: the authority, and the names of those who may.
#[must_use]
pub fn next_actor(lang: Lang, authority: &str, names: &[&str]) -> String {
    let words = lang.text();
    let names = if names.is_empty() {
        words.words.none.to_owned()
    } else {
        names.join(lang.list_separator())
    };
    fill(
        words.batch.next_actor,
        &[("authority", authority), ("names", &names)],
    )
}

impl Decision {
    /// The forms for a batch of `total` employers.
    #[must_use]
    pub fn new(lang: Lang, batch_url: &str, csrf: &str, digest: &str, total: u64) -> Self {
        let total = grouped(total);
        Self {
            may_approve: true,
            reject_text: lang.text().batch.reject_text.to_owned(),
            approve_url: format!("{batch_url}/approve"),
            reject_url: format!("{batch_url}/reject"),
            csrf: csrf.to_owned(),
            digest: digest.to_owned(),
            follows: Says::of_records(lang).approve,
            statement: fill(lang.text().batch.approve_statement, &[("total", &total)]),
            reason: String::new(),
            reason_error: None,
            read_error: None,
        }
    }

    /// The same of a batch that is approved already: it can only be returned.
    #[must_use]
    pub fn only_return(self, lang: Lang) -> Self {
        Self {
            may_approve: false,
            reject_text: lang.text().batch.reject_approved_text.to_owned(),
            ..self
        }
    }
}

impl Page for BatchPage {
    const TEMPLATE: &'static str = "batch";

    fn title(&self) -> String {
        self.title.clone()
    }

    fn section(&self) -> Section {
        Section::Office
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_filled_and_shares_round() {
        let of = |counts| Totals::of_grades(Lang::Chinese, counts);
        let totals = of([('A', 4467), ('B', 6936), ('C', 94)]);
        let shares: Vec<&str> = totals.rows.iter().map(|row| row.share.as_str()).collect();
        assert_eq!(shares, ["占 38.9%", "占 60.3%", "占 0.8%"]);
        let parts = totals.chart.unwrap().parts;
        assert_eq!(parts.iter().map(|part| part.width).sum::<u64>(), 1000);
        let parts = of([('A', 0), ('B', 0), ('C', 0)]).chart.unwrap().parts;
        assert!(parts.iter().all(|part| part.width == 0));
    }

    #[test]
    fn items_that_are_alike_make_a_sentence() {
        let one = Totals::alike(Lang::Chinese, "更正撤回", 1);
        assert!(one.chart.is_none() && one.rows.is_empty());
        assert_eq!(one.sentence.as_deref(), Some("只有一项：更正撤回。"));
        let all = Totals::of_grades(Lang::English, [('A', 0), ('B', 1200), ('C', 0)]);
        assert!(all.chart.is_none());
        assert!(all.sentence.unwrap().starts_with("1,200 items, all alike: "));
        let two = Totals::of_grades(Lang::English, [('A', 1), ('B', 1), ('C', 0)]);
        assert!(two.chart.is_some() && two.sentence.is_none());
    }
}
