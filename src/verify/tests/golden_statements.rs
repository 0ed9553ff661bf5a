//! `tests/vectors/bundle/statements.json`: a statement of every form, and lies about each, with the verdict that every
//! verifier must come to. Written with the other golden files; see [`super::golden`].

use serde_json::{Value, json};

use super::super::check_statement;
use super::super::fixture::statement::{EMPLOYER, Employers, monitor, monitor_note};
use super::super::fixture::{Plan, World, at, now, options};
use super::super::statement::Statement;
use super::super::{Options, Outcome};
use super::golden::{lines, told};
use crate::log::hash::Hash;
use crate::log::sorted::Answer;
use crate::record::context;
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::snapshot::SnapshotDraft;
use chrono::TimeDelta;

/// A registry with a snapshot of a tree of some employers; with three records of [`EMPLOYER`] if `own`.
struct Seen {
    world: World,
    tree: Employers,
    names: Vec<String>,
}

impl Seen {
    fn new(plan: &Plan, count: usize, own: bool, change: impl FnOnce(&mut SnapshotDraft)) -> Self {
        let mut world = World::new(plan);
        let names: Vec<String> = (0..count).map(|n| format!("uscc:9150010500000{n:05}")).collect();
        let held = |name: &String| vec![Digest::of(name.as_bytes())];
        let others = names.iter().map(|name| (name.as_str(), held(name)));
        let own = own.then(|| (EMPLOYER, (0..3).map(|record| world.digest(record)).collect()));
        let tree = Employers::new(others.chain(own));
        world.take_snapshot(&tree, &[1, 2], change);
        Self { world, tree, names }
    }

    fn plain() -> Self {
        Self::new(&Plan::default(), 20, true, |_| ())
    }

    /// The statement on an employer.
    fn of(&self, name: &str, records: &[usize]) -> Statement {
        self.world.statement(&self.tree, name, records)
    }

    /// Of employers without records the first whose answer is of a form.
    fn nobody(&self, form: fn(&Answer) -> bool) -> Statement {
        let mut names = (self.names.len()..).map(|n| format!("uscc:9150010500000{n:05}"));
        let name = names.find(|name| form(&self.tree.answer(name)));
        self.of(&name.unwrap(), &[])
    }

    fn case(&self, name: &str, axis: &str, statement: &Statement) -> Value {
        self.case_at(name, axis, statement, options())
    }

    /// `axis` is the one that is wrong, or `good`.
    fn case_at(&self, name: &str, axis: &str, statement: &Statement, options: Options) -> Value {
        let file = statement.to_canonical().unwrap();
        let monitors = format!("# who rebuilds\n{}\n", monitor(1));
        let trust = self
            .world
            .trust
            .clone()
            .with_monitors(monitors.as_bytes())
            .unwrap();
        let verdict = check_statement(&file, &trust, &options).unwrap();
        let mut case = json!({
            "name": name,
            "axis": axis,
            "now": options.now.timestamp(),
            "file": str::from_utf8(&file).unwrap(),
            "policy": self.world.policy,
            "issuer": serde_json::from_str::<Value>(&self.world.issuer).unwrap(),
            "monitors": monitors,
            "context": context::text(&trust.issuer.host),
            "axes": told(verdict.findings()),
            "headline": verdict.headline().code(),
            "exitCode": verdict.outcome().exit_code(),
        });
        if let Some(text) = &self.world.successions {
            case["successions"] = serde_json::from_str(text).unwrap();
        }
        case
    }
}

/// The file's text.
pub fn cases() -> Vec<u8> {
    let mut cases = good();
    cases.extend(answers());
    cases.extend(snapshots());
    cases.extend(companions());
    cases.extend(succeeded());
    lines(&cases)
}

fn good() -> Vec<Value> {
    let (seen, empty) = (Seen::plain(), Seen::new(&Plan::default(), 0, false, |_| ()));
    let mut monitored = seen.of(EMPLOYER, &[]);
    monitored.monitors = vec![
        monitor_note(2, seen.world.last_digest()),
        monitor_note(1, seen.world.last_digest()),
    ];
    let unwitnessed = Seen::new(&Plan::unwitnessed(), 20, true, |_| ());
    let between = |answer: &Answer| matches!(answer, Answer::Between { .. });
    let first = |answer: &Answer| matches!(answer, Answer::BeforeFirst(_));
    let last = |answer: &Answer| matches!(answer, Answer::AfterLast(_));
    vec![
        seen.case("present", "good", &seen.of(EMPLOYER, &[])),
        seen.case("present-with-records", "good", &seen.of(EMPLOYER, &[0, 2])),
        seen.case("between", "good", &seen.nobody(between)),
        seen.case("before-first", "good", &seen.nobody(first)),
        seen.case("after-last", "good", &seen.nobody(last)),
        empty.case("empty", "good", &empty.of(EMPLOYER, &[])),
        seen.case("monitored", "good", &monitored),
        unwitnessed.case("unwitnessed", "good", &unwitnessed.of(EMPLOYER, &[0])),
    ]
}

/// Lies about the answer.
fn answers() -> Vec<Value> {
    let seen = Seen::plain();
    let honest = seen.of(EMPLOYER, &[]);
    let Answer::Present(own) = honest.answer.clone() else {
        panic!("it is there")
    };
    let place = own.index as usize;
    assert!(0 < place && place + 1 < seen.tree.count(), "{place}");
    let leaf = |place: usize| seen.tree.leaf(place);
    let between = |left, right| Answer::Between { left, right };
    let (mut moved, mut short) = (leaf(place + 1), own.clone());
    moved.index = place as u64;
    short.data.truncate(20);
    let lies = [
        ("not-adjacent", between(leaf(place - 1), leaf(place + 1))),
        ("not-enclosed", between(leaf(place - 1), leaf(place))),
        ("not-empty", Answer::Empty),
        ("not-first", Answer::BeforeFirst(leaf(place + 1))),
        ("not-last", Answer::AfterLast(leaf(place - 1))),
        ("other-employer", Answer::Present(leaf(place + 1))),
        ("moved", between(leaf(place - 1), moved)),
        ("short", Answer::Present(short)),
    ];
    let case = |(name, answer)| {
        let lie = Statement {
            answer,
            ..honest.clone()
        };
        seen.case(name, "answer", &lie)
    };
    lies.map(case).into()
}

/// What is wrong with the snapshot, or with where it stands.
fn snapshots() -> Vec<Value> {
    let of = |name, axis, change: fn(&mut SnapshotDraft)| {
        let seen = Seen::new(&Plan::default(), 3, true, change);
        seen.case(name, axis, &seen.of(EMPLOYER, &[]))
    };
    let seen = Seen::plain();
    let honest = seen.of(EMPLOYER, &[]);
    let changed = |change: fn(&mut Statement)| {
        let mut statement = honest.clone();
        change(&mut statement);
        statement
    };
    let stripped = changed(|statement| {
        let note = &mut statement.checkpoints.described.note;
        let (text, signatures) = note.split_once("\n\n").unwrap();
        *note = format!("{text}\n\n{}\n", signatures.lines().next().unwrap());
    });
    let changed_after = changed(|statement| {
        let snapshot = String::from_utf8(statement.snapshot.credential.clone()).unwrap();
        statement.snapshot.credential = snapshot
            .replace("\"treeSize\":21", "\"treeSize\":22")
            .into_bytes();
    });
    let nobody = changed(|statement| statement.about = "uscc:nobody".into());
    let path = changed(|statement| statement.snapshot.place.inclusion[0].0[0] ^= 1);
    let old_keys = changed(|statement| drop(statement.keys.pop()));
    let shrunk = changed(|statement| {
        statement
            .checkpoints
            .current
            .note
            .clone_from(&statement.checkpoints.before.note)
    });
    let (later, before) = (now() + TimeDelta::days(1), now() - TimeDelta::days(1));
    let strange = Seen {
        world: seen.world.to_another("registry.example"),
        ..Seen::plain()
    };
    let foreign = Seen {
        world: seen.world.to_another("other.example"),
        ..Seen::plain()
    };
    vec![
        of("audience", "logged", |draft| {
            draft.state.audience = Audience::Partners
        }),
        of("smaller", "logged", |draft| draft.state.log_size -= 1),
        of("other-root", "logged", |draft| draft.state.log_root[0] ^= 1),
        seen.case("path", "logged", &path),
        seen.case("shrunk", "logged", &shrunk),
        seen.case("changed", "logged", &changed_after),
        seen.case("nobody", "syntax", &nobody),
        seen.case("described-unwitnessed", "freshness", &stripped),
        seen.case("old-keys", "freshness", &old_keys),
        seen.case_at("stale", "freshness", &honest, Options::at(later)),
        seen.case_at("clock", "freshness", &honest, Options::at(before)),
        foreign.case("foreign", "syntax", &honest),
        strange.case("log-unknown", "logged", &honest),
    ]
}

/// The log's key is stolen after a statement was made: by the new trust folder it holds, and the thief's does not.
fn succeeded() -> Vec<Value> {
    let mut seen = Seen::plain();
    let honest = seen.of(EMPLOYER, &[0]);
    let head = seen.world.newest_head();
    seen.world.succeed(head, at(20, 40));
    let mut forged = honest.clone();
    forged.checkpoints.current.note = seen.world.thiefs_head(99, Hash([7; 32]), &[1, 2], at(20, 50));
    vec![
        seen.case("before-successor", "good", &honest),
        seen.case("log-frozen", "logged", &forged),
    ]
}

/// Records, lists and monitors' notes that come along.
fn companions() -> Vec<Value> {
    let seen = Seen::plain();
    let noted = |name, note: String| {
        let mut statement = seen.of(EMPLOYER, &[]);
        statement.monitors = vec![note];
        seen.case(name, "monitored", &statement)
    };
    let mut without = seen.of(EMPLOYER, &[0]);
    without.lists.pop();
    let mut nothing = seen.nobody(|answer| matches!(answer, Answer::Between { .. }));
    nothing.records = seen.of(EMPLOYER, &[0]).records;
    let good = monitor_note(1, seen.world.last_digest());
    let planned = |name, axis, plan: &Plan| {
        let seen = Seen::new(plan, 2, true, |_| ());
        seen.case(name, axis, &seen.of(EMPLOYER, &[0, 1]))
    };
    let revoked = Plan {
        bits: [true, false, false],
        ..Plan::default()
    };
    let forged = Plan {
        edit: |record| record.replace("有限公司", "有限公可"),
        ..Plan::default()
    };
    vec![
        seen.case("record-not-held", "answer", &seen.of(EMPLOYER, &[0, 3])),
        seen.case("record-with-nothing", "answer", &nothing),
        seen.case("list-missing", "status", &without),
        planned("revoked", "status", &revoked),
        planned("record-forged", "answer", &forged),
        noted("monitor-changed", good.replace("T21:00", "T22:00")),
        noted("monitor-of-another", monitor_note(1, Digest::of(b"another"))),
        noted("monitor-no-note", "nothing".to_owned()),
    ]
}

#[test]
fn each_lie_is_told_on_its_axis() {
    let cases: Vec<Value> = serde_json::from_slice(&cases()).unwrap();
    for case in &cases {
        let (name, axis) = (case["name"].as_str().unwrap(), case["axis"].as_str().unwrap());
        let good = case["exitCode"] == Outcome::Accepted.exit_code();
        assert_eq!(good, axis == "good", "{name}");
        let found = case["axes"][axis].as_str().unwrap_or("holds");
        assert_eq!(found.starts_with("holds"), good, "{name}: {found}");
        let headline = case["headline"].as_str().unwrap();
        assert_eq!(
            ["present", "absent"].contains(&headline),
            good,
            "{name}: {headline}"
        );
    }
    let headline = |name: &str| {
        let case = cases.iter().find(|case| case["name"] == name).unwrap();
        case["headline"].as_str().unwrap().to_owned()
    };
    let told = [
        "present",
        "between",
        "stale",
        "foreign",
        "not-empty",
        "revoked",
        "list-missing",
    ]
    .map(headline);
    let expected = [
        "present",
        "absent",
        "stale",
        "foreign",
        "forged",
        "revoked",
        "incomplete",
    ];
    assert_eq!(told, expected);
}
