//! Whom a published row is about and whose case it would be: by code and by the authority's full name,
//! and by nothing less.

use super::super::identity::Known;
use super::super::problem::Words;
use super::super::table::Row;
use crate::domain::blacklist::{Case, CaseId};
use crate::domain::code::UnifiedCode;
use crate::domain::division::DivisionCode;
use crate::domain::employer::{EmployerKey, EmployerName};
use crate::store::authority::AuthorityRow;
use crate::store::employer::EmployerRow;

/// What the register knows.
pub struct Place {
    /// Employers that the file's codes and numbers name.
    pub known: Known,
    /// This registry's authorities.
    pub authorities: Vec<AuthorityRow>,
}

/// A row tied to one employer and one authority.
pub struct Tied {
    /// The employer's number.
    pub employer: i64,
    /// The authority's id.
    pub authority: String,
    /// The procedure, at its first step.
    pub case: Case,
}

impl Place {
    /// The one employer that a row's code names and whose name agrees; else the reasons grow.
    pub fn employer(&self, row: &Row, reasons: &mut Vec<Words>) -> Option<&EmployerRow> {
        if !row.has("code") {
            reasons.push(Words::new(
                "无统一社会信用代码，单凭名称不能确定单位",
                "there is no unified code, and a name alone identifies nobody",
            ));
            return None;
        }
        let found = match self.known.of_code(row.text("code")) {
            Ok(found) => found,
            Err(fault) => {
                reasons.push(fault.reason);
                return None;
            }
        };
        let name = EmployerName::parse(row.text("employer")).map(|name| name.to_string());
        if name.as_deref() == Ok(found.name.as_str()) {
            return Some(found);
        }
        reasons.push(Words::new(
            format!("名称与名录中该代码的单位“{}”不一致", found.name),
            format!("the register has {:?} under this code", found.name),
        ));
        None
    }

    /// The authority of this registry that decided, if it acts for the employer's place.
    pub fn authority(
        &self,
        row: &Row,
        employer: Option<&EmployerRow>,
        reasons: &mut Vec<Words>,
    ) -> Option<&AuthorityRow> {
        let name = row.text("deciding_authority");
        if name.is_empty() {
            reasons.push(Words::new(
                "未公布作出决定的机关",
                "the deciding authority was not published",
            ));
            return None;
        }
        let Some(authority) = self.authorities.iter().find(|authority| authority.name == name) else {
            reasons.push(Words::new(
                format!("“{name}”不是本登记系统的机关"),
                format!("{name:?} is no authority of this registry"),
            ));
            return None;
        };
        // A division that cannot be read covers nothing, and lies nowhere.
        let covers = |employer: &EmployerRow| {
            let read = |text| DivisionCode::parse(text).ok();
            let divisions = read(&authority.division).zip(read(&employer.division));
            divisions.is_some_and(|(authority, employer)| authority.covers(employer))
        };
        if employer.is_some_and(|employer| !covers(employer)) {
            reasons.push(Words::new(
                "该单位不在该机关管辖范围内",
                "the employer is outside this authority's jurisdiction",
            ));
            return None;
        }
        Some(authority)
    }
}

/// Opens the procedure.
///
/// # Errors
/// A stored value that cannot be read.
pub fn tie(employer: &EmployerRow, authority: &AuthorityRow, digest: &[u8]) -> Result<Tied, Words> {
    let unreadable = |why: String| {
        Words::new(
            format!("名录数据无法读取：{why}"),
            format!("the register's row: {why}"),
        )
    };
    let hex = digest
        .iter()
        .take(16)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let id = CaseId::new(format!("import-{hex}")).map_err(|error| unreadable(error.to_string()))?;
    let code = UnifiedCode::from_stored(employer.code.as_deref().unwrap_or_default())
        .map_err(|error| unreadable(error.to_string()))?;
    let division = DivisionCode::parse(&employer.division).map_err(|error| unreadable(error.to_string()))?;
    let case = Case::open(id, EmployerKey::Code(code), division);
    Ok(Tied {
        employer: employer.id,
        authority: authority.id.clone(),
        case,
    })
}
