//! A second publisher while the first stands in the middle of its work, alive: it is refused at once
//! and changes nothing, wherever the first one stands.

use std::fs;

use crate::support::city::City;
use crate::support::stopped::{Stopped, ends};

use super::number;

crate::on_both_databases!(a_second_publisher);

/// The step that holds the log's lock only, one that holds a transaction, and one between the two.
const STEPS: [&str; 3] = ["records-signed", "storing", "mark-raised"];

fn a_second_publisher(database: Option<&str>) {
    let city = City::new("rival", database, 60);
    for step in STEPS {
        let first = Stopped::at(&mut city.demo_command(), step, 1);
        let before = state(&city);
        let refused = ends(&mut city.command(&["publish"])).code(1);
        assert!(
            refused.stderr.contains("is publishing with these keys"),
            "{step}: {}",
            refused.stderr
        );
        let refused = ends(&mut city.demo_command()).code(1);
        assert!(
            refused.stderr.contains("is publishing with these keys"),
            "{step}: {}",
            refused.stderr
        );
        assert_eq!(state(&city), before, "{step}");
        on_another_machine(&city, step, database);
        assert_eq!(state(&city), before, "{step}");
        first.kill();
    }
    city.check(&city.demo());
}

/// The same keys elsewhere share no lock file: there the lease in the database refuses.
fn on_another_machine(city: &City, step: &str, database: Option<&str>) {
    let Some(url) = database else { return };
    let copy = format!("machine-{step}");
    city.save(&copy);
    fs::write(city.dir.join(&copy).join("keys/holder"), "another").unwrap();
    let mut command = crate::support::command::chengxin();
    command.args(["publish", "--data", &city.path(&copy), "--database-url", url]);
    let refused = ends(&mut command).code(1);
    assert!(refused.stderr.contains("held by"), "{}", refused.stderr);
}

/// What a publisher would change.
fn state(city: &City) -> Vec<i64> {
    let conn = &mut city.database();
    [
        "SELECT stored_size AS value FROM log_head",
        "SELECT head_size AS value FROM log_head",
        "SELECT fence AS value FROM publisher_lease",
        "SELECT COUNT(*) AS value FROM checkpoint",
        "SELECT COUNT(*) AS value FROM body",
        "SELECT CAST(SUM(used) AS BIGINT) AS value FROM status_list",
    ]
    .into_iter()
    .map(|sql| number(conn, sql))
    .collect()
}
