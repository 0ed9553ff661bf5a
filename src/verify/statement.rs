//! Statements: what the registry held on one employer as of a snapshot, “nothing” included (`records.md`
//! §6), as JSON. The exact format is in `docs/formats.md`.
//!
//! The same types read and write. Reading is strict, as for bundles, and proves nothing; see
//! [`check_statement`].

mod check;
mod verdict;

use serde_json::{Value, json};

use super::bundle::{
    FileError, Head, KeyItem, ListItem, MAX_BUNDLE, check_type, embedded, head, parse_object, texts,
};
use super::intake::{FormError, Object, encode};
use crate::log::sorted::{Answer, Leaf};
use crate::record::canonical;
use crate::record::current::MAX_RECORDS;

pub use check::{check_statement, judge_statement};
pub use verdict::{Says, StatementVerdict};

/// `type` of a statement.
pub const STATEMENT_TYPE: &str = "LabourCreditStatement";
/// Longest leaf in bytes: key, count, and digests of 32 bytes.
const MAX_LEAF: usize = 36 + 32 * MAX_RECORDS;
/// Most notes of monitors.
pub const MAX_MONITORS: usize = 16;
/// Most status lists: three of each number that the records of one employer point to.
const MAX_LISTS: usize = 3 * 64;

/// What the registry held on one employer, and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whom it is about: `uscc:CODE` or `reg:DIVISION:NUMBER`.
    pub about: String,
    /// What the snapshot's tree says.
    pub answer: Answer,
    /// The snapshot, and where it stands in the log under the current head.
    pub snapshot: ListItem,
    /// Heads of the log.
    pub checkpoints: StatementHeads,
    /// The key document that lists the signing key, and last the newest; one element when they are the same.
    pub keys: Vec<KeyItem>,
    /// Canonical bytes of the records whose digests the leaf holds; all, some or none of them.
    pub records: Vec<Vec<u8>>,
    /// The newest versions of the status lists that these records point to.
    pub lists: Vec<ListItem>,
    /// Notes of monitors that have rebuilt the tree.
    pub monitors: Vec<String>,
}

/// The four heads that a statement carries.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct StatementHeads {
    /// The head that the snapshot describes.
    pub described: Head,
    /// Last published head of size at most the snapshot's index; its proof leads here from `described`.
    pub before: Head,
    /// First published head of size above the snapshot's index; its proof leads here from `before`.
    pub after: Head,
    /// The head under which everything else is proved; its proof leads here from `after`.
    pub current: Head,
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        Self::from_value(parse_object(bytes, MAX_BUNDLE)?)
    }

    /// Reads a statement from strictly parsed JSON.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn from_value(value: Value) -> Result<Self, FileError> {
        let mut file = Object::of(value, "statement")?;
        check_type(&mut file, STATEMENT_TYPE)?;
        let statement = Self {
            about: file.text("about")?,
            answer: take_answer(file.object("answer")?)?,
            snapshot: ListItem::from_value(file.take("snapshot")?)?,
            checkpoints: StatementHeads::take(file.object("checkpoints")?)?,
            keys: file
                .array("keys", 2)?
                .into_iter()
                .map(KeyItem::from_value)
                .collect::<Result<_, _>>()?,
            records: file
                .array("records", MAX_RECORDS)?
                .iter()
                .map(|record| Ok(canonical::to_vec(record)?))
                .collect::<Result<_, FileError>>()?,
            lists: file
                .array("lists", MAX_LISTS)?
                .into_iter()
                .map(ListItem::from_value)
                .collect::<Result<_, _>>()?,
            monitors: file.texts("monitors", MAX_MONITORS)?,
        };
        file.finish()?;
        Ok(statement)
    }

    /// Writes the statement as canonical JSON.
    ///
    /// # Errors
    /// [`FileError`] when snapshot, records or lists are not strict JSON.
    pub fn to_canonical(&self) -> Result<Vec<u8>, FileError> {
        let keys: Vec<Value> = self.keys.iter().map(KeyItem::to_value).collect();
        let records = self.records.iter().map(|record| embedded(record));
        let lists = self.lists.iter().map(ListItem::to_value);
        let value = json!({
            "type": STATEMENT_TYPE,
            "version": super::bundle::VERSION,
            "about": self.about,
            "answer": answer_value(&self.answer),
            "snapshot": self.snapshot.to_value()?,
            "checkpoints": self.checkpoints.to_value(),
            "keys": keys,
            "records": records.collect::<Result<Vec<_>, _>>()?,
            "lists": lists.collect::<Result<Vec<_>, _>>()?,
            "monitors": self.monitors,
        });
        Ok(canonical::to_vec(&value)?)
    }
}

impl StatementHeads {
    // In the file each proof stands with the head that it starts from; here with the one it leads to.

    fn take(mut heads: Object) -> Result<Self, FormError> {
        let (described, to_before) = head(heads.object("described")?, true)?;
        let (before, to_after) = head(heads.object("before")?, true)?;
        let (after, to_current) = head(heads.object("after")?, true)?;
        let (current, _) = head(heads.object("current")?, false)?;
        heads.finish()?;
        let with = |note, consistency| Head { note, consistency };
        Ok(Self {
            described: with(described, Vec::new()),
            before: with(before, to_before),
            after: with(after, to_after),
            current: with(current, to_current),
        })
    }

    fn to_value(&self) -> Value {
        let with =
            |head: &Head, next: &Head| json!({ "note": head.note, "consistency": texts(&next.consistency) });
        json!({
            "described": with(&self.described, &self.before),
            "before": with(&self.before, &self.after),
            "after": with(&self.after, &self.current),
            "current": { "note": self.current.note },
        })
    }
}

fn take_answer(mut answer: Object) -> Result<Answer, FormError> {
    let form = answer.text("form")?;
    let mut leaf = |name| take_leaf(answer.object(name)?);
    let taken = match form.as_str() {
        "present" => Answer::Present(leaf("leaf")?),
        "between" => Answer::Between {
            left: leaf("left")?,
            right: leaf("right")?,
        },
        "before-first" => Answer::BeforeFirst(leaf("right")?),
        "after-last" => Answer::AfterLast(leaf("left")?),
        "empty" => Answer::Empty,
        _ => return Err(FormError::Kind("form", "one of the five forms of an answer")),
    };
    answer.finish()?;
    Ok(taken)
}

fn take_leaf(mut leaf: Object) -> Result<Leaf, FormError> {
    let taken = Leaf {
        data: leaf.bytes("data", MAX_LEAF)?,
        index: leaf.number("index")?,
        inclusion: leaf.path("inclusion")?,
    };
    leaf.finish()?;
    Ok(taken)
}

fn answer_value(answer: &Answer) -> Value {
    let leaf = |leaf: &Leaf| {
        json!({
            "data": encode(&leaf.data),
            "index": leaf.index,
            "inclusion": texts(&leaf.inclusion),
        })
    };
    match answer {
        Answer::Present(found) => json!({ "form": "present", "leaf": leaf(found) }),
        Answer::Between { left, right } => {
            json!({ "form": "between", "left": leaf(left), "right": leaf(right) })
        }
        Answer::BeforeFirst(right) => json!({ "form": "before-first", "right": leaf(right) }),
        Answer::AfterLast(left) => json!({ "form": "after-last", "left": leaf(left) }),
        Answer::Empty => json!({ "form": "empty" }),
    }
}
