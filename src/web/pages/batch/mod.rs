//! Review of a batch: totals, who may decide and why you may not, the decision, every item.

use serde::Serialize;

use crate::domain::change::ChangeKind;
use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::parts::{Badge, Choice, Fact, Notice, Pager, Tone};
use crate::web::render::{Page, Section};

mod case;
mod totals;

pub use case::Case;
pub use totals::Totals;

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
    /// Whether it has one item, which needs no filter.
    pub single: bool,
    /// That item, while its record is shown.
    pub case: Option<Case>,
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
        let words = &lang.text().batch;
        let statement = match total {
            1 => words.approve_statement_one.to_owned(),
            _ => fill(words.approve_statement, &[("total", &grouped(total))]),
        };
        Self {
            may_approve: true,
            reject_text: lang.text().batch.reject_text.to_owned(),
            approve_url: format!("{batch_url}/approve"),
            reject_url: format!("{batch_url}/reject"),
            csrf: csrf.to_owned(),
            digest: digest.to_owned(),
            follows: Says::of_records(lang).approve,
            statement,
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
