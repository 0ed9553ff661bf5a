//! `import blacklist`: what authorities published about arrears.
//!
//! Published lists mostly lack unified codes, and a name identifies nobody: branches are listed apart
//! from their parents, names repeat, firms are listed far from home. So every row that cannot be tied to
//! exactly one employer of the register by its code goes to the list “needs an officer” with its
//! reasons. A row that can be tied opens a listing procedure at its first step and goes to the list as
//! well, because its figures are a claim that an officer has to examine. Nothing is listed, graded,
//! signed or served by being imported.

mod place;

use std::collections::HashMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::identity::{CODE, Known, REGISTRATION};
use super::problem::{Fault, Words};
use super::table::{Column, Row, Table};
use super::{ImportError, Report, Source, cell};
use crate::domain::employer::EmployerName;
use crate::registry::Registry;
use crate::registry::audit::{self, Act};
use crate::store::blacklist::CaseRow;
use crate::store::{self, Conn, StoreError, authority, blacklist, quarantine};

use place::{Place, Tied};

/// The file's columns, those of the published lists first.
pub const COLUMNS: &[Column] = &[
    Column::required("published_by", &["公布机关", "发布单位", "公布单位"]),
    Column::required("published_on", &["公布时间", "公布日期", "发布时间"]),
    Column::required("list", &["名单", "名单类型", "名单类别"]),
    Column::required("employer", &["用人单位", "单位名称", "企业名称", "名称", "name"]),
    CODE,
    REGISTRATION,
    Column::optional("registered_elsewhere", &["外地注册", "异地注册"]),
    Column::optional("workers", &["人数", "拖欠人数", "涉及人数"]),
    Column::optional(
        "amount_yuan",
        &[
            "金额",
            "拖欠金额",
            "涉及金额",
            "金额(元)",
            "拖欠金额(元)",
            "amount",
        ],
    ),
    // The same in ten thousands of yuan, for lists whose heading says so.
    Column::optional(
        "amount_wan_yuan",
        &["金额(万元)", "拖欠金额(万元)", "涉及金额(万元)"],
    ),
    Column::optional("deciding_authority", &["作出决定机关", "决定机关", "处理机关"]),
    Column::optional("outcome", &["处理结果", "处理情况", "结果"]),
];

/// The list whose procedure this registry has (MOHRSS Order 45).
const WAGE_BLACKLIST: [&str; 4] = [
    "wage_blacklist",
    "拖欠农民工工资失信联合惩戒对象名单",
    "拖欠农民工工资黑名单",
    "欠薪黑名单",
];

/// A row as it is kept for the officer.
#[derive(Serialize)]
struct Kept<'a> {
    row: usize,
    cells: &'a std::collections::BTreeMap<&'static str, String>,
}

/// Imports a file: all rows or none. The same file again adds nothing.
///
/// # Errors
/// [`ImportError`]; rows that nobody can read are in the report.
pub fn import(registry: &Registry, source: &Source) -> Result<Report, ImportError> {
    let (mut table, mut report) = match Table::begin(source, COLUMNS) {
        Ok(begun) => begun,
        Err(unread) => return Ok(unread),
    };
    let mut seen: HashMap<String, usize> = HashMap::new();
    for row in &mut table.rows {
        check(row, &mut seen);
    }
    report.problems = table.rows.iter_mut().flat_map(Row::take_problems).collect();
    if !report.problems.is_empty() {
        return Ok(report);
    }
    // A file is known by its content: next month's list has the same name.
    let origin = format!("{} sha-256:{}", source.name, report.sha256);
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        let place = Place {
            known: Known::find(conn, &table.rows)?,
            authorities: authority::all(conn)?,
        };
        for row in &table.rows {
            let decided = decide(row, &place, &origin);
            if quarantine_row(conn, registry, row, &decided, &origin)? {
                report.quarantined += 1;
                if let Ok(tied) = &decided {
                    open_case(conn, registry, tied)?;
                    report.added += 1;
                }
            } else {
                report.known += 1;
            }
        }
        let subject = format!(
            "{}: {} rows, {} cases opened",
            source.name, report.quarantined, report.added
        );
        let act = Act {
            after: Some(source.digest()),
            ..Act::system("blacklist.import", subject)
        };
        audit::record(conn, &act, registry.clock.now())?;
        Ok(report)
    })
}

/// Notes what nobody can read. What is merely missing is for the officer.
fn check(row: &mut Row, seen: &mut HashMap<String, usize>) {
    row.required("published_by", |text| Ok(text.to_owned()));
    row.required("published_on", cell::month);
    row.required("list", |text| Ok(text.to_owned()));
    row.required("employer", |text| Ok(EmployerName::parse(text)?));
    row.optional("registered_elsewhere", cell::yes_no);
    row.optional("workers", cell::count);
    row.optional("amount_yuan", cell::amount);
    row.optional("amount_wan_yuan", |text| cell::amount(&format!("{text}万")));
    if row.has("amount_yuan") && row.has("amount_wan_yuan") {
        row.problem("amount_wan_yuan", two_amounts());
    }
    let content = format!("{:?}", row.cells());
    if let Some(other) = seen.insert(content, row.number) {
        row.problem("employer", repeated(other));
    }
}

/// To which case a row leads, or every reason why it cannot be tied to one employer.
fn decide(row: &Row, place: &Place, origin: &str) -> Result<Tied, Vec<Words>> {
    let mut reasons = Vec::new();
    if !WAGE_BLACKLIST.contains(&row.text("list")) {
        reasons.push(Words::new(
            format!(
                "名单“{}”不是拖欠农民工工资失信名单，本系统无此程序",
                row.text("list")
            ),
            format!(
                "the list {:?} is not the wage blacklist; there is no procedure for it here",
                row.text("list")
            ),
        ));
    }
    let employer = place.employer(row, &mut reasons);
    let authority = place.authority(row, employer, &mut reasons);
    let amount = row.has("amount_yuan") || row.has("amount_wan_yuan");
    for (known, zh, en) in [
        (row.has("workers"), "人数", "the head-count"),
        (amount, "金额", "the amount"),
    ] {
        if !known {
            reasons.push(Words::new(
                format!("未公布{zh}"),
                format!("{en} was not published"),
            ));
        }
    }
    match (employer, authority) {
        (Some(employer), Some(authority)) if reasons.is_empty() => {
            // The id follows from file and row, so that a row can never open two cases.
            let digest = Sha256::digest(format!("{origin} row {}", row.number));
            place::tie(employer, authority, &digest).map_err(|error| vec![error])
        }
        _ => Err(reasons),
    }
}

fn quarantine_row(
    conn: &mut Conn,
    registry: &Registry,
    row: &Row,
    decided: &Result<Tied, Vec<Words>>,
    origin: &str,
) -> Result<bool, ImportError> {
    let reason = match decided {
        Ok(tied) => {
            let id = tied.case.id();
            format!(
                "已立案 {id}，公布的数据待核实 / case {id} was opened; the published figures await examination"
            )
        }
        Err(reasons) => {
            let zh: Vec<&str> = reasons.iter().map(|words| words.zh.as_str()).collect();
            let en: Vec<&str> = reasons.iter().map(|words| words.en.as_str()).collect();
            format!("{} / {}", zh.join("；"), en.join("; "))
        }
    };
    let kept = serde_json::to_string(&Kept {
        row: row.number,
        cells: row.cells(),
    })?;
    let line = i64::try_from(row.number).unwrap_or(i64::MAX);
    Ok(quarantine::insert(
        conn,
        origin,
        line,
        &kept,
        &reason,
        registry.clock.now().naive_utc(),
    )?)
}

fn open_case(conn: &mut Conn, registry: &Registry, tied: &Tied) -> Result<(), ImportError> {
    let body = serde_json::to_string(&tied.case)?;
    let serde_json::Value::String(state) = serde_json::to_value(tied.case.state())? else {
        return Err(StoreError::corrupt("case state", "it has no word").into());
    };
    let row = CaseRow {
        id: tied.case.id().to_string(),
        employer_id: tied.employer,
        authority_id: tied.authority.clone(),
        state,
        body,
    };
    blacklist::insert(conn, &row)?;
    let act = Act {
        authority: Some(tied.authority.clone()),
        after: Some(Sha256::digest(row.body.as_bytes()).into()),
        ..Act::system("blacklist.open", row.id)
    };
    Ok(audit::record(conn, &act, registry.clock.now())?)
}

fn repeated(row: usize) -> Fault {
    Fault::new(
        (
            format!("与第 {row} 行完全相同"),
            format!("the row is the same as row {row}"),
        ),
        ("请删除其中一行", "remove one of them"),
    )
}

fn two_amounts() -> Fault {
    Fault::new(
        ("元和万元两列都有金额", "both columns of amounts are filled"),
        ("请保留一个", "keep one of them"),
    )
}
