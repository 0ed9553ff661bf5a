//! Waiting until the served log is longer. A waiter holds a seat and nothing else: no thread, no database
//! connection. Whoever wakes first looks, once a second for all, because another process may publish.
//!
//! It refuses to seat more than it can: who finds no seat is answered at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::time::sleep;
use actix_web::web::{self, Data};

use crate::store::log::checkpoint;

use super::state::App;

/// How often the database is asked, for all waiters together.
const LOOK: Duration = Duration::from_secs(1);
/// How often a waiter wakes.
const PULSE: Duration = Duration::from_millis(200);
/// Seats.
const MOST: usize = 512;
/// Seats for one source.
const EACH: usize = 32;

/// The newest known size of the served log, and who waits for a longer one.
#[derive(Debug, Default)]
pub struct Growth {
    size: AtomicI64,
    looked: Mutex<Option<Instant>>,
    seats: Mutex<HashMap<String, usize>>,
}

/// A waiter's seat, given back when it is dropped: also when the client went away.
struct Seat<'g> {
    growth: &'g Growth,
    source: &'g str,
}

impl Growth {
    fn seat<'g>(&'g self, source: &'g str) -> Option<Seat<'g>> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if seats.values().sum::<usize>() >= MOST || seats.get(source).is_some_and(|taken| *taken >= EACH) {
            return None;
        }
        let taken = seats.entry(source.to_owned()).or_insert(0);
        *taken = taken.saturating_add(1);
        Some(Seat { growth: self, source })
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        seats.values().sum()
    }

    /// Whether it is time to look, for one of those who ask.
    fn may_look(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.is_none_or(|at| at.elapsed() >= LOOK);
        if due {
            *looked = Some(Instant::now());
        }
        due
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut seats = self.growth.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(self.source) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                seats.remove(self.source);
            }
        }
    }
}

/// Waits up to `seconds` until the served log is longer than `seen`; whether it is. Without a seat it does
/// not wait.
pub async fn wait(app: &Data<App>, source: &str, seen: i64, seconds: u32) -> bool {
    let Some(_seat) = app.growth.seat(source) else {
        return false;
    };
    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
    loop {
        if app.growth.may_look() {
            look(app).await;
        }
        if app.growth.size.load(Ordering::Acquire) > seen {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        sleep(left.min(PULSE)).await;
    }
}

/// Asks the database how long the served log is.
async fn look(app: &Data<App>) {
    let asked = app.clone();
    let found = web::block(move || checkpoint::served_size(&mut *asked.registry.store.conn()?)).await;
    match found {
        Ok(Ok(size)) => {
            app.growth.size.fetch_max(size, Ordering::AcqRel);
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "whether the log has grown is not known; next look in a second")
        }
        Err(error) => tracing::warn!(%error, "whether the log has grown is not known; next look in a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_bounded_and_given_back() {
        let growth = Growth::default();
        let taken: Vec<_> = (0..EACH).map(|_| growth.seat("one").unwrap()).collect();
        assert!(growth.seat("one").is_none());
        let sources: Vec<String> = (0..MOST).map(|n| n.to_string()).collect();
        let others: Vec<_> = sources.iter().filter_map(|source| growth.seat(source)).collect();
        assert_eq!((others.len(), growth.waiting()), (MOST - EACH, MOST));
        drop(taken);
        drop(others);
        assert_eq!(growth.waiting(), 0);
        assert!(growth.seat("one").is_some());
    }

    #[test]
    fn one_looks_for_all() {
        let growth = Growth::default();
        assert!(growth.may_look());
        assert!(!growth.may_look());
    }
}
