//! Witnesses that go away and come back.

use super::*;
use crate::support::command::run;
use chengxin::registry::fsck;
use chengxin::registry::publish::Publisher;
use chengxin::registry::witness::{Keeper, Standing, standing};

crate::on_both_databases!(one_stopped, two_stopped, commands_say_what_awaits, idle_heads);

fn fsck_is_clean(world: &Witnessed) {
    let report = fsck::run(&world.registry, &|_, _| ()).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

fn one_stopped(database: Option<&str>) {
    let mut world = Witnessed::new("one-stopped", database);
    let first = world.served();
    assert_eq!(cosignatures(&first.note), 3);
    // The empty log was cosigned before anything else was made.
    let empty = cosigned::at_size(&mut world.registry.store.conn().unwrap(), 0).unwrap();
    assert!(empty.is_some_and(|row| cosignatures(&row.first_note) >= 2));
    world.trio.stop(1);
    world.publish();
    let second = world.served();
    assert!(second.size > first.size);
    assert_eq!(cosignatures(&second.note), 2, "{}", second.note);
    assert!(!second.note.contains("witness-1.example"));
    // It catches up by itself: its proof starts where it stopped.
    world.trio.back(1);
    world.publish();
    assert_eq!(cosignatures(&world.served().note), 3);
    fsck_is_clean(&world);
}

fn two_stopped(database: Option<&str>) {
    let mut world = Witnessed::new("two-stopped", database);
    world.publish();
    let before = world.served();
    world.trio.stop(0);
    world.trio.stop(2);
    world.publish();
    world.publish();
    let mut conn = world.registry.store.conn().unwrap();
    let waiting = standing(&mut conn).unwrap();
    assert!(
        matches!(waiting, Standing::AwaitingWitnesses(size) if size > before.size.unsigned_abs()),
        "{waiting:?}"
    );
    assert_eq!(world.served(), before, "readers see what they saw");
    let lists = |conn: &mut _, size| body::newest_of_kind(conn, "status-list", size).unwrap();
    let visible = lists(&mut conn, before.size).unwrap().log_index;
    assert!(visible < before.size);
    let witnesses = world.registry.witnesses.clone().unwrap();
    assert!(witnesses.failing_since().is_some(), "the alarm");
    fsck_is_clean(&world);
    // The server's own thread brings everything up to date once they are back.
    let keeper = Keeper::start(&world.registry).unwrap();
    world.trio.back(0);
    until("the quorum is back", || {
        standing(&mut conn).unwrap() == Standing::Served
    });
    until("the alarm ends", || witnesses.failing_since().is_none());
    let after = world.served();
    assert!(after.size > before.size);
    assert!(lists(&mut conn, after.size).unwrap().log_index >= before.size);
    world.trio.back(2);
    drop(keeper);
    world.publish();
    assert_eq!(cosignatures(&world.served().note), 3);
    fsck_is_clean(&world);
}

/// Every command that publishes says what readers do not see yet, in numbers.
fn commands_say_what_awaits(database: Option<&str>) {
    let mut world = Witnessed::new("said-awaiting", database);
    world.publish();
    let before = world.served();
    world.trio.stop(0);
    world.trio.stop(2);
    let data = world.data();
    for words in [&["snapshot", "take"][..], &["dump"], &["publish"]] {
        let said = run(words
            .iter()
            .copied()
            .chain(["--data", data.path().to_str().unwrap()]))
        .ok();
        assert!(
            said.contains("等待见证")
                && said.contains("1 of 3 witnesses have cosigned")
                && said.contains(&format!("readers see the first {} of them", before.size)),
            "{said}"
        );
    }
}

/// An idle head is cosigned again: the first note stays, the newest is served; and again just before
/// something is signed, so that what follows is known to be later.
fn idle_heads(database: Option<&str>) {
    let world = Witnessed::new("idle", database);
    let mut conn = world.registry.store.conn().unwrap();
    let first = cosigned::newest(&mut conn).unwrap().unwrap();
    assert_eq!(first.first_note, first.last_note);
    let keeper = Keeper::start(&world.registry).unwrap();
    world.pass(TimeDelta::seconds(301));
    until("the idle head is cosigned again", || {
        cosigned::newest(&mut conn).unwrap().unwrap().last_at > first.last_at
    });
    drop(keeper);
    let again = cosigned::newest(&mut conn).unwrap().unwrap();
    assert_eq!((again.size, &again.first_note), (first.size, &first.first_note));
    assert_eq!(world.served().note, again.last_note);
    assert_ne!(again.last_note, again.first_note);
    world.pass(TimeDelta::days(30));
    drop(Publisher::open(&world.registry, &NoStops).unwrap());
    let third = cosigned::newest(&mut conn).unwrap().unwrap();
    assert!(third.last_at - again.last_at > TimeDelta::days(29));
    fsck_is_clean(&world);
}
