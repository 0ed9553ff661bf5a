//! What a bulk file costs against pure signature verification in the same run. Prints, asserts nothing:
//! `cargo test --release --no-default-features --lib verify::tests::speed -- --ignored --nocapture`

use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use rayon::prelude::*;

use super::super::bulk::Line;
use super::super::fixture::{Plan, World, options};
use super::super::stream::BulkVerifier;
use super::super::{Outcome, SignatureCheck};
use crate::record::credential::{read, samples};
use crate::record::signer::Signer;

const RECORDS: usize = 40_000;
const ROUNDS: usize = 5;

/// CPU microseconds a record: the machine is shared, and CPU time is less disturbed than the clock.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = cpu_seconds();
            work();
            (cpu_seconds() - start) / RECORDS as f64 * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// User and system time of this process, in steps of 10 ms (Linux; elsewhere the clock).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat.rsplit(')').next().map_or(vec![], |rest| {
        rest.split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse().ok())
            .collect()
    });
    match fields.as_slice() {
        [user, system] => (user + system) / 100.0,
        _ => START.elapsed().as_secs_f64(),
    }
}

static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

#[test]
#[ignore = "a measurement, not a test"]
fn bulk_against_pure_verification() {
    let world = World::new(&Plan {
        records: RECORDS,
        ..Plan::default()
    });
    let file = world.bulk_file();
    let end = file.iter().position(|byte| *byte == b'\n').unwrap();
    let (header, lines) = (&file[..end], &file[end + 1..]);
    let key = VerifyingKey::from_bytes(&samples::signer().public_key()).unwrap();
    let claims: Vec<([u8; 64], Signature)> = lines[..lines.len() - 1]
        .par_split(|byte| *byte == b'\n')
        .map(|line| {
            let line = Line::parse(line).unwrap();
            let credential = read(&line.record).unwrap();
            (
                credential.proof.message(),
                Signature::from_bytes(credential.proof.signature()),
            )
        })
        .collect();
    println!(
        "{RECORDS} lines of {} bytes, {} threads",
        lines.len() / RECORDS,
        rayon::current_num_threads()
    );
    let pure = median(|| claims.par_iter().for_each(|(m, s)| key.verify(m, s).unwrap()));
    let strict = median(|| {
        claims
            .par_iter()
            .for_each(|(m, s)| key.verify_strict(m, s).unwrap())
    });
    println!(
        "pure verify         {pure:7.2} µs a record\npure verify_strict  {strict:7.2} µs  ratio {:.3}",
        pure / strict
    );
    for check in [SignatureCheck::Strict, SignatureCheck::Batch] {
        let verifier = BulkVerifier::open(header, &world.trust, &options(), check).unwrap();
        let time = median(|| {
            let report = verifier.run(black_box(lines), |_, _| ()).unwrap();
            assert_eq!(report.outcome(), Some(Outcome::Accepted));
        });
        println!(
            "bulk {:<14} {time:7.2} µs  ratio {:.3}",
            check.code(),
            pure / time
        );
    }
    let verifier = BulkVerifier::open(header, &world.trust, &options(), SignatureCheck::Strict).unwrap();
    let strictly = median(|| {
        claims
            .par_iter()
            .for_each(|(m, s)| assert!(super::super::strict::holds(&key, m, &s.to_bytes())));
    });
    println!("  our strict signature  {strictly:7.2} µs");
    let without = median(|| {
        lines[..lines.len() - 1]
            .par_split(|byte| *byte == b'\n')
            .for_each(|line| {
                black_box(verifier.check_line_unsigned(line));
            });
    });
    println!("  all but the signature {without:7.2} µs");
}
