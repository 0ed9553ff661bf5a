//! Where the time of issuing and of verifying goes, as ratios to a pure signature and a pure strict
//! verification in the same run. Run by hand, asserts nothing:
//! `cargo test --release --no-default-features --lib record::bench -- --ignored --nocapture --test-threads=1`

use std::hint::black_box;
use std::time::Instant;

use ed25519_dalek::Signature;

use super::credential::samples::{created, grade, host, signer, value};
use super::credential::{Draft, Template, read};
use super::signer::Signer;
use super::{canonical, multikey, proof};

const ROUNDS: usize = 60;
const COUNT: usize = 200;

/// Microseconds of one call: the least of many short rounds, because the machine is shared.
fn cost<T>(mut work: impl FnMut(usize) -> T) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            for at in 0..COUNT {
                black_box(work(at));
            }
            start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(COUNT).unwrap())
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[0]
}

fn drafts() -> Vec<Draft<'static>> {
    (0..COUNT)
        .map(|at| {
            let mut draft = grade();
            let mut random = [0; 16];
            random[..8].copy_from_slice(&at.to_le_bytes());
            draft.id = uuid::Builder::from_random_bytes(random).into_uuid();
            draft
        })
        .collect()
}

#[test]
#[ignore = "a measurement, not a test"]
fn issue_and_verify() {
    let (signer, drafts) = (signer(), drafts());
    let template = Template::new(&host(), signer.verification_method(), created()).unwrap();
    let prepared: Vec<_> = drafts
        .iter()
        .map(|draft| template.prepare(draft).unwrap())
        .collect();
    let signatures: Vec<_> = prepared
        .iter()
        .map(|p| signer.sign(p.message()).unwrap())
        .collect();
    let records: Vec<Vec<u8>> = drafts
        .iter()
        .map(|draft| template.issue(draft, &signer).unwrap())
        .collect();
    let key = multikey::usable(&signer.public_key()).unwrap();

    let sign = cost(|at| signer.sign(prepared[at].message()));
    let print = |name: &str, time: f64, unit: f64, of: &str| {
        println!("{name:<44} {time:8.3} µs  {:6.3} {of}", time / unit);
    };
    println!("record of {} bytes", records[0].len());
    print("S: pure sign", sign, sign, "S");
    print(
        "issue, all",
        cost(|at| template.issue(&drafts[at], &signer)),
        sign,
        "S",
    );
    print(
        "  prepare (check, write, hash)",
        cost(|at| template.prepare(&drafts[at])),
        sign,
        "S",
    );
    let hash = cost(|at| super::digest::Digest::of(prepared[at].unsigned()[0]));
    print("    of it SHA-256 (first piece)", hash, sign, "S");
    print(
        "    of it checking facts",
        cost(|at| drafts[at].subject.check()),
        sign,
        "S",
    );
    print(
        "  secure (clone + base58 + splice)",
        cost(|at| template.secure(prepared[at].clone(), &signatures[at])),
        sign,
        "S",
    );
    print("    of it clone", cost(|at| prepared[at].clone()), sign, "S");
    let mut text = Vec::with_capacity(128);
    let base58 = cost(|at| {
        text.clear();
        proof::push_signature(&mut text, &signatures[at]);
    });
    print("    of it base58", base58, sign, "S");
    print(
        "  digest of the body",
        cost(|at| super::digest::Digest::of(&records[at])),
        sign,
        "S",
    );
    let values: Vec<_> = drafts.iter().map(value).collect();
    print(
        "canonicalise by the crate (for comparison)",
        cost(|at| canonical::to_vec(&values[at])),
        sign,
        "S",
    );

    let parsed: Vec<_> = records.iter().map(|record| read(record).unwrap()).collect();
    let messages: Vec<_> = parsed
        .iter()
        .map(|credential| credential.proof.message())
        .collect();
    let verifying = |at: usize| Signature::from_bytes(parsed[at].proof.signature());
    let lenient = cost(|at| ed25519_dalek::Verifier::verify(&key, &messages[at], &verifying(at)));
    print("V: pure verify", lenient, lenient, "V");
    print(
        "pure verify_strict",
        cost(|at| key.verify_strict(&messages[at], &verifying(at))),
        lenient,
        "V",
    );
    print(
        "read + verify",
        cost(|at| read(&records[at]).unwrap().proof.verify(&key)),
        lenient,
        "V",
    );
    print("  scan", cost(|at| canonical::scan(&records[at])), lenient, "V");
    print(
        "    of it UTF-8",
        cost(|at| std::str::from_utf8(&records[at]).is_ok()),
        lenient,
        "V",
    );
    print(
        "  read (scan, envelope, proof)",
        cost(|at| read(&records[at]).unwrap()),
        lenient,
        "V",
    );
    print(
        "  message (two hashes)",
        cost(|at| parsed[at].proof.message()),
        lenient,
        "V",
    );
    print("  facts", cost(|at| parsed[at].facts()), lenient, "V");
}
