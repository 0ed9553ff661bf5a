//! Statements of presence and of “nothing”, and every lie about them.

use super::super::fixture::statement::{EMPLOYER, Employers, monitor, monitor_note};
use super::super::fixture::{Plan, World, at, now, options};
use super::super::statement::{Statement, StatementVerdict, judge_statement};
use super::super::{Axis, Options, Outcome, Reason, State, Trust, check_statement};
use crate::log::sorted::Answer;
use crate::record::credential::Audience;
use crate::record::digest::Digest;
use crate::record::snapshot::SnapshotDraft;
use chrono::TimeDelta;

const WITNESSES: &[u8] = &[1, 2];

/// Names of employers who are no one's.
fn name(n: usize) -> String {
    format!("uscc:9150010500000{n:05}")
}

/// A tree of `count` other employers and, if `own`, of the one with the batch's first three records.
fn employers(world: &World, count: usize, own: bool) -> Employers {
    let names: Vec<String> = (0..count).map(name).collect();
    let others = names
        .iter()
        .map(|name| (name.as_str(), vec![Digest::of(name.as_bytes())]));
    let own = own.then(|| (EMPLOYER, (0..3).map(|record| world.digest(record)).collect()));
    Employers::new(others.chain(own))
}

fn taken(count: usize, own: bool, change: impl FnOnce(&mut SnapshotDraft)) -> (World, Employers) {
    let mut world = World::new(&Plan::default());
    let employers = employers(&world, count, own);
    world.take_snapshot(&employers, WITNESSES, change);
    (world, employers)
}

fn judged(world: &World, statement: &Statement) -> StatementVerdict {
    judge_statement(statement, &world.trust, &options())
}

/// The axes that do not hold, but for the two that a statement need not have.
fn odd(verdict: &StatementVerdict) -> Vec<(Axis, State, Reason)> {
    let expected = |reason| matches!(reason, Reason::NoStatus | Reason::Asserted);
    let odd = verdict
        .findings()
        .filter(|(_, finding)| finding.state != State::Holds);
    odd.map(|(axis, finding)| (axis, finding.state, finding.reason))
        .filter(|(_, state, reason)| !(*state == State::NotRequired && expected(*reason)))
        .collect()
}

#[test]
fn presence_and_nothing_at_every_place_of_every_tree() {
    for count in 0..=6 {
        let (world, employers) = taken(count, true, |_| ());
        for n in 0..count + 8 {
            let statement = world.statement(&employers, &name(n), &[]);
            let bytes = statement.to_canonical().unwrap();
            assert_eq!(Statement::parse(&bytes).unwrap(), statement);
            let verdict = check_statement(&bytes, &world.trust, &options()).unwrap();
            assert_eq!(odd(&verdict), [], "{n} of {count}");
            assert_eq!(verdict.outcome(), Outcome::Accepted);
            let says = verdict.says.unwrap();
            assert_eq!(says.digests.len(), usize::from(n < count));
            assert_eq!((says.about, says.as_of), (name(n), at(20, 30)));
        }
        let verdict = judged(&world, &world.statement(&employers, EMPLOYER, &[]));
        assert_eq!(odd(&verdict), []);
        assert_eq!(verdict.says.unwrap().digests.len(), 3);
    }
    let (world, employers) = taken(0, false, |_| ());
    let verdict = judged(&world, &world.statement(&employers, EMPLOYER, &[]));
    assert_eq!(odd(&verdict), []);
    assert_eq!(verdict.answer.reason, Reason::RecordsAbsent);
}

#[test]
fn nobody_with_a_record_can_be_denied_at_any_place() {
    for count in 0..=6 {
        let (world, employers) = taken(count, true, |_| ());
        let honest = world.statement(&employers, EMPLOYER, &[]);
        let leaves: Vec<_> = (0..employers.count())
            .map(|place| employers.leaf(place))
            .collect();
        let mut denials = vec![Answer::Empty];
        for left in &leaves {
            denials.push(Answer::BeforeFirst(left.clone()));
            denials.push(Answer::AfterLast(left.clone()));
            for right in &leaves {
                let (left, right) = (left.clone(), right.clone());
                denials.push(Answer::Between { left, right });
            }
        }
        for answer in denials {
            let denial = Statement {
                answer,
                ..honest.clone()
            };
            let verdict = judged(&world, &denial);
            assert_eq!(verdict.outcome(), Outcome::Rejected, "{:?}", denial.answer);
            assert_eq!(verdict.answer.state, State::Fails);
        }
    }
}

#[test]
fn each_lie_about_the_answer_has_its_reason() {
    let (world, employers) = taken(20, true, |_| ());
    let honest = world.statement(&employers, EMPLOYER, &[]);
    let Answer::Present(own) = honest.answer.clone() else {
        panic!("it is there")
    };
    let place = own.index as usize;
    assert!(
        0 < place && place + 1 < employers.count(),
        "the name is chosen so: {place}"
    );
    let leaf = |place: usize| employers.leaf(place);
    let said = |answer: Answer| {
        let verdict = judged(
            &world,
            &Statement {
                answer,
                ..honest.clone()
            },
        );
        verdict.answer.reason
    };
    let between = |left, right| Answer::Between { left, right };
    assert_eq!(
        said(between(leaf(place - 1), leaf(place + 1))),
        Reason::AnswerNotAdjacent
    );
    assert_eq!(
        said(between(leaf(place - 1), leaf(place))),
        Reason::AnswerNotEnclosed
    );
    assert_eq!(said(Answer::Empty), Reason::AnswerNotAtEdge);
    assert_eq!(
        said(Answer::BeforeFirst(leaf(place + 1))),
        Reason::AnswerNotAtEdge
    );
    assert_eq!(said(Answer::AfterLast(leaf(place - 1))), Reason::AnswerNotAtEdge);
    assert_eq!(
        said(Answer::Present(leaf(place + 1))),
        Reason::AnswerOtherEmployer
    );
    let mut moved = leaf(place + 1);
    moved.index = place as u64;
    assert_eq!(said(between(leaf(place - 1), moved)), Reason::AnswerPath);
    let mut short = own.clone();
    short.data.truncate(20);
    assert_eq!(said(Answer::Present(short)), Reason::AnswerMalformed);
}

/// A leaf dropped from the tree before it was signed: the proof holds, so it is only the registry's claim,
/// and whoever rebuilds the tree gets another root.
#[test]
fn a_dropped_leaf_is_the_registrys_signed_lie() {
    let (world, true_tree) = taken(4, true, |_| ());
    let (_, lying_tree) = taken(4, false, |_| ());
    let mut lying = World::new(&Plan::default());
    lying.take_snapshot(&lying_tree, WITNESSES, |_| ());
    let denial = judged(&lying, &lying.statement(&lying_tree, EMPLOYER, &[]));
    assert_eq!(denial.outcome(), Outcome::Accepted);
    assert_eq!(denial.monitored.reason, Reason::Asserted);
    let strict = Options {
        require_monitored: true,
        ..options()
    };
    let statement = lying.statement(&lying_tree, EMPLOYER, &[]);
    let verdict = judge_statement(&statement, &lying.trust, &strict);
    assert_eq!(
        odd(&verdict),
        [(Axis::Monitored, State::Undecided, Reason::Asserted)]
    );
    assert_eq!(verdict.outcome(), Outcome::Undecided);
    // A proof from the true tree does not help under the lying snapshot, nor the other way round.
    let mut mixed = statement;
    mixed.answer = true_tree.answer(EMPLOYER);
    assert_eq!(judged(&lying, &mixed).answer.reason, Reason::AnswerPath);
    let mut mixed = world.statement(&true_tree, EMPLOYER, &[]);
    mixed.answer = lying_tree.answer(EMPLOYER);
    assert_eq!(judged(&world, &mixed).answer.state, State::Fails);
}

#[test]
fn records_that_come_along() {
    let (world, employers) = taken(4, true, |_| ());
    let verdict = judged(&world, &world.statement(&employers, EMPLOYER, &[0, 2]));
    assert_eq!(odd(&verdict), []);
    assert_eq!(verdict.finding(Axis::Status).reason, Reason::Clear);

    // Record 3 is not in the leaf; neither is a changed one.
    let foreign = judged(&world, &world.statement(&employers, EMPLOYER, &[0, 3]));
    assert_eq!(foreign.answer.reason, Reason::RecordForeign);
    let mut nothing = world.statement(&employers, EMPLOYER, &[0]);
    nothing.about = name(77);
    nothing.answer = employers.answer(&name(77));
    assert_eq!(judged(&world, &nothing).answer.reason, Reason::RecordForeign);
    let mut without = world.statement(&employers, EMPLOYER, &[0]);
    without.lists.pop();
    assert_eq!(
        judged(&world, &without).finding(Axis::Status).reason,
        Reason::ListMissing
    );

    let revoked = Plan {
        bits: [true, false, false],
        ..Plan::default()
    };
    let mut world = World::new(&revoked);
    let tree = self::employers(&world, 2, true);
    world.take_snapshot(&tree, WITNESSES, |_| ());
    let verdict = judged(&world, &world.statement(&tree, EMPLOYER, &[0, 1]));
    assert_eq!(odd(&verdict), [(Axis::Status, State::Fails, Reason::Revoked)]);

    let forged = Plan {
        edit: |record| record.replace("有限公司", "有限公可"),
        ..Plan::default()
    };
    let mut world = World::new(&forged);
    let tree = self::employers(&world, 2, true);
    world.take_snapshot(&tree, WITNESSES, |_| ());
    let verdict = judged(&world, &world.statement(&tree, EMPLOYER, &[0, 1]));
    assert_eq!(verdict.answer.reason, Reason::RecordSignature);
}

#[test]
fn where_the_snapshot_stands() {
    let logged = |change: fn(&mut SnapshotDraft)| {
        let (world, employers) = taken(3, true, change);
        let verdict = judged(&world, &world.statement(&employers, EMPLOYER, &[]));
        verdict.finding(Axis::Logged).reason
    };
    assert_eq!(logged(|_| ()), Reason::Included);
    assert_eq!(
        logged(|draft| draft.state.audience = Audience::Partners),
        Reason::EntryAudience
    );
    assert_eq!(logged(|draft| draft.state.log_size -= 1), Reason::SnapshotHead);
    assert_eq!(logged(|draft| draft.state.log_root[0] ^= 1), Reason::SnapshotHead);
    assert_eq!(logged(|draft| draft.state.log_size += 9), Reason::SnapshotHead);

    // A record's bundle is no statement's snapshot.
    let (world, employers) = taken(3, true, |_| ());
    let mut other = world.statement(&employers, EMPLOYER, &[]);
    other.snapshot.credential = world.bundle(0).record;
    assert_eq!(
        judged(&world, &other).finding(Axis::Syntax).reason,
        Reason::Malformed
    );
    let mut other = world.statement(&employers, EMPLOYER, &[]);
    other.about = "uscc:nobody".into();
    assert_eq!(
        judged(&world, &other).finding(Axis::Syntax).reason,
        Reason::Malformed
    );
}

#[test]
fn an_older_snapshot_is_not_current() {
    let (world, employers) = taken(3, true, |_| ());
    let statement = world.statement(&employers, &name(9), &[]);
    let later = Options::at(now() + TimeDelta::days(1));
    let verdict = judge_statement(&statement, &world.trust, &later);
    assert_eq!(
        odd(&verdict),
        [(Axis::Freshness, State::Undecided, Reason::SnapshotStale)]
    );
    let before = Options::at(at(20, 0));
    let verdict = judge_statement(&statement, &world.trust, &before);
    assert_eq!(verdict.finding(Axis::Freshness).reason, Reason::ClockBehind);

    // The date is new; the head that it describes was last cosigned two days ago.
    let plan = Plan {
        times: [at(1, 0), at(2, 0), at(8, 25), at(8, 35), at(8, 36)].map(|time| time - TimeDelta::days(2)),
        created: at(8, 30) - TimeDelta::days(2),
        listed: at(8, 0) - TimeDelta::days(2),
        ..Plan::default()
    };
    let mut world = World::new(&plan);
    let tree = self::employers(&world, 3, true);
    world.take_snapshot(&tree, WITNESSES, |_| ());
    let verdict = judged(&world, &world.statement(&tree, &name(9), &[]));
    assert_eq!(verdict.finding(Axis::Freshness).reason, Reason::SnapshotStale);

    // A head without its cosignatures: nothing but the registry says when it was the newest.
    let (world, employers) = taken(3, true, |_| ());
    let mut stripped = world.statement(&employers, &name(9), &[]);
    let note = &mut stripped.checkpoints.described.note;
    let (text, signatures) = note.split_once("\n\n").unwrap();
    *note = format!("{text}\n\n{}\n", signatures.lines().next().unwrap());
    let verdict = judged(&world, &stripped);
    assert_eq!(
        odd(&verdict),
        [(Axis::Freshness, State::Undecided, Reason::TimeUnknown)]
    );
    assert_eq!(verdict.outcome(), Outcome::Undecided);

    let (world, employers) = taken(3, true, |draft| draft.valid_from = at(21, 30));
    let verdict = judged(&world, &world.statement(&employers, &name(9), &[]));
    assert_eq!(
        verdict.finding(Axis::Freshness).reason,
        Reason::DatedAfterCheckpoint
    );

    let (world, employers) = taken(3, true, |_| ());
    let mut old_keys = world.statement(&employers, &name(9), &[]);
    old_keys.keys.pop();
    let verdict = judged(&world, &old_keys);
    assert_eq!(verdict.finding(Axis::Freshness).reason, Reason::KeyDocumentStale);
}

/// Offline roots sign for months: as for lists, a document is old from its `nextUpdate` on.
#[test]
fn a_key_document_stands_until_its_next_update() {
    let with = |next_update| {
        let plan = Plan {
            updated: at(1, 30),
            next_update: Some(next_update),
            ..Plan::default()
        };
        let mut world = World::new(&plan);
        let tree = self::employers(&world, 3, true);
        world.take_snapshot(&tree, WITNESSES, |_| ());
        judged(&world, &world.statement(&tree, &name(9), &[]))
    };
    assert_eq!(odd(&with(now() + TimeDelta::seconds(1))), []);
    assert_eq!(
        odd(&with(now())),
        [(Axis::Freshness, State::Undecided, Reason::KeyDocumentStale)]
    );
}

#[test]
fn asserted_until_a_known_monitor_has_signed() {
    let (world, employers) = taken(3, true, |_| ());
    let trust = |text: &str| world.trust.clone().with_monitors(text.as_bytes()).unwrap();
    let known: Trust = trust(&format!("# ours\n{}\n", monitor(1)));
    let strict = Options {
        require_monitored: true,
        ..options()
    };
    let judged = |notes: Vec<String>| {
        let mut statement = world.statement(&employers, &name(9), &[]);
        statement.monitors = notes;
        judge_statement(&statement, &known, &strict)
    };
    let good = monitor_note(1, world.last_digest());
    let verdict = judged(vec![good.clone()]);
    assert_eq!(odd(&verdict), []);
    assert_eq!(verdict.monitored.reason, Reason::Monitored);
    assert_eq!(verdict.outcome(), Outcome::Accepted);

    let stranger = monitor_note(2, world.last_digest());
    assert_eq!(judged(vec![stranger.clone()]).monitored.reason, Reason::Asserted);
    assert_eq!(
        judged(vec![stranger, good.clone()]).monitored.reason,
        Reason::Monitored
    );
    let other = monitor_note(1, Digest::of(b"another"));
    assert_eq!(
        judged(vec![good.clone(), other]).monitored.reason,
        Reason::MonitorOther
    );
    let changed = good.replace("T21:00", "T22:00");
    assert_eq!(judged(vec![changed]).monitored.reason, Reason::MonitorSignature);
    let none = judged(vec!["nothing".into()]);
    assert_eq!(none.monitored.reason, Reason::MonitorMalformed);
    assert_eq!(none.outcome(), Outcome::Rejected);
    assert_eq!(judged(vec![]).outcome(), Outcome::Undecided);
}

#[test]
fn no_byte_can_be_changed() {
    let (world, employers) = taken(3, true, |_| ());
    let bytes = world.statement(&employers, &name(9), &[]).to_canonical().unwrap();
    let good = check_statement(&bytes, &world.trust, &options()).unwrap();
    assert_eq!(good.outcome(), Outcome::Accepted);
    for place in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let Ok(verdict) = check_statement(&changed, &world.trust, &options()) else {
            continue;
        };
        // A cosignature line that names nobody is no lie; whatever is still accepted says the same.
        assert!(
            verdict.outcome() != Outcome::Accepted || verdict.says == good.says,
            "byte {place}: {}",
            String::from_utf8_lossy(&changed)
        );
    }
}

#[test]
fn a_statement_is_no_bundle_and_no_record() {
    let (world, employers) = taken(1, true, |_| ());
    let bytes = world.statement(&employers, EMPLOYER, &[]).to_canonical().unwrap();
    assert!(super::check_bundle(&bytes, &world.trust, &options()).is_err());
    let world = World::new(&Plan::default());
    assert!(check_statement(&world.bundle(0).to_canonical().unwrap(), &world.trust, &options()).is_err());
}
