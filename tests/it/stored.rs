//! What is written to the log's tables comes back as it was, whichever way each database takes it.

use chengxin::store::StoreError;
use chengxin::store::log::body::{self, Body};
use chengxin::store::log::bundle::{self, Bundle};
use chengxin::store::log::tile::{self, Tile};
use chengxin::store::write;
use diesel::result::{DatabaseErrorKind, Error};

use crate::support::registry::Fixture;

crate::on_both_databases!(rows_come_back_exactly, a_record_id_stands_once);

/// Past everything that the fixture itself stored.
const FIRST: i64 = 1_000_000;

fn row(place: i64, bytes: Vec<u8>) -> Body {
    Body {
        log_index: FIRST + place,
        kind: "record".into(),
        audience: "partners".into(),
        record_id: None,
        record_type: None,
        employer_id: None,
        year: None,
        outcome: None,
        batch_id: None,
        bytes,
    }
}

/// Every byte value, empty bytes, bytes that look like an end of data, text with quotes, tabs and
/// backslashes, nothing beside something, and sizes around a page and far over one.
fn awkward() -> Vec<Body> {
    let full = Body {
        record_id: Some((0..16).collect()),
        record_type: Some("Integrity\\Grade\t\"'\n\\.".into()),
        employer_id: Some(i64::MAX),
        year: Some(-1),
        outcome: Some(String::new()),
        batch_id: Some("重庆\\N".into()),
        ..row(1, (0..=255).collect())
    };
    let mut rows = vec![
        row(0, Vec::new()),
        full,
        row(2, vec![0xff; 2]),
        row(3, b"\\.\n".to_vec()),
    ];
    for (place, size) in (4..).zip([1990, 2032, 2040, 8100, 8192, 100_000]) {
        // Not all alike, so that compression would show.
        let bytes = (0..size).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8);
        rows.push(row(place, bytes.collect()));
    }
    rows
}

fn rows_come_back_exactly(database: Option<&str>) {
    let fixture = Fixture::new("stored", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    let bodies = awkward();
    let bundles = vec![Bundle {
        bundle_index: FIRST,
        width: 255,
        entries: (0..=255).cycle().take(33_000).collect(),
    }];
    let tiles = vec![Tile {
        level: 0,
        tile_index: FIRST,
        width: 2,
        hashes: (0..64).collect(),
    }];
    write(conn, |conn| -> Result<(), StoreError> {
        body::insert(conn, &bodies)?;
        bundle::insert(conn, &bundles)?;
        tile::insert(conn, &tiles)
    })
    .unwrap();
    let second = &mut *fixture.registry.store.conn().unwrap();
    assert_eq!(body::between(second, FIRST, i64::MAX).unwrap(), bodies);
    assert_eq!(bundle::all_widths(second, FIRST).unwrap(), bundles);
    assert_eq!(tile::all_widths(second, 0, FIRST).unwrap(), tiles);
}

fn a_record_id_stands_once(database: Option<&str>) {
    let fixture = Fixture::new("once", database);
    let conn = &mut *fixture.registry.store.conn().unwrap();
    let rows: Vec<Body> = (0..3)
        .map(|place| Body {
            record_id: Some(vec![if place == 0 { 1 } else { 2 }; 16]),
            ..row(place, vec![1])
        })
        .collect();
    let refused = write(conn, |conn| body::insert(conn, &rows)).unwrap_err();
    let StoreError::Database(Error::DatabaseError(kind, _)) = refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(kind, DatabaseErrorKind::UniqueViolation));
    // All of it is gone, and the connection goes on.
    assert_eq!(body::between(conn, FIRST, i64::MAX).unwrap(), []);
    body::insert(conn, &rows[..2]).unwrap();
    assert_eq!(body::between(conn, FIRST, i64::MAX).unwrap(), rows[..2]);
}
