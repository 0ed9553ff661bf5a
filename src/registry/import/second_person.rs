//! The two persons of a check character's override: accounts of officers in force, two people and not one with
//! two accounts, acting where the employer is. A login that anybody can type proves no person; that these are
//! there at all, and who they are, the registry's own accounts say.

use super::problem::Fault;
use super::table::Row;
use crate::domain::authority::Role;
use crate::domain::code::{CheckDigitOverride, UnifiedCode};
use crate::domain::division::DivisionCode;
use crate::registry::audit::Act;
use crate::store::account::{self, AccountRow};
use crate::store::{Conn, StoreError, StoreResult, authority};

const ENTERED: &str = "override_entered_by";
const APPROVED: &str = "override_approved_by";

/// Notes on the row what forbids these two to accept this code for an employer in `division`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn check(
    conn: &mut Conn,
    row: &mut Row,
    given: &CheckDigitOverride,
    division: DivisionCode,
) -> StoreResult<()> {
    let entered = officer(conn, row, (ENTERED, given.entered_by().as_str()), division)?;
    let approved = officer(conn, row, (APPROVED, given.approved_by().as_str()), division)?;
    if let Some((entered, approved)) = entered.zip(approved)
        && entered.person_id == approved.person_id
    {
        row.problem(APPROVED, one_person());
    }
    Ok(())
}

/// The officer of a login, where nothing forbids it.
fn officer(
    conn: &mut Conn,
    row: &mut Row,
    (column, login): (&'static str, &str),
    division: DivisionCode,
) -> StoreResult<Option<AccountRow>> {
    let found = account::by_login(conn, login)?;
    let Some(found) = found.filter(|account| account.kind == "officer" && account.suspended_at.is_none())
    else {
        row.problem(column, no_officer(login));
        return Ok(None);
    };
    let place = match &found.authority_id {
        Some(id) => authority::find(conn, id)?,
        None => None,
    };
    let place = place
        .map(|place| {
            DivisionCode::parse(&place.division)
                .map_err(|error| StoreError::corrupt(format!("authority {}", place.id), error))
        })
        .transpose()?;
    if !place.is_some_and(|place| place.covers(division)) {
        row.problem(column, elsewhere(login));
        return Ok(None);
    }
    let may = match column {
        APPROVED => &[Role::Approver][..],
        _ => &[Role::Clerk, Role::Reviewer, Role::Approver][..],
    };
    let has = found.roles.split(',');
    if !has
        .map(str::trim)
        .any(|role| may.iter().any(|one| one.as_str() == role))
    {
        row.problem(column, other_role(login, may));
        return Ok(None);
    }
    Ok(Some(found))
}

/// The audit row of an override: both persons by their logins.
pub(super) fn act(code: &UnifiedCode, given: &CheckDigitOverride) -> Act {
    let (entered, approved) = (given.entered_by(), given.approved_by());
    Act::system(
        "employer.code-override",
        format!("{code}: entered by {entered}, approved by {approved}"),
    )
}

const OFFICERS: (&str, &str) = (
    "请填写两名在职工作人员的登录名：一人录入，另一名审批人审批",
    "give the logins of two officers in force: one who enters it, and an approver who is another person",
);

fn no_officer(login: &str) -> Fault {
    Fault::new(
        (
            format!("没有在职工作人员的账号 {login}"),
            format!("{login} is not the account of an officer in force"),
        ),
        OFFICERS,
    )
}

fn elsewhere(login: &str) -> Fault {
    Fault::new(
        (
            format!("{login} 所在机关对该单位所在地无管辖权"),
            format!("the authority of {login} does not act for the employer's division"),
        ),
        OFFICERS,
    )
}

fn other_role(login: &str, may: &[Role]) -> Fault {
    let zh: Vec<&str> = may.iter().map(|role| role.zh()).collect();
    let en: Vec<&str> = may.iter().map(|role| role.as_str()).collect();
    Fault::new(
        (
            format!("{login} 不是{}", zh.join("、")),
            format!("{login} is no {}", en.join(" or ")),
        ),
        OFFICERS,
    )
}

fn one_person() -> Fault {
    Fault::new(
        (
            "两个账号属于同一自然人",
            "the two accounts are one natural person's",
        ),
        OFFICERS,
    )
}
