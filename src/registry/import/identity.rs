//! Who a row is about: a unified code, or a registration number with the division that registered it.
//! Never a name.

use std::collections::{BTreeSet, HashMap};

use super::fault::person;
use super::problem::Fault;
use super::table::{Column, Row};
use crate::domain::code::{CheckDigitOverride, CodeError, UnifiedCode};
use crate::domain::registration::RegistrationNumber;
use crate::store::employer::{self, EmployerRow};
use crate::store::{Conn, StoreResult};

/// The unified code.
pub const CODE: Column = Column::optional("code", &["统一社会信用代码", "社会信用代码", "信用代码", "代码"]);
/// The old registration number.
pub const REGISTRATION: Column =
    Column::optional("registration", &["注册号", "工商注册号", "营业执照注册号"]);

/// Reads a code for the register: one whose check character fails needs its override.
/// `None` after a problem, `Some(None)` where the row has no code.
#[allow(clippy::option_option, reason = "no code and a refused code are two things")]
pub fn new_code(row: &mut Row) -> Option<Option<(UnifiedCode, Option<CheckDigitOverride>)>> {
    let confirmed = confirmation(row)?;
    let read = row.optional("code", |text| {
        let text = UnifiedCode::tidy(text);
        match (UnifiedCode::parse(&text), &confirmed) {
            (Ok(_), Some(_)) => Err(needless()),
            (Ok(code), None) => Ok((code, None)),
            (Err(error), Some(given)) if error.can_be_overridden() => Ok((
                UnifiedCode::accept_with_override(&text, given)?,
                Some(given.clone()),
            )),
            (Err(error), _) => Err(error.into()),
        }
    })?;
    if read.is_none() && confirmed.is_some() {
        row.problem("override_reason", needless());
        return None;
    }
    Some(read)
}

/// The three override columns: all or none.
#[allow(
    clippy::option_option,
    reason = "no override and a refused override are two things"
)]
fn confirmation(row: &mut Row) -> Option<Option<CheckDigitOverride>> {
    const PARTS: [&str; 3] = ["override_reason", "override_entered_by", "override_approved_by"];
    if !PARTS.iter().any(|part| row.has(part)) {
        return Some(None);
    }
    let reason = row.required("override_reason", |text| Ok(text.to_owned()));
    let entered = row.required("override_entered_by", person);
    let approved = row.required("override_approved_by", person);
    match CheckDigitOverride::new(reason?, entered?, approved?) {
        Ok(given) => Some(Some(given)),
        Err(error) => {
            row.problem("override_approved_by", error.into());
            None
        }
    }
}

fn needless() -> Fault {
    Fault::new(
        ("代码无校验错误，不需要例外", "the code needs no override"),
        ("请清空例外三列", "clear the three override columns"),
    )
}

/// Employers of the register that a file speaks of.
pub struct Known {
    by_code: HashMap<String, EmployerRow>,
    by_registration: HashMap<String, Vec<EmployerRow>>,
}

impl Known {
    /// Looks up every code and registration number of the rows.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub fn find(conn: &mut Conn, rows: &[Row]) -> StoreResult<Self> {
        let all = |column| -> Vec<String> {
            let set: BTreeSet<String> = rows
                .iter()
                .filter(|row| row.has(column))
                .map(|row| UnifiedCode::tidy(row.text(column)))
                .collect();
            set.into_iter().collect()
        };
        let with_code = employer::by_codes(conn, &all("code"))?;
        let mut by_registration: HashMap<String, Vec<EmployerRow>> = HashMap::new();
        for row in employer::by_registrations(conn, &all("registration"))? {
            by_registration
                .entry(row.registration.clone().unwrap_or_default())
                .or_default()
                .push(row);
        }
        let by_code = with_code
            .into_iter()
            .map(|row| (row.code.clone().unwrap_or_default(), row))
            .collect();
        Ok(Self {
            by_code,
            by_registration,
        })
    }

    /// The employer of a code as typed.
    ///
    /// # Errors
    /// What is wrong with the code, or that the register does not have it.
    pub fn of_code(&self, text: &str) -> Result<&EmployerRow, Fault> {
        let tidied = UnifiedCode::tidy(text);
        match self.by_code.get(&tidied) {
            Some(row) => Ok(row),
            None => match UnifiedCode::parse(&tidied) {
                Err(error) => Err(without_override(error)),
                Ok(_) => Err(not_registered()),
            },
        }
    }

    /// The employer of a registration number as typed, where only one has it.
    ///
    /// # Errors
    /// What is wrong with the number, or that no employer or several have it.
    pub fn of_registration(&self, text: &str) -> Result<&EmployerRow, Fault> {
        let number = RegistrationNumber::parse(&UnifiedCode::tidy(text))?;
        match self.by_registration.get(number.as_str()).map(Vec::as_slice) {
            Some([row]) => Ok(row),
            Some([_, _, ..]) => Err(Fault::new(
                (
                    "该注册号在不同地区有多家单位",
                    "several employers in different divisions have this number",
                ),
                ("请填写统一社会信用代码", "give the unified code"),
            )),
            _ => Err(not_registered()),
        }
    }

    /// Whether the register has this registration number in this division.
    pub fn has_registration(&self, number: &str, division: &str) -> bool {
        self.by_registration
            .get(number)
            .is_some_and(|rows| rows.iter().any(|row| row.division == division))
    }

    /// Whether the register has this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.by_code.contains_key(code)
    }

    /// The employer that a row is about, by its code, else by its registration number; a problem is
    /// noted otherwise.
    pub fn of_row(&self, row: &mut Row) -> Option<EmployerRow> {
        let (column, found) = if row.has("code") {
            ("code", self.of_code(row.text("code")))
        } else if row.has("registration") {
            ("registration", self.of_registration(row.text("registration")))
        } else {
            ("code", Err(nobody()))
        };
        match found {
            Ok(found) => Some(found.clone()),
            Err(fault) => {
                row.problem(column, fault);
                None
            }
        }
    }
}

/// A wrong check character where no override can be given.
fn without_override(error: CodeError) -> Fault {
    let fault = Fault::from(error);
    Fault::new(
        (fault.reason.zh, fault.reason.en),
        ("请对照营业执照核对代码", "compare it with the licence"),
    )
}

/// Neither code nor registration number.
pub fn nobody() -> Fault {
    Fault::new(
        (
            "没有统一社会信用代码，也没有注册号",
            "there is neither a unified code nor a registration number",
        ),
        (
            "请填写代码；单凭名称不能确定单位",
            "give the code: a name alone identifies nobody",
        ),
    )
}

fn not_registered() -> Fault {
    Fault::new(
        ("名录中没有该单位", "the register has no such employer"),
        (
            "请先导入该单位或核对代码",
            "import the employer first, or check the code",
        ),
    )
}
