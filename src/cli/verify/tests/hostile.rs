//! Hostile bytes for every parser of [`super::parsers`]: random ones, mutants of good inputs, and the heaviest
//! that fit the limits. None panics; what the heaviest cost is bounded, in memory and in processor time.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::parsers::{Fed, PARSERS};
use super::{Plan, World};
use crate::record::status::Bitstring;
use crate::verify::bundle::{Bundle, MAX_BUNDLE};
use crate::verify::check::judge_bundle;
use crate::verify::fixture::options;
use crate::verify::trust::Trust;
use crate::verify::{Outcome, check_bulk, check_bundle};

static WORLD: LazyLock<World> = LazyLock::new(|| {
    World::new(&Plan {
        records: 3,
        ..Plan::default()
    })
});

/// Good inputs of every kind, for mutation.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let bundle = WORLD.bundle(0);
    let (header, lines) = WORLD.bulk();
    let mut line = Vec::new();
    lines[1].write(&mut line);
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/record");
    let mut seeds: Vec<Vec<u8>> = fs::read_dir(vectors)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    seeds.extend([
        bundle.to_canonical().unwrap(),
        header.to_line().unwrap(),
        line,
        WORLD.bulk_file(),
        bundle.checkpoints.current.note.into_bytes(),
        bundle.keys[0].note.clone().into_bytes(),
        bundle.place.entry,
        bundle.lists[0].credential.clone(),
        WORLD.policy.clone().into_bytes(),
        WORLD.issuer.clone().into_bytes(),
        Bitstring::default().encode().into_bytes(),
        b"tile/0/x001/x234/067.p/8".to_vec(),
        b"2026-10-09T08:30:00Z".to_vec(),
    ]);
    seeds
});

/// Pieces that parsers stumble over.
const PIECES: [&str; 22] = [
    "9007199254740993",
    "18446744073709551616",
    "-1",
    "0.5",
    "1e400",
    "\"\\ud800\"",
    "\\u0000",
    "[[[[[[[[",
    "{\"a\":",
    "\"a\":1,\"a\":2,",
    "null",
    "\n\n",
    "\n",
    "\u{2014} ",
    "\u{2014} x AAAAAA==\n",
    "\u{7f}",
    "\u{feff}",
    "=",
    "+",
    "z1111111111111111111111111",
    "9999-12-31T23:59:60Z",
    "quorum none\n",
];

/// One change to a good input.
#[derive(Debug, Clone)]
enum Change {
    Byte(prop::sample::Index, u8),
    Cut(prop::sample::Index, usize),
    Again(prop::sample::Index, usize),
    Piece(prop::sample::Index, usize),
    Borrow(prop::sample::Index, usize, prop::sample::Index, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (place(), 1usize..200).prop_map(|(at, length)| Change::Cut(at, length)),
        (place(), 1usize..400).prop_map(|(at, length)| Change::Again(at, length)),
        (place(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Piece(at, piece)),
        (place(), 0usize..30, place(), 1usize..300)
            .prop_map(|(at, seed, from, length)| { Change::Borrow(at, seed, from, length) }),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let end = |at: usize, length: usize, of: usize| (at + length).min(of);
    if bytes.is_empty() {
        return;
    }
    let size = bytes.len();
    match change {
        Change::Byte(at, byte) => bytes[at.index(size)] = *byte,
        Change::Cut(at, length) => {
            let at = at.index(size);
            bytes.drain(at..end(at, *length, size));
        }
        Change::Again(at, length) => {
            let at = at.index(size);
            let piece = bytes[at..end(at, *length, size)].to_vec();
            bytes.splice(at..at, piece);
        }
        Change::Piece(at, piece) => {
            let at = at.index(size);
            bytes.splice(at..at, PIECES[*piece].bytes());
        }
        Change::Borrow(at, seed, from, length) => {
            let other = &SEEDS[seed % SEEDS.len()];
            let (at, from) = (at.index(size), from.index(other.len()));
            let piece = other[from..end(from, *length, other.len())].to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

/// A bundle without the signature lines of its heads.
fn unsigned(mut bundle: Bundle) -> Bundle {
    let heads = &mut bundle.checkpoints;
    for head in [&mut heads.before, &mut heads.after, &mut heads.current] {
        // A mutant need not have the empty line any more.
        if let Some(end) = head.note.rfind("\n\n") {
            head.note.truncate(end);
        }
    }
    bundle
}

fn feed(bytes: &[u8], trust: &Trust) {
    for (_, _, fed) in PARSERS {
        if let Fed::Here(parse) = fed {
            parse(bytes, trust);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        feed(&bytes, &WORLD.trust);
    }

    #[test]
    fn random_text(text in r#"[\{\}\[\]":,\\0-9a-fuz.eE+=/\- \n—TZ]{0,120}"#) {
        feed(text.as_bytes(), &WORLD.trust);
    }

    #[test]
    fn mutants_of_good_inputs(seed in 0usize..30, changes in prop::collection::vec(change(), 1..4)) {
        let mut bytes = SEEDS[seed % SEEDS.len()].clone();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        feed(&bytes, &WORLD.trust);
    }

    /// Through the whole verifier: a mutant of a bundle is good only if it says the same. A signature line
    /// that is there twice, or of an unknown key, says nothing.
    #[test]
    fn mutants_of_a_bundle_are_not_accepted(changes in prop::collection::vec(change(), 1..3)) {
        let good = WORLD.bundle(1);
        let mut bytes = good.to_canonical().unwrap();
        changes.iter().for_each(|change| apply(&mut bytes, change));
        if let Ok(verdict) = check_bundle(&bytes, &WORLD.trust, &options()) {
            let same = Bundle::parse(&bytes).is_ok_and(|bundle| unsigned(bundle) == unsigned(good));
            prop_assert!(same || verdict.outcome() != Outcome::Accepted);
        }
    }

    /// Sizes and indices that lie: any number where a number stands.
    #[test]
    fn lying_numbers(index in any::<u64>(), size in any::<u64>(), paths in 0usize..70) {
        let mut bundle = WORLD.bundle(1);
        let hash = bundle.place.inclusion[0];
        bundle.place.index = index;
        bundle.place.inclusion = vec![hash; paths];
        bundle.checkpoints.after.consistency = vec![hash; paths];
        let note = &mut bundle.checkpoints.current.note;
        let (origin, rest) = note.split_once('\n').unwrap();
        let (_, rest) = rest.split_once('\n').unwrap();
        *note = format!("{origin}\n{size}\n{rest}");
        let verdict = judge_bundle(&bundle, &WORLD.trust, &options());
        prop_assert_eq!(verdict.outcome(), Outcome::Rejected);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn list(gzip: &[u8]) -> String {
    format!("u{}", URL_SAFE_NO_PAD.encode(gzip))
}

/// The heaviest inputs within the limits, by name.
fn heavy() -> Vec<(&'static str, Vec<u8>)> {
    let golden = include_str!("../../../../tests/vectors/record/status-list.json");
    let with_list = |encoded: &str| {
        let (before, rest) = golden.split_once("\"encodedList\":\"").unwrap();
        let (_, after) = rest.split_once('"').unwrap();
        format!("{before}\"encodedList\":\"{encoded}\"{after}").into_bytes()
    };
    // 30 MB of zeros are under 30 KB; the longest text that is decoded at all has 44,000 characters.
    let bomb = list(&gzip(&vec![0; 30 << 20]));
    assert!(bomb.len() < 44_000, "{}", bomb.len());
    let bits = gzip(&[0; 16_384]);
    let mut header = b"{\"type\":\"LabourCreditBulk\",\"a\":[".to_vec();
    header.extend_from_slice(&b"0,".repeat(31 << 20));
    header.extend_from_slice(b"0]}\n");
    let mut members = "{\"type\":\"LabourCreditBundle\"".to_owned();
    for n in 0..300_000 {
        write!(members, ",\"{n}\":{{}}").unwrap();
    }
    let mut lines = WORLD.bulk().0.to_line().unwrap();
    lines.resize(lines.len() + (1 << 20), b'\n');
    let mut endless = WORLD.bulk().0.to_line().unwrap();
    endless.resize(endless.len() + (8 << 20), b'x');
    let signatures = "\u{2014} registry.example/log AAAAAAAA\n".repeat(25_000);
    let mut groups = WORLD.policy.lines().take(4).collect::<Vec<_>>().join("\n");
    groups += "\ngroup g0 any w1\n";
    for n in 1..250 {
        writeln!(groups, "group g{n} any g{}", n - 1).unwrap();
    }
    groups += "quorum g249\n";
    vec![
        ("deep arrays", b"[".repeat(MAX_BUNDLE - 1)),
        ("deep objects", b"{\"a\":".repeat(800_000)),
        ("many values in a header", header),
        ("many members", (members + "}").into_bytes()),
        (
            "long string",
            format!("{{\"type\":\"{}\"}}", "长".repeat(1 << 20)).into_bytes(),
        ),
        (
            "escapes",
            format!("{{\"type\":\"{}\"}}", "\\u0061".repeat(600_000)).into_bytes(),
        ),
        ("gzip bomb", bomb.clone().into_bytes()),
        ("gzip bomb in a list", with_list(&bomb)),
        ("many gzip members", list(&bits.repeat(600)).into_bytes()),
        ("two gzip members in a list", with_list(&list(&bits.repeat(2)))),
        ("empty lines", lines),
        ("a line without end", endless),
        ("many signatures", format!("a\n\n{signatures}").into_bytes()),
        ("many empty lines in a note", vec![b'\n'; 1 << 20]),
        ("nested groups", groups.into_bytes()),
        ("long base58", format!("z{}", "2".repeat(4 << 20)).into_bytes()),
        (
            "long tile path",
            format!("tile/0/{}067", "x001/".repeat(800_000)).into_bytes(),
        ),
        ("empty entries", vec![0; 1 << 20]),
        ("long tile", vec![7; 4 << 20]),
    ]
}

/// Set for the process that is measured.
const MEASURED: &str = "CHENGXIN_HOSTILE_CHILD";
/// Most memory of a process that has read all heavy inputs, the longest being 62 MiB, in KiB.
const MOST_MEMORY: u64 = 512 << 10;
/// Most processor time for all parsers on all heavy inputs, unoptimised, in hundredths of a second.
const MOST_TICKS: u64 = 180 * 100;

/// The same test in a process of its own, whose peak of memory is its own.
#[test]
fn the_heaviest_inputs_cost_little() {
    if env::var_os(MEASURED).is_some() {
        for (name, bytes) in heavy() {
            println!("{name}: {} bytes", bytes.len());
            feed(&bytes, &WORLD.trust);
        }
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        let after_name = stat.rsplit_once(") ").unwrap().1;
        let ticks: u64 = after_name
            .split(' ')
            .skip(11)
            .take(2)
            .map(|n| n.parse::<u64>().unwrap())
            .sum();
        println!("\nmeasured {} {ticks}", peak.split_whitespace().nth(1).unwrap());
        return;
    }
    if !cfg!(target_os = "linux") {
        println!("SKIPPED cost of hostile inputs: measured on Linux only");
        return;
    }
    let name = "cli::verify::tests::hostile::the_heaviest_inputs_cost_little";
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(MEASURED, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&child.stderr)
    );
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("measured "))
        .unwrap();
    let (memory, ticks) = line.split_once(' ').unwrap();
    println!("{line}");
    assert!(memory.parse::<u64>().unwrap() < MOST_MEMORY, "{memory} KiB");
    assert!(ticks.parse::<u64>().unwrap() < MOST_TICKS, "{ticks} ticks");
}

#[test]
fn bombs_are_refused_for_what_they_are() {
    let inputs = heavy();
    let find = |wanted: &str| {
        inputs
            .iter()
            .find(|(name, _)| *name == wanted)
            .unwrap()
            .1
            .as_slice()
    };
    let read = |name: &str| {
        crate::record::status::read_list(find(name))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        read("gzip bomb in a list"),
        "a status list must have exactly 131072 entries"
    );
    assert_eq!(
        read("two gzip members in a list"),
        "encodedList does not hold exactly one gzip stream"
    );
    let bulk = |name: &str| {
        let source = find(name);
        let check = crate::verify::SignatureCheck::Strict;
        let found = check_bulk(source, &WORLD.trust, &options(), check, |_, _| ());
        found.map_err(|error| crate::verify::Refusal::from(error).reason.code())
    };
    assert_eq!(bulk("many values in a header"), Err("input-too-long"));
    assert_eq!(bulk("a line without end"), Err("input-too-long"));
    assert_eq!(bulk("empty lines").unwrap().rejected, 1 << 20);
}
