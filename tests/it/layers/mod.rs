//! Holds the source tree against the architecture: who may use whom, what pure modules may not touch,
//! how large a file may be.

mod scan;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use scan::{Source, read_tree};

/// The table of `src/lib.rs` and the README. A module may always use itself.
const MAY_USE: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("log", &[]),
    ("record", &["domain"]),
    ("verify", &["record", "log"]),
    ("witness", &["record", "log"]),
    ("sheet", &["domain"]),
    ("store", &["domain", "record", "log"]),
    ("rebuild", &["record", "log"]),
    ("monitor", &["record", "log", "verify", "rebuild"]),
    (
        "registry",
        &[
            "store", "sheet", "rebuild", "config", "domain", "record", "log", "verify",
        ],
    ),
    ("config", &[]),
    (
        "web",
        &["registry", "store", "config", "domain", "record", "log", "verify"],
    ),
    (
        "cli",
        &[
            "web", "registry", "store", "sheet", "config", "domain", "record", "log", "verify", "witness",
            "monitor",
        ],
    ),
];

/// What a pure module may not name: I/O, clock, randomness, terminal, and the server's crates.
const IMPURE: [&str; 14] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io::stdin",
    "std::io::stdout",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "getrandom::",
    "rand::rng",
    "diesel::",
    "actix_web::",
    "handlebars::",
];

const PURE: [&str; 4] = ["domain", "log", "record", "verify"];

/// The longest file; only a generated schema may be longer.
const LONGEST: usize = 600;

fn tree() -> Vec<Source> {
    let sources = read_tree(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path());
    assert!(sources.len() > 50, "only {} files found", sources.len());
    sources
}

/// What `source` may not use, as sentences.
fn trespasses(source: &Source) -> Vec<String> {
    let Some((_, allowed)) = MAY_USE.iter().find(|(module, _)| *module == source.top) else {
        return Vec::new();
    };
    let fine = |used: &str| {
        used == source.top || allowed.contains(&used) || !MAY_USE.iter().any(|(m, _)| *m == used)
    };
    let used = scan::modules_used(source);
    used.into_iter()
        .filter(|used| !fine(used))
        .map(|used| format!("{} uses {used}", source.path))
        .collect()
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let found: Vec<String> = tree().iter().flat_map(trespasses).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_scan_sees_a_trespass() {
    for text in [
        "use crate::store::Conn;",
        "use crate::{domain::code, store};",
        "fn f() { crate::store::write(); }",
        "use super::super::store;",
        "use chengxin::store;",
        "use crate::{\n    record::digest,\n    store::{Conn, write},\n};",
    ] {
        let source = Source::of("src/record/did.rs", text);
        assert_eq!(trespasses(&source), ["src/record/did.rs uses store"], "{text}");
    }
    for text in [
        "use crate::domain::code;",
        "// crate::store is not used",
        "use super::digest;",
        "let store = 1;",
    ] {
        assert!(
            trespasses(&Source::of("src/record/did.rs", text)).is_empty(),
            "{text}"
        );
    }
}

#[test]
fn the_table_is_the_one_in_lib_rs() {
    let lib = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let rows: BTreeMap<String, BTreeSet<String>> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("//! |"))
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').collect();
            (cells.len() >= 3).then(|| (scan::ticked(cells[0]), cells[2]))
        })
        .flat_map(|(modules, uses)| modules.into_iter().map(move |module| (module, uses.to_owned())))
        .map(|(module, uses)| {
            let mut used: BTreeSet<String> = scan::ticked(&uses).into_iter().collect();
            if uses.contains("the pure modules") {
                used.extend(PURE.map(str::to_owned));
            }
            (module, used)
        })
        .collect();
    assert!(rows.len() >= 8, "{rows:?}");
    for (module, used) in &rows {
        let (_, allowed) = MAY_USE
            .iter()
            .find(|(name, _)| name == module)
            .unwrap_or_else(|| panic!("{module}"));
        for name in used {
            assert!(
                allowed.contains(&name.as_str()),
                "lib.rs lets {module} use {name}, this test does not"
            );
        }
    }
}

#[test]
fn pure_modules_name_no_io_no_clock_no_randomness() {
    let found: Vec<String> = tree()
        .iter()
        .filter(|source| PURE.contains(&source.top.as_str()))
        .flat_map(|source| {
            let product = source.product();
            let named: Vec<&str> = IMPURE.into_iter().filter(|word| product.contains(word)).collect();
            named
                .into_iter()
                .map(|word| format!("{} names {word}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Where invented facts enter that no officer typed: the demonstration's empty register and the scratch
/// registries of the measurements. Every decision about them goes through the registry like anybody's.
const INVENTS: [&str; 2] = ["src/cli/year/", "src/cli/bench/"];

#[test]
fn web_and_cli_write_only_through_the_registry() {
    let sources = tree();
    let writers: Vec<String> = sources
        .iter()
        .filter(|s| s.top == "store")
        .flat_map(scan::writers)
        .collect();
    assert!(
        writers.iter().any(|name| name == "employer::insert("),
        "the scan finds no writers: {writers:?}"
    );
    let edge = sources.iter().filter(|source| {
        (source.top == "web" || source.top == "cli")
            && !INVENTS.iter().any(|folder| source.path.starts_with(folder))
    });
    let found: Vec<String> = edge
        .flat_map(|source| {
            let product = source.product();
            let named: Vec<&String> = writers
                .iter()
                .filter(|name| product.contains(name.as_str()))
                .collect();
            named
                .into_iter()
                .map(|name| format!("{} calls {name}…)", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Grades are computed, never assigned: who invents the city cannot even name the type.
#[test]
fn the_generator_never_names_a_grade() {
    let generator: Vec<Source> = tree().into_iter().filter(|s| s.path.contains("/demo/")).collect();
    for source in &generator {
        for word in ["domain::grade", "Grade::", "grade::assess"] {
            assert!(!source.product().contains(word), "{} names {word}", source.path);
        }
    }
}

#[test]
fn files_stay_small_and_none_is_called_utils() {
    let sources = tree();
    for source in &sources {
        let stem = source
            .path
            .rsplit('/')
            .find(|part| *part != "mod.rs")
            .unwrap_or_default()
            .trim_end_matches(".rs");
        assert!(
            !["util", "utils", "helper", "helpers", "common", "misc"].contains(&stem),
            "{}: say what it is",
            source.path
        );
    }
    let mut lengths: Vec<(usize, &str)> = sources
        .iter()
        .filter(|source| source.path != "src/store/schema.rs")
        .map(|source| (source.text.lines().count(), source.path.as_str()))
        .collect();
    lengths.sort_unstable();
    let at = |percent: usize| lengths[(lengths.len() - 1) * percent / 100].0;
    println!(
        "{} files: median {} lines, 90th percentile {}, longest {:?}",
        lengths.len(),
        at(50),
        at(90),
        lengths.last()
    );
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |backend: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(backend);
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        entries.collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}
