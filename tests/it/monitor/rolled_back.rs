//! A registry whose whole machine comes back as of yesterday, signer's memory included, where no witness
//! watches: the monitor knows. When it goes on from there, it signs a second history.

use std::fs;

use chengxin::registry::data_dir::DataDir;
use chengxin::registry::publish::NoStops;
use chengxin::registry::{Registry, freshness, snapshot};

use super::{clean, is, look};
use crate::faults::{change, drop_triggers, number};
use crate::support::city::City;
use crate::support::server::Server;

#[test]
fn yesterdays_database() {
    let city = City::new("monitor-yesterday", None, 60);
    city.demo();
    city.save("yesterday");
    let open = || Registry::open(Some(&DataDir::new(&city.data())), None).unwrap();
    freshness::refresh(&open(), &NoStops).unwrap();
    let (mirror, trust) = (city.dir.join("mirror"), city.data().join("trust"));
    let round = || {
        let server = Server::start(&city.data(), None);
        look(server.address(), &mirror, &trust, &[])
    };
    clean(&round());
    city.restore("yesterday");
    is(&round(), 11, "rolled-back");
    // Lists of the same second would be the same; a snapshot's id is drawn.
    snapshot::take(&open(), &NoStops).unwrap();
    freshness::refresh(&open(), &NoStops).unwrap();
    is(&round(), 10, "fork");
}

/// An owner of the database changes a published body: the server cannot hand it out any more.
#[test]
fn a_changed_body() {
    let city = City::new("monitor-changed", None, 60);
    city.demo();
    let conn = &mut city.database();
    drop_triggers(conn);
    let index = number(
        conn,
        "SELECT MAX(log_index) AS value FROM body WHERE record_type = 'IntegrityGrade' AND audience = 'public'",
    );
    let spoiled = format!(
        "UPDATE body SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"grade\":\"A\"', '\"grade\":\"B\"') AS BLOB) WHERE log_index = {index}"
    );
    assert_eq!(change(conn, &spoiled), 1);
    let server = Server::start(&city.data(), None);
    let (mirror, trust) = (city.dir.join("mirror"), city.data().join("trust"));
    let round = look(server.address(), &mirror, &trust, &[]);
    is(&round, 16, "body-missing");
    let about = round.1["alarms"][0]["about"].as_str().unwrap();
    assert!(about.starts_with(&format!("entry {index},")), "{about}");
    let wanted = fs::read_dir(mirror.join("alarms")).unwrap().count();
    assert_eq!(wanted, 1);
}
