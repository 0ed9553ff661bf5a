//! Bare COPY of body rows into a table that nothing else uses: what `chengxin bench` holds publication
//! into PostgreSQL against.
//!
//! It refuses SQLite, which has no COPY.

use std::io::Read as _;

use diesel::connection::SimpleConnection as _;
use diesel::pg::CopyFormat;
use diesel::prelude::*;

use crate::store::schema::body;
use crate::store::{Conn, StoreError, StoreResult};

mod table {
    #![allow(missing_docs, reason = "the columns are those of `body`")]

    diesel::table! {
        bare_body (log_index) {
            log_index -> BigInt,
            kind -> Text,
            audience -> Text,
            record_id -> Nullable<Binary>,
            record_type -> Nullable<Text>,
            employer_id -> Nullable<BigInt>,
            year -> Nullable<BigInt>,
            outcome -> Nullable<Text>,
            batch_id -> Nullable<Text>,
            bytes -> Binary,
        }
    }
}
use table::bare_body;

/// A binary COPY begins with a signature, flags and the length of nothing, and ends with a count of −1
/// (PostgreSQL manual, COPY, “Binary Format”).
const HEADER: usize = 19;
const TRAILER: usize = 2;

/// Bytes that go to the server at once.
const PART: usize = 1 << 16;

/// Body rows as the server gave them out, encoded for COPY.
pub struct Rows {
    encoded: Vec<u8>,
    /// How many there are.
    pub count: u64,
}

impl Rows {
    /// Every body stored so far.
    ///
    /// # Errors
    /// [`StoreError`], also for SQLite.
    pub fn of_bodies(conn: &mut Conn) -> StoreResult<Self> {
        let inner = postgres(conn)?;
        let count: i64 = body::table.count().get_result(inner)?;
        let mut encoded = Vec::new();
        diesel::copy_to(body::table)
            .with_format(CopyFormat::Binary)
            .load_raw(inner)?
            .read_to_end(&mut encoded)
            .map_err(|error| StoreError::corrupt("body", error))?;
        Ok(Self {
            encoded,
            count: u64::try_from(count).map_err(|error| StoreError::corrupt("body", error))?,
        })
    }

    /// Writes all rows `rounds` times over by one COPY, committed by itself, and gives their number.
    ///
    /// # Errors
    /// [`StoreError`], also for SQLite.
    pub fn copy(&self, conn: &mut Conn, rounds: u64) -> StoreResult<usize> {
        let short = || StoreError::corrupt("body", "shorter than a COPY's header");
        let end = self.encoded.len().saturating_sub(TRAILER);
        let (header, rest) = self.encoded.split_at_checked(HEADER).ok_or_else(short)?;
        let rows = rest.get(..end.saturating_sub(HEADER)).ok_or_else(short)?;
        let trailer = self.encoded.get(end..).ok_or_else(short)?;
        let copied = diesel::copy_from(bare_body::table)
            .from_raw_data(bare_body::all_columns, |out| -> Result<(), CopyError> {
                out.write_all(header)?;
                for _ in 0..rounds {
                    rows.chunks(PART).try_for_each(|part| out.write_all(part))?;
                }
                Ok(out.write_all(trailer)?)
            })
            .with_format(CopyFormat::Binary)
            .execute(postgres(conn)?);
        copied.map_err(|error| match error {
            CopyError::Database(error) => error.into(),
            CopyError::Io(error) => StoreError::corrupt("body", error),
        })
    }
}

/// Makes the table: ordinary, with the columns of `body` and rows kept whole as there, without key, index or
/// trigger.
///
/// # Errors
/// [`StoreError`], also for SQLite.
pub fn create(conn: &mut Conn) -> StoreResult<()> {
    Ok(postgres(conn)?
        .batch_execute("CREATE TABLE bare_body (LIKE body) WITH (toast_tuple_target = 8160)")?)
}

/// Removes the table.
///
/// # Errors
/// [`StoreError`], also for SQLite.
pub fn drop(conn: &mut Conn) -> StoreResult<()> {
    Ok(postgres(conn)?.batch_execute("DROP TABLE bare_body")?)
}

fn postgres(conn: &mut Conn) -> StoreResult<&mut PgConnection> {
    match conn {
        Conn::Postgres(inner) => Ok(inner),
        Conn::Sqlite(_) => Err(StoreError::Unsafe("SQLite has no COPY".into())),
    }
}

#[derive(Debug, thiserror::Error)]
enum CopyError {
    #[error(transparent)]
    Database(#[from] diesel::result::Error),
    #[error("the connection of a COPY: {0}")]
    Io(#[from] std::io::Error),
}
