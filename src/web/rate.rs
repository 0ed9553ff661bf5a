//! How often one address may ask: fixed windows of a minute, in memory, by class of route.
//!
//! It slows down, it never locks: sign-in has its own rule in `registry::session`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::route::Rate;

/// Seconds of a window.
const WINDOW: i64 = 60;
/// Addresses remembered; beyond that the memory starts anew rather than grow.
const MOST: usize = 100_000;

/// Counts requests.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    window: i64,
    counts: HashMap<(String, u8), u32>,
}

/// Requests of a class allowed in a window.
const fn allowed(rate: Rate) -> (u8, u32) {
    match rate {
        Rate::Read => (0, 6000),
        Rate::Write => (1, 240),
        Rate::SignIn => (2, 60),
    }
}

impl Limiter {
    /// Counts a request.
    ///
    /// # Errors
    /// The seconds to wait when the address asked too often.
    pub fn count(&self, address: &str, rate: Rate, now: DateTime<Utc>) -> Result<(), i64> {
        let (class, most) = allowed(rate);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = now.timestamp().div_euclid(WINDOW);
        if held.window != window || held.counts.len() > MOST {
            held.window = window;
            held.counts.clear();
        }
        let count = held.counts.entry((address.to_owned(), class)).or_insert(0);
        *count = count.saturating_add(1);
        if *count > most {
            Err(WINDOW.saturating_sub(now.timestamp().rem_euclid(WINDOW)))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_and_others_do_not() {
        let limiter = Limiter::default();
        let now = DateTime::from_timestamp(1_800_000_010, 0).unwrap();
        let tries = (0..61).map(|_| limiter.count("a", Rate::SignIn, now)).collect::<Vec<_>>();
        assert!(tries.iter().take(60).all(Result::is_ok));
        assert!(matches!(tries.last(), Some(Err(1..=60))));
        assert_eq!(limiter.count("b", Rate::SignIn, now), Ok(()));
        assert_eq!(limiter.count("a", Rate::Read, now), Ok(()));
        let later = now + chrono::TimeDelta::seconds(60);
        assert_eq!(limiter.count("a", Rate::SignIn, later), Ok(()));
    }
}
