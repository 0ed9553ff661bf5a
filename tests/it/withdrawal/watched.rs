//! A monitor before and after a withdrawal: nothing is wrong, and its mirror keeps the entry and not the body.

use chengxin::domain::withdrawal::Cause;

use super::{listings, propose, release};
use crate::monitor::forger::files;
use crate::monitor::{clean, look};
use crate::status::told::Town;

crate::on_both_databases!(a_mirror_lets_go);

fn a_mirror_lets_go(database: Option<&str>) {
    let town = Town::new("watched", database);
    let (_, record) = listings(&town.registry).remove(0);
    let (mirror, trust) = (town.city.dir.join("mirror"), town.city.data().join("trust"));
    let round = || look(&town.url(""), &mirror, &trust, &[]);
    let held = || {
        let all = files(&mirror).into_values();
        all.filter(|bytes| {
            bytes
                .windows(record.bytes.len())
                .any(|window| window == record.bytes)
        })
        .count()
    };
    let before = round();
    clean(&before);
    assert_eq!((held(), &before.1["erased"]), (1, &0.into()));
    let proposed = propose(&town, &record, Cause::Correction).unwrap();
    release(&town, &record, &proposed);
    let after = round();
    clean(&after);
    assert_eq!((held(), &after.1["erased"]), (0, &1.into()));
    let snapshots = after.1["snapshots"].as_array().unwrap();
    assert!(snapshots.iter().all(|one| one["result"] == "equal"), "{after:?}");
    // Who comes later sees the same log, and never the body.
    let late = look(&town.url(""), &town.city.dir.join("late"), &trust, &[]);
    clean(&late);
    assert_eq!(
        (&late.1["erased"], &late.1["root"]),
        (&1.into(), &after.1["root"])
    );
}
