//! `import employers`: rows of the register of employers.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::identity::{self, CODE, Known, REGISTRATION};
use super::problem::Fault;
use super::second_person;
use super::table::{Column, Row, Table};
use super::{ImportError, Report, Source, cell};
use crate::domain::code::{CheckDigitOverride, UnifiedCode};
use crate::domain::division::{self, DivisionCode};
use crate::domain::employer::{EmployerKind, EmployerName, Industry, UnknownIndustry};
use crate::domain::registration::RegistrationNumber;
use crate::registry::Registry;
use crate::registry::audit::{self, Act};
use crate::store::employer::EmployerRow;
use crate::store::{self, Conn, StoreError, StoreResult, authority, employer};

/// The file's columns. A row has a code or a registration number. The three `override_…` columns are
/// filled only for an issued code whose check character fails.
pub const COLUMNS: &[Column] = &[
    CODE,
    REGISTRATION,
    Column::required(
        "name",
        &[
            "名称",
            "单位名称",
            "企业名称",
            "用人单位",
            "用人单位名称",
            "用工单位",
            "employer",
        ],
    ),
    Column::required(
        "division",
        &[
            "行政区划代码",
            "行政区划",
            "区划代码",
            "所属区划",
            "用工所在地区划代码",
        ],
    ),
    Column::required("kind", &["类型", "单位类型", "企业类型"]),
    Column::required("industry", &["行业", "行业门类", "行业代码"]),
    Column::required("headcount", &["人数", "职工人数", "从业人数", "用工人数"]),
    Column::required("registered_on", &["成立日期", "注册日期", "登记日期"]),
    Column::optional("override_reason", &["例外理由", "校验码例外理由"]),
    Column::optional("override_entered_by", &["例外录入人", "录入人"]),
    Column::optional("override_approved_by", &["例外审批人", "审批人"]),
];

/// What a row says, once it has been read.
struct Entry {
    row: usize,
    code: Option<(UnifiedCode, Option<CheckDigitOverride>)>,
    registration: Option<RegistrationNumber>,
    name: EmployerName,
    division: DivisionCode,
    kind: EmployerKind,
    industry: Industry,
    headcount: u32,
    registered_on: NaiveDate,
}

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
    let entries: Vec<Entry> = table.rows.iter_mut().filter_map(|row| read(row, today)).collect();
    let mut conn = registry.store.conn()?;
    store::write(&mut conn, |conn| {
        check(conn, &mut table.rows, &entries)?;
        report.problems = table.rows.iter_mut().flat_map(Row::take_problems).collect();
        if report.problems.is_empty() {
            report.added = add(conn, &entries)?;
            let subject = format!("{}: {} rows", source.name, report.added);
            let act = Act {
                after: Some(source.digest()),
                ..Act::system("employers.import", subject)
            };
            audit::record(conn, &act, registry.clock.now())?;
            for (code, given) in entries.iter().filter_map(|entry| entry.code.as_ref()) {
                if let Some(given) = given {
                    audit::record(conn, &second_person::act(code, given), registry.clock.now())?;
                }
            }
        }
        Ok(report)
    })
}

fn read(row: &mut Row, today: NaiveDate) -> Option<Entry> {
    let code = identity::new_code(row);
    let registration = row.optional("registration", |text| {
        Ok(RegistrationNumber::parse(&UnifiedCode::tidy(text))?)
    });
    if matches!((&code, &registration), (Some(None), Some(None))) {
        row.problem("code", identity::nobody());
        return None;
    }
    let name = row.required("name", |text| Ok(EmployerName::parse(text)?));
    let division = row.required("division", read_division);
    let kind = row.required("kind", read_kind);
    let industry = row.required("industry", read_industry);
    let headcount = row.required("headcount", cell::count);
    let registered_on = row.required("registered_on", |text| cell::past_date(text, today));
    let entry = Entry {
        row: row.number,
        code: code?,
        registration: registration?,
        name: name?,
        division: division?,
        kind: kind?,
        industry: industry?,
        headcount: headcount?,
        registered_on: registered_on?,
    };
    let personal = entry
        .code
        .as_ref()
        .is_some_and(|(code, _)| code.may_identify_a_person());
    if personal && entry.kind != EmployerKind::IndividualBusiness {
        row.problem("kind", not_individual());
        return None;
    }
    Some(entry)
}

/// A place of today's table: where people work now is no historic place.
fn read_division(text: &str) -> Result<DivisionCode, Fault> {
    let code = DivisionCode::parse(text)?;
    if division::find(code).is_none() {
        return Err(Fault::new(
            (
                "现行行政区划表中没有该代码",
                "today's table of divisions has no such code",
            ),
            (
                "请填写用工所在地的现行代码",
                "give the present code of the place where people work",
            ),
        ));
    }
    Ok(code)
}

fn read_kind(text: &str) -> Result<EmployerKind, Fault> {
    let named = EmployerKind::ALL.into_iter().find(|kind| kind.zh() == text);
    named.map_or_else(|| Ok(text.to_lowercase().parse()?), Ok)
}

fn read_industry(text: &str) -> Result<Industry, Fault> {
    let same = |industry: &Industry| industry.zh() == text || industry.letter().eq_ignore_ascii_case(text);
    Ok(Industry::ALL
        .into_iter()
        .find(same)
        .ok_or_else(|| UnknownIndustry(text.to_owned()))?)
}

/// Duplicates inside the file and against the register, and places that no authority here acts for.
fn check(conn: &mut Conn, rows: &mut [Row], entries: &[Entry]) -> StoreResult<()> {
    let known = Known::find(conn, rows)?;
    let authorities: Vec<DivisionCode> = authority::all(conn)?
        .iter()
        .map(|row| {
            DivisionCode::parse(&row.division)
                .map_err(|error| StoreError::corrupt(format!("authority {}", row.id), error))
        })
        .collect::<StoreResult<_>>()?;
    let mut first: HashMap<String, usize> = HashMap::new();
    let by_number: HashMap<usize, usize> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (row.number, at))
        .collect();
    for entry in entries {
        let Some(row) = by_number.get(&entry.row).and_then(|at| rows.get_mut(*at)) else {
            continue;
        };
        if !authorities
            .iter()
            .any(|authority| authority.covers(entry.division))
        {
            row.problem("division", outside());
        }
        if let Some((_, Some(given))) = &entry.code {
            second_person::check(conn, row, given, entry.division)?;
        }
        if let Some((code, _)) = &entry.code {
            if known.has_code(code.as_str()) {
                row.problem("code", in_register());
            } else if let Some(other) = first.insert(code.to_string(), entry.row) {
                row.problem("code", in_file(other));
            }
        }
        if let Some(number) = &entry.registration {
            let key = format!("{}:{number}", entry.division);
            if known.has_registration(number.as_str(), entry.division.as_str()) {
                row.problem("registration", in_register());
            } else if let Some(other) = first.insert(key, entry.row) {
                row.problem("registration", in_file(other));
            }
        }
    }
    Ok(())
}

fn add(conn: &mut Conn, entries: &[Entry]) -> Result<usize, ImportError> {
    let first = employer::next_id(conn)?;
    let rows: Vec<EmployerRow> = (first..)
        .zip(entries)
        .map(|(id, entry)| stored(id, entry))
        .collect::<Result<_, ImportError>>()?;
    employer::insert(conn, &rows)?;
    Ok(rows.len())
}

fn stored(id: i64, entry: &Entry) -> Result<EmployerRow, ImportError> {
    let confirmed = entry.code.as_ref().and_then(|(_, confirmed)| confirmed.as_ref());
    Ok(EmployerRow {
        id,
        code: entry.code.as_ref().map(|(code, _)| code.to_string()),
        registration: entry.registration.as_ref().map(ToString::to_string),
        division: entry.division.to_string(),
        name: entry.name.to_string(),
        kind: entry.kind.as_str().to_owned(),
        industry: entry.industry.letter().to_owned(),
        headcount: i64::from(entry.headcount),
        registered_on: entry.registered_on,
        code_override: confirmed.map(serde_json::to_string).transpose()?,
    })
}

fn in_register() -> Fault {
    Fault::new(
        ("名录中已有该单位", "the register has this employer already"),
        (
            "请删除该行",
            "remove the row: an import adds employers and changes none",
        ),
    )
}

fn in_file(row: usize) -> Fault {
    Fault::new(
        (
            format!("与第 {row} 行重复"),
            format!("the same employer stands in row {row}"),
        ),
        ("请保留一行", "keep one of the rows"),
    )
}

fn outside() -> Fault {
    Fault::new(
        (
            "不在本登记系统任何主管机关的管辖范围内",
            "no authority of this registry acts for this place",
        ),
        ("请核对区划代码", "check the division code"),
    )
}

fn not_individual() -> Fault {
    Fault::new(
        (
            "代码以 92 开头，应为个体工商户",
            "a code that begins with 92 is an individual business's",
        ),
        ("请核对代码或类型", "check the code or the kind"),
    )
}
