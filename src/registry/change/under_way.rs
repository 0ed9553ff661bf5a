//! One act at a time: while a change or a withdrawal of a record is neither turned down nor wholly out, no
//! other of that record begins or is released. Two would each be decided on what the other is about to end.

use unicode_normalization::UnicodeNormalization as _;

use crate::record::digest::Digest;
use crate::registry::batch::BatchError;
use crate::registry::decision::Decision;
use crate::registry::withdrawal;
use crate::store::log::body::Body;
use crate::store::{Conn, batch, employer, waiting};

use super::KIND;

/// Fails with the title of an act that is under way about a record, other than the batch `but`.
///
/// # Errors
/// [`BatchError::Already`]; [`BatchError::Store`] and [`BatchError::Stored`] for what cannot be read.
pub(in crate::registry) fn none_under_way(
    conn: &mut Conn,
    employer: i64,
    row: &Body,
    but: Option<&str>,
) -> Result<(), BatchError> {
    let digest = Digest::of(&row.bytes).hex();
    for kind in [KIND, withdrawal::KIND] {
        for (other, item) in batch::items_about(conn, employer, kind)? {
            let open = match other.state.as_str() {
                _ if but == Some(&*other.id) => false,
                "rejected" => false,
                "published" => waiting::waits(conn, &other.id, item.position)?,
                _ => true,
            };
            let decision: Decision = serde_json::from_str(&item.decision)
                .map_err(|error| BatchError::Stored(error.to_string()))?;
            let named = match &decision {
                Decision::Change(change) => Some(&change.record.digest),
                Decision::Withdrawal(withdrawal) => Some(&withdrawal.record.digest),
                Decision::Grade(_) | Decision::Listing(_) => None,
            };
            if open && named == Some(&digest) {
                return Err(BatchError::Already(other.title));
            }
        }
    }
    Ok(())
}

/// The same where an act is proposed: from here to the transaction's end no other about this employer is,
/// of whatever kind and by whatever authority.
///
/// # Errors
/// As [`none_under_way`].
pub(in crate::registry) fn hold(conn: &mut Conn, employer: i64, row: &Body) -> Result<(), BatchError> {
    employer::hold(conn, employer)?;
    none_under_way(conn, employer, row, None)
}

/// What an officer typed, as it is kept and compared: lines and spaces joined by one space, in NFC.
pub(in crate::registry) fn tidied(typed: &str) -> String {
    let words: Vec<&str> = typed.split_whitespace().collect();
    words.join(" ").nfc().collect()
}
