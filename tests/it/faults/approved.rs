//! Somebody with full access changes what an approved batch rests on, before anything of it is signed:
//! publication refuses, and what is signed is exactly what the second person approved.

use crate::support::city::City;
use crate::support::stopped::{Stopped, ends};

use super::{change, drop_triggers, number};

/// A city whose first listing is approved, about to be published, and not yet signed.
fn city() -> City {
    let city = City::new("approved", None, 60);
    Stopped::at(&mut city.demo_command(), "intent-journalled", 1).kill();
    drop_triggers(&mut city.database());
    city.save("approved");
    city
}

const BATCH: &str = "state = 'publishing'";

#[test]
fn what_is_signed_is_what_was_approved() {
    let city = city();
    let changes = [
        // The case's term is three years; the decision says so by its rule set, whatever the case says.
        (
            format!(
                "UPDATE blacklist_case SET body = replace(body, '\"last_day\":\"2029', '\"last_day\":\"2039') \
                 WHERE employer_id = (SELECT employer_id FROM batch_item JOIN batch ON batch.id = batch_id WHERE {BATCH})"
            ),
            "another term",
        ),
        (
            format!("UPDATE batch SET decided_at = '2026-02-01 00:00:00' WHERE {BATCH}"),
            "holds no approval",
        ),
        (
            format!(
                "UPDATE batch SET decided_by = (SELECT id FROM account WHERE login = 'li.shencha') WHERE {BATCH}"
            ),
            "holds no approval",
        ),
        (
            format!("UPDATE batch SET kind = 'integrity-grade' WHERE {BATCH}"),
            "another procedure",
        ),
        (
            format!("UPDATE batch SET authority_id = '500000' WHERE {BATCH}"),
            "another authority",
        ),
        (
            format!(
                "UPDATE batch SET rule_set = (SELECT json_set(rule_set, '$.id', 'cn-500000', '$.version', '2020.3')) WHERE {BATCH}"
            ),
            "does not have its rule set",
        ),
        (
            "UPDATE batch_item SET outcome = 'A'".to_owned(),
            "another outcome",
        ),
        (
            "UPDATE batch_item SET decision = replace(decision, '有限公司', '有限責任公司')".to_owned(),
            "another digest",
        ),
        (
            "UPDATE audit SET at = '2026-02-01 00:00:00' WHERE action = 'batch.approve'".to_owned(),
            "holds no approval",
        ),
    ];
    for (sql, words) in changes {
        assert!(change(&mut city.database(), &sql) > 0, "{sql}");
        let refused = ends(&mut city.demo_command()).code(1);
        assert!(refused.stderr.contains(words), "{sql}: {}", refused.stderr);
        let conn = &mut city.database();
        let records = number(conn, "SELECT COUNT(*) AS value FROM body WHERE kind = 'record'");
        assert_eq!(records, 0, "{sql}");
        city.restore("approved");
    }
    city.check(&city.demo());
}

/// Neither a new name in the register nor a new name of the authority reaches a record that was approved
/// under the old one.
#[test]
fn a_name_that_changed_since() {
    let city = city();
    let conn = &mut city.database();
    change(conn, "UPDATE employer SET name = '另一公司'");
    change(conn, "UPDATE authority SET name = '另一机关'");
    city.demo();
    let records = city.records();
    let listing = records
        .lines()
        .find(|line| line.contains("WageBlacklistEntry"))
        .unwrap();
    assert!(
        !listing.contains("另一公司") && !listing.contains("另一机关"),
        "{listing}"
    );
}

/// Two demonstrations of one seed show the same sample employers, though each log has an order of its own.
#[test]
fn samples_are_the_seeds() {
    let [one, two] = ["one", "two"].map(|label| City::new(label, None, 60).demo());
    assert_eq!(one.samples.len(), 3);
    assert_eq!(one.samples, two.samples);
    assert_ne!(one.root, two.root);
}
