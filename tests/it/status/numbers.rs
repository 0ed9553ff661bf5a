//! Numbers of decisions that officers type: one of an authority names one decision.

use chengxin::domain::change::ChangeKind;
use chengxin::registry::batch::{self, BatchError};

use super::story::{csrf, signed_in};
use super::told::{Town, id};
use crate::faults::number;

crate::on_both_databases!(one_number_one_decision);

fn one_number_one_decision(database: Option<&str>) {
    let town = Town::new("numbers", database);
    let (_, one) = town.graded("A", 0);
    let (_, two) = town.graded("A", 1);
    let typed = "渝人社异〔2026〕3号";
    let first = town.propose_under(&one, ChangeKind::Suspension, typed).unwrap();
    for taken in [
        typed,
        "渝人社异〔2026〕3号  ",
        "渝人社诚信〔2026〕00001号",
        "渝人社列决〔2031〕0009号",
    ] {
        let refused = town.propose_under(&two, ChangeKind::Suspension, taken);
        assert!(
            matches!(&refused, Err(BatchError::NumberTaken(number)) if number == taken.trim()),
            "{taken}: {refused:?}"
        );
    }
    // The form says what to do, and keeps what was typed.
    let mut officer = signed_in(&town, "li.shencha");
    let form = town.url(&format!("/officer/records/{}/change", id(&two)));
    let token = csrf(officer.get(&form).text());
    let fields = [
        ("csrf", token.as_str()),
        ("kind", "suspension"),
        ("reason", "单位提出异议"),
        ("document", typed),
    ];
    let refused = officer.post_form(&form, &fields);
    assert_eq!(refused.status, 409, "{}", refused.text());
    for kept in ["本机关已有此文号", "单位提出异议", typed] {
        assert!(refused.text().contains(kept), "{kept}");
    }
    // No number of the registry's own was drawn for it, nor for what was refused.
    let conn = &mut *town.registry.store.conn().unwrap();
    let drawn = "SELECT COUNT(*) AS value FROM document_counter WHERE kind = 'record-change' AND last > 0";
    assert_eq!(number(conn, drawn), 0);
    // What was turned down may be proposed again under the number of its document.
    let digest = town.batch(&first).digest;
    batch::reject(
        &town.registry,
        &town.actor("wang.hezhun"),
        &first,
        &digest,
        "写错记录",
    )
    .unwrap();
    town.propose_under(&two, ChangeKind::Suspension, typed).unwrap();
}
