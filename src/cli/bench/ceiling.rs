//! The ceiling of publication into PostgreSQL: what the machine needs to sign N messages and to store N
//! body rows, and nothing else.
//!
//! `ceiling seconds = N / S + N / C`, where
//! - `S` is pure signatures a second on all cores, as everywhere in `bench`;
//! - `C` is rows a second of bare COPY: as many connections as cores at once, each with one binary COPY of
//!   rows that the server itself had given out, already encoded, into one ordinary (logged) table with the
//!   columns of `body`, without key, index or trigger, committed durably.
//!
//! Each term has all cores to itself, so the sum is core-seconds of signing and of COPY – the server's
//! included, for it runs on the same machine – divided by the cores. The rows are records of a small batch
//! published before the work. Publishing the N rows also pays for three indexes, entries, tiles, a durable
//! commit and a signed head a chunk, and for reading everything back, none of which the ceiling knows.

use std::error::Error;
use std::thread;
use std::time::Instant;

use crate::cli::bench::measure::signatures_per_second;
use crate::store::log::bare::{self, Rows};
use crate::store::{Store, StoreError, StoreResult};

/// Rows that one measurement copies, about 200 MB of them: some seconds on two cores.
const ROWS: u64 = 100_000;

/// The two rates of which the ceiling is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ceiling {
    /// Pure signatures a second.
    pub(super) signed: f64,
    /// Rows of bare COPY a second.
    copied: f64,
}

impl Ceiling {
    /// Measures both.
    pub(super) fn measure(store: &Store, rows: &Rows) -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            signed: signatures_per_second(),
            copied: copied_per_second(store, rows)?,
        })
    }

    /// Records a second for which there is time when both are done one after the other.
    pub(super) fn per_second(&self) -> f64 {
        1.0 / (1.0 / self.signed + 1.0 / self.copied)
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn copied_per_second(store: &Store, rows: &Rows) -> Result<f64, Box<dyn Error>> {
    let cores = u64::try_from(rayon::current_num_threads())?;
    let rounds = ROWS.div_euclid(rows.count.saturating_mul(cores)).max(1);
    bare::create(&mut *store.conn()?)?;
    let mut conns = (0..cores)
        .map(|_| store.conn())
        .collect::<StoreResult<Vec<_>>>()?;
    let started = Instant::now();
    let copied: StoreResult<usize> = thread::scope(|scope| {
        let running: Vec<_> = conns
            .iter_mut()
            .map(|conn| scope.spawn(|| rows.copy(conn, rounds)))
            .collect();
        running
            .into_iter()
            .map(|one| {
                one.join()
                    .unwrap_or_else(|_| Err(StoreError::Unsafe("a copying thread died".into())))
            })
            .sum()
    });
    let seconds = started.elapsed().as_secs_f64();
    bare::drop(&mut *store.conn()?)?;
    Ok(copied? as f64 / seconds)
}
