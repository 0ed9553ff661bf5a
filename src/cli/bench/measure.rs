//! Clocks, the limits, and what the operating system counts.

use std::fs;
use std::time::Instant;

use ed25519_dalek::{Signer as _, SigningKey, Verifier as _};
use rayon::prelude::*;

use super::Measured;

/// How a process's own counters read when the work began.
pub(super) struct Started {
    at: Instant,
    cpu: f64,
}

/// Starts the clocks.
pub(super) fn start() -> Started {
    Started {
        at: Instant::now(),
        cpu: cpu_seconds(),
    }
}

impl Started {
    /// Stops them and relates the work to its limit.
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    pub(super) fn stop(&self, work: &'static str, limit: &'static str, count: u64) -> Measured {
        let seconds = self.at.elapsed().as_secs_f64();
        Measured {
            work,
            limit,
            ratio: 0.0,
            count,
            seconds,
            cpu_seconds: cpu_seconds() - self.cpu,
            limit_per_second: 0.0,
            rate_per_second: count as f64 / seconds,
            signing_ratio: None,
            peak_rss_bytes: peak_rss_bytes(),
        }
    }
}

impl Measured {
    /// Adds the limit, measured before and after the work.
    pub(super) fn against(mut self, before: f64, after: f64) -> Self {
        self.limit_per_second = f64::midpoint(before, after);
        self.ratio = self.rate_per_second / self.limit_per_second;
        self
    }
}

/// Operations for one measurement of a limit: about two seconds on two cores.
const OPERATIONS: u32 = 100_000;
const KEY: [u8; 32] = [7; 32];

/// Signatures a second on all cores, of 64-byte messages as records have them.
pub(super) fn signatures_per_second() -> f64 {
    let key = SigningKey::from_bytes(&KEY);
    rate(|nth| {
        let mut message = [0_u8; 64];
        message
            .iter_mut()
            .zip(nth.to_be_bytes())
            .for_each(|(byte, part)| *byte = part);
        std::hint::black_box(key.sign(&message));
        true
    })
}

/// Signature verifications a second on all cores, one by one.
pub(super) fn verifications_per_second() -> f64 {
    let key = SigningKey::from_bytes(&KEY);
    let verifier = key.verifying_key();
    let message = [9_u8; 64];
    let signature = key.sign(&message);
    rate(|_| std::hint::black_box(verifier.verify(&message, &signature)).is_ok())
}

fn rate(operation: impl Fn(u32) -> bool + Sync) -> f64 {
    let started = Instant::now();
    let done = (0..OPERATIONS)
        .into_par_iter()
        .filter(|nth| operation(*nth))
        .count();
    // All succeed; counting them keeps the compiler from leaving them out.
    let done = u32::try_from(done).unwrap_or(OPERATIONS);
    f64::from(done) / started.elapsed().as_secs_f64()
}

/// Processor seconds of this process, user and system (proc(5): fields 14 and 15, in ticks of 10 ms).
fn cpu_seconds() -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u32 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    f64::from(ticks) / TICKS_PER_SECOND
}

fn peak_rss_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    let kibibytes: u64 = line
        .split_whitespace()
        .nth(1)
        .and_then(|field| field.parse().ok())
        .unwrap_or(0);
    kibibytes.saturating_mul(1024)
}
