//! The row of a replayed body: its columns say what its bytes say.

use crate::record::credential::{self, EmployerId, StatusPointer, Subject};
use crate::record::entry::{Entry, EntryKind};
use crate::record::status::{self, Bitstring};
use crate::store::employer;
use crate::store::log::body::Body;
use crate::store::log::status::StatusListVersion;
use crate::store::{Conn, StoreResult};

use super::CatchUpError;

/// What a body is to the tables that go with it.
pub(super) enum What {
    /// A version of a status list.
    List(StatusListVersion, Bitstring),
    /// A record, with its place in the lists.
    Record(Option<StatusPointer>),
    /// Anything else.
    Other,
}

/// A body as it is stored.
pub(super) struct Row {
    pub(super) body: Body,
    pub(super) what: What,
    /// The number of the decision behind a record.
    pub(super) number: Option<String>,
    /// It is about an employer that this database does not know.
    pub(super) stranger: bool,
}

/// The row of the entry at `index`.
pub(super) fn row(conn: &mut Conn, index: i64, entry: &Entry, bytes: Vec<u8>) -> Result<Row, CatchUpError> {
    let unreadable = |error: &dyn ToString| {
        CatchUpError::OtherHistory(format!(
            "the body of entry {index} cannot be read: {}",
            error.to_string()
        ))
    };
    let mut body = Body::bare(index, entry.kind.as_str(), entry.audience.as_str(), Vec::new());
    let (mut what, mut stranger, mut number) = (What::Other, false, None);
    match entry.kind {
        EntryKind::StatusList => {
            let list = status::read_list(&bytes).map_err(|error| unreadable(&error))?;
            let version = StatusListVersion {
                purpose: list.purpose.as_str().to_owned(),
                number: i64::from(list.list),
                log_index: index,
                valid_from: list.credential.valid_from.naive_utc(),
            };
            what = What::List(version, list.bits);
        }
        EntryKind::Record | EntryKind::RuleSet => {
            let record = credential::read(&bytes).map_err(|error| unreadable(&error))?;
            let facts = record.facts().map_err(|error| unreadable(&error))?;
            body.record_id = record.uuid().map(|id| id.into_bytes().to_vec());
            body.record_type = Some(record.record_type.as_str().to_owned());
            let about = match &facts {
                Subject::Grade(facts) => {
                    body.year = Some(i64::from(facts.year));
                    body.outcome = Some(facts.grade.to_string());
                    number = Some(facts.document_number.to_string());
                    Some(&facts.employer.id)
                }
                Subject::Blacklist(facts) => {
                    body.outcome = Some("listed".to_owned());
                    number = Some(facts.document_number.to_string());
                    Some(&facts.employer.id)
                }
                Subject::RuleSet(facts) => {
                    body.outcome = Some(format!("{} {}", facts.id, facts.version));
                    None
                }
                Subject::Withdrawal(_) => {
                    body.outcome = Some("withdrawn".to_owned());
                    None
                }
            };
            if let Some(id) = about {
                body.employer_id = known(conn, id)?;
                stranger = body.employer_id.is_none();
            }
            what = What::Record(record.status);
        }
        _ => {}
    }
    body.bytes = bytes;
    Ok(Row {
        body,
        what,
        number,
        stranger,
    })
}

/// The number here of an employer in a record.
fn known(conn: &mut Conn, id: &EmployerId<'_>) -> StoreResult<Option<i64>> {
    Ok(match id {
        EmployerId::UnifiedCode(code) => employer::by_code(conn, code)?.map(|row| row.id),
        EmployerId::RegistrationNumber(number) => {
            let rows = employer::by_registration(conn, number)?;
            match rows.as_slice() {
                [row] => Some(row.id),
                _ => None,
            }
        }
    })
}
