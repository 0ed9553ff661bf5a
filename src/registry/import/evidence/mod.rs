//! `import evidence`: facts on employers' files.
//!
//! A row states what happened and which document determined it. It never states a grade, and nothing
//! is graded by being imported.

pub(super) mod kind;

use std::collections::HashMap;

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::identity::{CODE, Known, REGISTRATION};
use super::problem::Fault;
use super::table::{Column, Row, Table};
use super::{ImportError, Report, Source, cell};
use crate::domain::evidence::{Evidence, EvidenceId, EvidenceKind, Outcome};
use crate::registry::Registry;
use crate::registry::audit::{self, Act};
use crate::store::{self, Conn, StoreResult, evidence};

/// The file's columns. `type` decides which of the columns from `outcome` to `after_correction` are
/// filled; the others stay empty.
pub const COLUMNS: &[Column] = &[
    Column::optional("id", &["证据编号", "编号"]),
    CODE,
    REGISTRATION,
    Column::required("type", &["类型", "证据类型"]),
    Column::optional("outcome", &["处理结果", "查处结果"]),
    Column::optional("matter", &["事项", "违法事项"]),
    Column::optional("form", &["事件形式"]),
    Column::optional("serious_effect", &["严重不良社会影响"]),
    Column::optional("caused_by_violation", &["因违法引发"]),
    Column::optional("of", &["对象", "拒不履行的文书", "严重违法情形"]),
    Column::optional("to", &["移送", "移送对象"]),
    Column::optional("review_year", &["审查年度", "年度"]),
    Column::optional("after_correction", &["整改后通过"]),
    Column::required("occurred_on", &["发生日期", "行为日期"]),
    Column::optional("decided_on", &["决定日期", "文书日期"]),
    Column::optional("document_number", &["文号", "文书号", "文书编号"]),
    Column::optional("case_number", &["案号", "案件编号"]),
];

/// Imports a file: all rows or none.
///
/// # Errors
/// [`ImportError`]; bad rows are in the report.
pub fn import(registry: &Registry, source: &Source) -> Result<Report, ImportError> {
    let (mut table, mut report) = match Table::begin(source, COLUMNS) {
        Ok(begun) => begun,
        Err(unread) => return Ok(unread),
    };
    let today = registry.clock.today();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        let known = Known::find(conn, &table.rows)?;
        let read: Vec<Option<(i64, Evidence)>> = table
            .rows
            .iter_mut()
            .map(|row| read(row, &known, today))
            .collect();
        refuse_duplicates(conn, &mut table.rows, &read)?;
        report.problems = table.rows.iter_mut().flat_map(Row::take_problems).collect();
        if report.problems.is_empty() {
            let items: Vec<(i64, Evidence)> = read.into_iter().flatten().collect();
            evidence::insert(conn, &items)?;
            report.added = items.len();
            let subject = format!("{}: {} rows", source.name, report.added);
            let act = Act {
                after: Some(source.digest()),
                ..Act::system("evidence.import", subject)
            };
            audit::record(conn, &act, registry.clock.now())?;
        }
        Ok(report)
    })
}

fn read(row: &mut Row, known: &Known, today: NaiveDate) -> Option<(i64, Evidence)> {
    let employer = known.of_row(row);
    let kind = kind::read(row, today);
    let occurred_on = row.required("occurred_on", |text| cell::past_date(text, today));
    let decided_on = row.optional("decided_on", |text| cell::past_date(text, today));
    let id = row.optional("id", |text| Ok(EvidenceId::new(text)?));
    let (employer, kind, occurred_on) = (employer?, kind?, occurred_on?);
    let (decided_on, id) = (decided_on?, id?);
    if decided_on.is_some_and(|decided| decided < occurred_on) {
        row.problem("decided_on", before_the_fact());
        return None;
    }
    if let EvidenceKind::Handled { outcome, .. } = &kind {
        if decided_on.is_none() {
            row.problem("decided_on", no_document("决定日期", "the day of the document"));
            return None;
        }
        if matches!(outcome, Outcome::Penalty | Outcome::HandlingDecision) && !row.has("document_number") {
            row.problem("document_number", no_document("文号", "the document's number"));
            return None;
        }
    }
    let id = match id {
        Some(id) => id,
        None => derived_id(row)?,
    };
    let filled = |column| row.has(column).then(|| row.text(column).to_owned());
    let (document_number, case_number) = (filled("document_number"), filled("case_number"));
    Some((
        employer.id,
        Evidence {
            id,
            kind,
            occurred_on,
            decided_on,
            document_number,
            case_number,
        },
    ))
}

/// An id from the row's content, so that the same fact imported twice is found out.
fn derived_id(row: &mut Row) -> Option<EvidenceId> {
    let mut hasher = Sha256::new();
    for (column, cell) in row.cells() {
        for text in [column, cell.as_str()] {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text.as_bytes());
        }
    }
    let digest = hasher.finalize();
    let id = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    EvidenceId::new(id)
        .map_err(|error| row.problem("id", error.into()))
        .ok()
}

/// An id or a document number stands once in the file and once in the register.
fn refuse_duplicates(conn: &mut Conn, rows: &mut [Row], read: &[Option<(i64, Evidence)>]) -> StoreResult<()> {
    let items = || read.iter().flatten().map(|(_, item)| item);
    let ids: Vec<String> = items().map(|item| item.id.to_string()).collect();
    let numbers: Vec<String> = items().filter_map(|item| item.document_number.clone()).collect();
    let taken_ids = evidence::ids_among(conn, &ids)?;
    let taken_numbers = evidence::document_numbers_among(conn, &numbers)?;
    let mut first: HashMap<(&str, String), usize> = HashMap::new();
    for (row, item) in rows.iter_mut().zip(read) {
        let Some((_, item)) = item else { continue };
        let values = [
            ("id", Some(item.id.to_string())),
            ("document_number", item.document_number.clone()),
        ];
        for (column, value) in values {
            let Some(value) = value else { continue };
            let taken = if column == "id" {
                &taken_ids
            } else {
                &taken_numbers
            };
            if taken.contains(&value) {
                row.problem(column, in_register());
            } else if let Some(other) = first.insert((column, value), row.number) {
                row.problem(column, in_file(other));
            }
        }
    }
    Ok(())
}

fn before_the_fact() -> Fault {
    Fault::new(
        ("决定日期早于发生日期", "the document is older than the fact"),
        ("请核对两个日期", "check both days"),
    )
}

fn no_document(zh: &str, en: &str) -> Fault {
    Fault::new(
        (
            format!("已查处的案件须有{zh}"),
            format!("a handled case has {en}"),
        ),
        ("请按文书填写", "copy it from the document"),
    )
}

fn in_register() -> Fault {
    Fault::new(
        (
            "证据库中已有该证据或文号",
            "the register has this evidence or document number already",
        ),
        (
            "请删除该行；如确为另一事实，请填写不同的 id",
            "remove the row, or give another id if it is another fact",
        ),
    )
}

fn in_file(row: usize) -> Fault {
    Fault::new(
        (
            format!("与第 {row} 行重复"),
            format!("it stands in row {row} already"),
        ),
        (
            "请保留一行；如确为两个事实，请填写不同的 id",
            "keep one row, or give ids if they are two facts",
        ),
    )
}
