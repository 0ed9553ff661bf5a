//! How often one source may ask: fixed windows of a minute, in memory, by class of route.
//!
//! It slows down, it never locks: sign-in has its own rule in `registry::session`.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::route::Rate;

/// Seconds of a window.
const WINDOW: i64 = 60;
/// Sources remembered; beyond that the memory starts anew rather than grow.
const MOST: usize = 100_000;

/// Counts requests.
#[derive(Debug, Default)]
pub struct Limiter(Mutex<Windows>);

#[derive(Debug, Default)]
struct Windows {
    window: i64,
    counts: HashMap<(String, u8), u32>,
}

/// What a source may still ask in the window under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Requests allowed in a window.
    pub most: u32,
    /// Requests left in this one.
    pub remaining: u32,
    /// Seconds until the next one begins.
    pub seconds: i64,
}

impl Left {
    /// The policy and what is left of it, as the header fields `RateLimit-Policy` and `RateLimit` say it
    /// (draft-ietf-httpapi-ratelimit-headers).
    #[must_use]
    pub fn fields(&self) -> [(&'static str, String); 2] {
        [
            (
                "ratelimit-policy",
                format!("\"default\";q={};w={WINDOW}", self.most),
            ),
            (
                "ratelimit",
                format!("\"default\";r={};t={}", self.remaining, self.seconds),
            ),
        ]
    }
}

/// Requests of a class allowed in a window.
const fn allowed(rate: Rate) -> (u8, u32) {
    match rate {
        Rate::Read => (0, 6000),
        Rate::Write => (1, 240),
        Rate::SignIn => (2, 60),
        Rate::Bulk => (3, 120),
    }
}

/// Whom an address is counted as: an IPv4 address for itself, also where it comes mapped into IPv6; an IPv6
/// address for its /64, because one subscriber holds at least that many (RFC 6177) and could walk through them.
#[must_use]
pub fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

impl Limiter {
    /// Counts a request; what is left after it.
    ///
    /// # Errors
    /// The seconds to wait when the source asked too often.
    pub fn count(&self, source: &str, rate: Rate, now: DateTime<Utc>) -> Result<Left, i64> {
        let (class, most) = allowed(rate);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = now.timestamp().div_euclid(WINDOW);
        if held.window != window || held.counts.len() > MOST {
            held.window = window;
            held.counts.clear();
        }
        let count = held.counts.entry((source.to_owned(), class)).or_insert(0);
        *count = count.saturating_add(1);
        let seconds = WINDOW.saturating_sub(now.timestamp().rem_euclid(WINDOW));
        match most.checked_sub(*count) {
            None => Err(seconds),
            Some(remaining) => Ok(Left {
                most,
                remaining,
                seconds,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subscriber_is_one_source() {
        let of = |text: &str| source(text.parse().unwrap());
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), of("203.0.113.7"));
        assert_ne!(of("::ffff:203.0.113.8"), of("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2::1"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2:ffff::9"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
    }

    #[test]
    fn an_address_waits_and_others_do_not() {
        let limiter = Limiter::default();
        let now = DateTime::from_timestamp(1_800_000_010, 0).unwrap();
        let tries = (0..61)
            .map(|_| limiter.count("a", Rate::SignIn, now))
            .collect::<Vec<_>>();
        assert!(tries.iter().take(60).all(Result::is_ok));
        assert!(matches!(tries.last(), Some(Err(1..=60))));
        assert!(limiter.count("b", Rate::SignIn, now).is_ok());
        let left = limiter.count("a", Rate::Read, now).unwrap();
        assert_eq!((left.most, left.remaining, left.seconds), (6000, 5999, 50));
        let later = now + chrono::TimeDelta::seconds(60);
        assert!(limiter.count("a", Rate::SignIn, later).is_ok());
    }
}
