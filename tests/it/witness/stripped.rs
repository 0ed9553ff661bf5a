//! Somebody with full access to the database takes the witnesses' lines off an older note: not only the newest
//! must have its quorum.

use chengxin::registry::fsck::{self, Damage};
use chengxin::store::Conn;
use chengxin::store::log::cosigned;
use chrono::TimeDelta;
use diesel::{RunQueryDsl, sql_query};

use super::{Witnessed, cosignatures};
use crate::faults::drop_triggers;

#[test]
fn an_older_note_without_its_quorum_is_told() {
    let world = Witnessed::new("stripped", None);
    for _ in 0..3 {
        world.pass(TimeDelta::hours(1));
        world.publish();
    }
    let conn: &mut Conn = &mut world.registry.store.conn().unwrap();
    let rows = cosigned::after(conn, -1, 100).unwrap();
    let parts = [
        cosigned::after(conn, -1, 2).unwrap(),
        cosigned::after(conn, rows[1].size, 100).unwrap(),
    ];
    assert_eq!(parts.concat(), rows, "read in parts");
    assert!(rows.len() > 3 && cosignatures(&rows[1].last_note) >= 2);
    let found = || fsck::run(&world.registry, &|_, _| ()).unwrap().findings;
    assert_eq!(found(), []);
    drop_triggers(conn);
    let size = rows[1].size;
    for column in ["first_note", "last_note"] {
        let strip = format!(
            "UPDATE cosigned_checkpoint SET {column} = (SELECT note FROM checkpoint WHERE checkpoint.size = {size}) WHERE size = {size}"
        );
        assert_eq!(sql_query(strip).execute(conn).unwrap(), 1);
        let found = found();
        assert!(
            found.iter().any(|one| {
                one.damage == Damage::Log
                    && one.row == format!("cosigned_checkpoint {size}")
                    && one.why.contains(&column.replace('_', " "))
            }),
            "{found:?}"
        );
    }
}
