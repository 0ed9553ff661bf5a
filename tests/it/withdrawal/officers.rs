//! What officers see of a withdrawn record, whatever their role: that something was withdrawn, when and by which
//! document, and neither name nor facts, in no batch that was ever about it.

use std::collections::BTreeSet;

use chengxin::domain::change::ChangeKind;
use chengxin::domain::withdrawal::Cause;
use chengxin::record::credential::{self, Subject};
use chengxin::registry::batch;
use chengxin::registry::change::{self, Wanted};
use chengxin::store::account::{self, AccountRow};
use chengxin::store::batch as batches;
use chengxin::store::log::body::Body;
use chengxin::web::routes;
use diesel::{RunQueryDsl, sql_query};

use crate::status::story::signed_in;
use crate::status::told::{Town, id};
use crate::support::http::Visitor;

use super::{accounts, erased, listings, propose, release, rename};

crate::on_both_databases!(no_role_reads_on, back_from_a_mirror);

/// The officers, one of each set of roles and authority.
fn officers(town: &Town) -> Vec<AccountRow> {
    let conn = &mut *town.registry.store.conn().unwrap();
    let mut seen = BTreeSet::new();
    let all = account::list(conn).unwrap();
    let officers = all.into_iter().filter(|row| row.kind == "officer");
    officers
        .filter(|row| seen.insert((row.roles.clone(), row.authority_id.clone())))
        .collect()
}

/// Every officers' GET of the route table, about every batch that there is.
fn pages(town: &Town, record: &Body, query: &str) -> Vec<String> {
    let conn = &mut *town.registry.store.conn().unwrap();
    let all = batches::all(conn).unwrap();
    let mut paths = BTreeSet::new();
    let rows = routes::ROUTES.iter().filter(|row| row.method == "GET");
    for route in rows.filter(|row| row.path.starts_with("/officer")) {
        if route.path.contains("/records/") {
            paths.insert(route.path.replace("{id}", &id(record).to_string()));
            continue;
        }
        for batch in &all {
            for position in 0..batch.size.min(4) {
                let path = route.path.replace("{id}", &batch.id);
                let path = path.replace("{position}", &position.to_string());
                assert!(!path.contains('{'), "{path}");
                paths.insert(format!("{path}?lang=en"));
                paths.insert(format!("{path}?query={query}"));
                paths.insert(path);
            }
        }
    }
    paths.into_iter().collect()
}

fn holding(town: &Town, officer: &mut Visitor, paths: &[String], canaries: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for path in paths {
        let answer = officer.get(&town.url(path));
        assert!(answer.status < 500, "{path}");
        let text = answer.text();
        if canaries.iter().any(|canary| text.contains(canary.as_str())) {
            found.push(path.clone());
        }
    }
    found
}

/// Proposes something about the record and has it turned down: the batch stays, with its title and reason.
fn turned_down(town: &Town, record: &Body, name: &str) {
    let [proposer, approver] = accounts(town, record);
    let [proposer, approver] = [proposer, approver].map(|row| {
        let conn = &mut *town.registry.store.conn().unwrap();
        batch::actor(conn, &row).unwrap()
    });
    let wanted = Wanted {
        record: id(record),
        kind: ChangeKind::Suspension,
        reason: &format!("{name}提出异议"),
        document_number: "渝人社止〔2026〕77号",
    };
    let suspension = change::propose(&town.registry, &proposer, wanted).unwrap();
    let digest = town.batch(&suspension).digest;
    batch::reject(
        &town.registry,
        &approver,
        &suspension,
        &digest,
        &format!("{name}的异议不成立"),
    )
    .unwrap();
    let withdrawal = propose(town, record, Cause::Court).unwrap();
    let digest = town.batch(&withdrawal).digest;
    batch::reject(&town.registry, &approver, &withdrawal, &digest, "裁判未生效").unwrap();
}

/// The name in a listing, and what else no other listing has.
fn canaries(town: &Town, record: &Body) -> Vec<String> {
    let own = facts_of(record);
    let all = listings(&town.registry);
    let others = all
        .iter()
        .filter(|(_, other)| other.log_index != record.log_index);
    let others: Vec<String> = others.flat_map(|(_, other)| facts_of(other)).collect();
    // The demonstration's responsible persons are one invented name.
    let canaries: Vec<String> = own.into_iter().filter(|text| !others.contains(text)).collect();
    assert!(canaries.len() >= 3, "{canaries:?}");
    canaries
}

fn facts_of(record: &Body) -> Vec<String> {
    let facts = credential::read(&record.bytes).unwrap().facts().unwrap();
    let Subject::Blacklist(facts) = facts else {
        panic!("a listing")
    };
    let mut canaries = vec![
        facts.employer.name.to_string(),
        facts.document_number.to_string(),
        facts.pay_order.number.to_string(),
    ];
    canaries.extend(facts.responsible_persons.iter().map(ToString::to_string));
    canaries
}

fn no_role_reads_on(database: Option<&str>) {
    let town = Town::new("officers", database);
    let (whom, record) = listings(&town.registry).remove(0);
    let canaries = canaries(&town, &record);
    turned_down(&town, &record, &whom.name);
    let batch = propose(&town, &record, Cause::Correction).unwrap();
    // Titles and items of all these batches have the old name; the register has another one since.
    rename(&town, &whom);
    let query = "%E6%94%B9%E5%90%8D";
    let paths = pages(&town, &record, query);
    let [proposer, _] = accounts(&town, &record);
    let mut officer = signed_in(&town, &proposer.login);
    let before = holding(&town, &mut officer, &paths, &canaries);
    let shows = |wanted: &str| before.iter().any(|path| path.starts_with(wanted));
    assert!(shows("/officer?") && shows(&format!("/officer/batches/{batch}/items/0")));
    assert!(
        before
            .iter()
            .any(|path| path.contains("query=") && path.contains("/batches/"))
    );
    let item = format!("/officer/batches/{batch}/items/0");
    let page = officer
        .get(&town.url(&format!("{item}?lang=zh")))
        .text()
        .to_owned();
    let case = erased(&town.registry, &record);
    assert!(case.is_none() && page.contains("停止展示的事由发生日") && page.contains("名单案件"));

    release(&town, &record, &batch);
    let gone = erased(&town.registry, &record).unwrap();
    let officers = officers(&town);
    assert!(officers.len() >= 4, "{}", officers.len());
    let paths = pages(&town, &record, query);
    for account in &officers {
        let mut officer = signed_in(&town, &account.login);
        let after = holding(&town, &mut officer, &paths, &canaries);
        assert!(after.is_empty(), "{} reads {after:?}", account.login);
        // The new name finds no line that the old one stood in.
        for path in paths.iter().filter(|path| path.contains("query=")) {
            let found = officer.get(&town.url(path));
            let own = path.contains(&batch) || path.contains(record.batch_id.as_deref().unwrap());
            assert!(!own || path.contains("/items/") || !found.text().contains("<tbody>"));
        }
    }
    // Another password has ended the first session.
    let mut officer = signed_in(&town, &proposer.login);
    let page = officer.get(&town.url(&format!("{item}?lang=zh")));
    let page = page.text();
    for told in [
        "记录已撤回",
        "更正撤回",
        &gone.ended_on.to_string(),
        &gone.due_on.to_string(),
        gone.case_id.as_deref().unwrap(),
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let home = officer.get(&town.url("/officer"));
    let number = page
        .split("渝人社撤")
        .nth(1)
        .and_then(|rest| rest.split('号').next());
    let title = format!("更正撤回（渝人社撤{}号）", number.unwrap());
    assert!(home.text().contains(&title), "{title}");
    assert!(home.text().contains("中止：记录已撤回"));
}

/// A record that catch-up brought back belongs to no batch any more.
fn back_from_a_mirror(database: Option<&str>) {
    let town = Town::new("mirrored", database);
    let mut all = listings(&town.registry);
    let (other, other_record) = all.remove(0);
    let (whom, record) = all.remove(0);
    let canaries = canaries(&town, &record);
    let batch = propose(&town, &record, Cause::Correction).unwrap();
    rename(&town, &whom);
    {
        let conn = &mut *town.registry.store.conn().unwrap();
        let table = database.map_or("", |_| " ON body");
        for sql in [
            format!("DROP TRIGGER body_no_update{table}"),
            format!(
                "UPDATE body SET batch_id = NULL WHERE log_index = {}",
                record.log_index
            ),
        ] {
            sql_query(sql).execute(conn).unwrap();
        }
    }
    release(&town, &record, &batch);
    let gone = erased(&town.registry, &record).unwrap();
    assert_eq!(gone.origin_batch, None);
    let [proposer, _] = accounts(&town, &record);
    let mut officer = signed_in(&town, &proposer.login);
    let paths = pages(&town, &record, "A");
    let after = holding(&town, &mut officer, &paths, &canaries);
    assert!(after.is_empty(), "{after:?}");
    // Others of the same kind are shown as before.
    let batch = other_record.batch_id.unwrap();
    let page = officer.get(&town.url(&format!("/officer/batches/{batch}")));
    assert!(page.text().contains(&other.name));
}
