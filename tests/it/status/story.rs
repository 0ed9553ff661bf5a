//! Records that are suspended, restored, corrected and downgraded: every surface tells the same before,
//! during and after, and nothing leads from what the public sees to what partners see.

use chengxin::domain::change::{ChangeKind, ChangeRefusal};
use chengxin::domain::code::UnifiedCode;
use chengxin::domain::evidence::{Evidence, EvidenceId, EvidenceKind, Matter, Outcome};
use chengxin::record::credential;
use chengxin::record::digest::Digest;
use chengxin::record::status::StatusPurpose;
use chengxin::registry::Registry;
use chengxin::registry::batch::{self, BatchError};
use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::log::change;
use chengxin::store::{batch as batches, evidence};
use diesel::{RunQueryDsl, sql_query};

use crate::support::http::Visitor;

use super::sequencer::bit;
use super::told::{Told, Town, id};

crate::on_both_databases!(suspended_and_restored, corrected, an_a_is_lost, a_b_becomes_a_c);

pub fn told(api: Option<&str>, verdict: &str, exit: i32) -> Told {
    Told {
        api: api.map(str::to_owned),
        verdict: verdict.to_owned(),
        exit,
    }
}

pub fn sound(town: &Town) {
    town.city.run(&["log", "fsck"]).ok();
}

/// Evidence of 2025 that the registry learns of now.
pub fn new_evidence(registry: &Registry, whom: &EmployerRow, kind: EvidenceKind) {
    let day = |text: &str| text.parse().unwrap();
    let row = Evidence {
        id: EvidenceId::new(format!("late-{}", whom.id)).unwrap(),
        kind,
        occurred_on: day("2025-05-06"),
        decided_on: Some(day("2025-06-05")),
        document_number: Some(format!("渝人社监罚〔2025〕{}号", 90_000 + whom.id)),
        case_number: None,
    };
    evidence::insert(&mut registry.store.conn().unwrap(), &[(whom.id, row)]).unwrap();
}

/// 201 characters.
const LONG: &str = concat!(
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十",
    "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一",
);

pub const PENALTY: EvidenceKind = EvidenceKind::Handled {
    outcome: Outcome::Penalty,
    matter: Matter::Wages,
};

/// Over the officers' own pages: proposed by one, not approved by the same, approved by another.
fn suspended_and_restored(database: Option<&str>) {
    let town = Town::new("suspended", database);
    let (whom, record) = town.graded("A", 0);
    let valid = told(Some("valid"), "clear", 0);
    assert_eq!(town.told(&whom, &record), valid);

    let mut officer = signed_in(&town, "li.shencha");
    let form = town.url(&format!("/officer/records/{}/change", id(&record)));
    let page = officer.get(&form);
    assert_eq!(page.status, 200);
    assert_eq!(offered(page.text()), ["correction", "downgrade", "suspension"]);
    let csrf = csrf(page.text());
    let fields = |reason: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("kind", "suspension".to_owned()),
            ("reason", reason.to_owned()),
            ("document", "渝人社异〔2026〕3号".to_owned()),
        ]
    };
    let mut post = |reason| {
        let fields = fields(reason);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        officer.post_form(&form, &fields)
    };
    let refused = post("  ");
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("请写明理由"));
    assert_eq!(post(LONG).status, 422, "what cannot be signed is not decided");
    let proposed = post("单位提出异议");
    assert_eq!(proposed.status, 303, "{}", proposed.text());
    let batch = proposed.header("location");
    let batch = batch
        .split('/')
        .next_back()
        .unwrap()
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(post("单位提出异议").status, 409, "one change at a time");
    let shown = officer.get(&town.url(&format!("/officer/batches/{batch}")));
    for word in ["中止", "单位提出异议", "渝人社异〔2026〕3号"] {
        assert!(shown.text().contains(word), "no {word}");
    }
    assert!(!shown.text().contains("按规则计算"), "a person proposed it");
    let mut approver = signed_in(&town, "wang.hezhun");
    let decide = approver.get(&town.url(&format!("/officer/batches/{batch}")));
    assert!(decide.text().contains("记录本身不变"));
    assert!(!decide.text().contains("全部记录将签名"));
    let form_of_another = approver.get(&form);
    assert!(form_of_another.text().contains("您的岗位不能提出变更"));
    assert_eq!(offered(form_of_another.text()), [""; 0]);
    let item = officer.get(&town.url(&format!("/officer/batches/{batch}/items/0")));
    assert_eq!(item.status, 200);
    assert!(item.text().contains("单位提出异议"));
    assert_eq!(town.told(&whom, &record), valid, "proposed, not decided");
    let row = batches::find(&mut town.registry.store.conn().unwrap(), &batch);
    let digest = row.unwrap().unwrap().digest;
    let alone = batch::approve(&town.registry, &town.actor("li.shencha"), &batch, &digest, "");
    assert!(matches!(alone, Err(BatchError::Refused(_))));

    let published = figures(officer.get(&town.url("/officer")).text())[2].clone();
    town.release(&batch);
    let now = figures(officer.get(&town.url("/officer")).text())[2].clone();
    assert_eq!(now, published, "a suspension brings out no record");
    assert_eq!(town.told(&whom, &record), told(Some("suspended"), "suspended", 1));
    let page = town.page(&whom);
    assert!(page.contains("暂不作为依据") && page.contains("class=\"grade none\""));
    for green in ["grade a", "badge a"] {
        assert!(!page.contains(&format!("class=\"{green}\"")), "{green}");
    }
    let name: String = whom.name.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let found = town.public(&format!("/?query={name}"));
    assert!(found.text().contains("A 级 · 已中止") && !found.text().contains("badge a"));
    assert_eq!(
        offered(officer.get(&form).text()),
        ["correction", "downgrade", "restoration"]
    );
    let again = town.propose(&record, ChangeKind::Suspension);
    assert!(matches!(again, Err(BatchError::Change(ChangeRefusal::Suspended))));

    town.release(&town.propose(&record, ChangeKind::Restoration).unwrap());
    assert_eq!(town.told(&whom, &record), valid);
    assert!(town.page(&whom).contains("class=\"grade a\""));
    sound(&town);
}

pub fn signed_in(town: &Town, login: &str) -> Visitor {
    let told = town.city.run(&["account", "password", login]).ok();
    let password = told.split("new password ").nth(1).unwrap();
    let password = password.split('（').next().unwrap().trim().to_owned();
    let mut visitor = Visitor::new();
    let page = visitor.get(&town.url("/sign-in"));
    let token = csrf(page.text());
    let fields = [
        ("csrf", token.as_str()),
        ("next", "/officer"),
        ("account", login),
        ("password", &password),
    ];
    let done = visitor.post_form(&town.url("/sign-in"), &fields);
    assert_eq!(done.status, 303, "{}", done.text());
    visitor
}

/// The figures of the officers' first page: theirs, others', published this year, to be taken down.
fn figures(page: &str) -> Vec<String> {
    let figures = page.split("</small><b>").skip(1);
    let figures = figures.filter_map(|rest| rest.split_once("</b>"));
    let figures: Vec<String> = figures.map(|(value, _)| value.to_owned()).collect();
    assert_eq!(figures.len(), 4, "{page}");
    figures
}

/// The kinds of change that a form offers.
fn offered(page: &str) -> Vec<&str> {
    let choices = page.split("name=\"kind\" value=\"").skip(1);
    let kinds = choices.filter_map(|rest| rest.split('"').next());
    // Withdrawals are offered beside them (`withdrawal::story`).
    kinds.filter(|kind| !kind.starts_with("withdraw-")).collect()
}

pub fn csrf(page: &str) -> String {
    let value = page.rsplit("name=\"csrf\" value=\"").next().unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// The register had a wrong name. A new record replaces the old one, in one step for readers.
fn corrected(database: Option<&str>) {
    let town = Town::new("corrected", database);
    let (whom, old) = town.graded("A", 0);
    let unchanged = town.propose(&old, ChangeKind::Correction);
    assert!(matches!(
        unchanged,
        Err(BatchError::Change(ChangeRefusal::Unchanged))
    ));
    let conn = &mut town.registry.store.conn().unwrap();
    sql_query(format!(
        "UPDATE employer SET name = '重庆更名有限公司' WHERE id = {}",
        whom.id
    ))
    .execute(conn)
    .unwrap();
    let batch = town.propose(&old, ChangeKind::Correction).unwrap();
    assert_eq!(town.told(&whom, &old), told(Some("valid"), "clear", 0));
    town.release(&batch);

    let records = town.records(whom.id);
    let [first, new] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(first.bytes, old.bytes, "nothing published is edited");
    assert_eq!(town.told(&whom, &old), told(Some("superseded"), "replaced", 1));
    assert_eq!(town.told(&whom, new), told(Some("valid"), "clear", 0));
    let record = credential::read(&new.bytes).unwrap();
    let named = record.proof.document().object("supersedes").unwrap();
    let digest = named.get("digestMultibase").and_then(|raw| raw.plain()).unwrap();
    assert_eq!(digest, Digest::of(&old.bytes).multibase());
    let latest = town.public(&format!("/records/{}/latest", id(&old)));
    assert_eq!(latest.body, new.bytes);
    assert_eq!(latest.header("content-location"), format!("/records/{}", id(new)));
    assert!(String::from_utf8_lossy(&new.bytes).contains("\"reason\":\"复核发现 有误\""));
    let page = town.page(&whom);
    assert!(page.contains("重庆更名有限公司") && page.contains("已由新记录替代"));

    // No checkpoint that readers were served covers one of the two and not the other.
    let carried = change::of_record(conn, old.log_index).unwrap();
    let [carried] = &carried[..] else {
        panic!("{carried:?}")
    };
    let heads = chengxin::store::log::checkpoint::served_sizes(conn).unwrap();
    let first_over = |index: i64| heads.iter().find(|size| **size > index);
    assert_eq!(
        first_over(new.log_index),
        first_over(carried.version_index.unwrap())
    );
    let again = town.propose(&old, ChangeKind::Suspension);
    assert!(matches!(again, Err(BatchError::Change(ChangeRefusal::Replaced))));
    sound(&town);
}

/// An A becomes a B: withdrawn for the public, who learn no more; partners get the new record with the
/// day's end, and it names nothing that the public sees.
fn an_a_is_lost(database: Option<&str>) {
    let town = Town::new("lost", database);
    let (whom, old) = town.graded("A", 0);
    let stranger = never_assessed(&town, &whom);
    let same = town.propose(&old, ChangeKind::Downgrade);
    assert!(matches!(
        same,
        Err(BatchError::Change(ChangeRefusal::NotLower { .. }))
    ));
    new_evidence(&town.registry, &whom, PENALTY);
    let batch = town.propose(&old, ChangeKind::Downgrade).unwrap();
    assert_eq!(town.told(&whom, &old), told(Some("valid"), "clear", 0));
    town.release(&batch);

    let gone = told(None, "revoked", 1);
    assert_eq!(town.told(&whom, &old), gone);
    let ended = |grade: &str, year| {
        let conn = &mut town.registry.store.conn().unwrap();
        change::count_ended(conn, i64::MAX, "IntegrityGrade", grade, year).unwrap()
    };
    assert_eq!(ended("A", Some(2025)), 1);
    assert_eq!(ended("A", None), 1);
    assert_eq!((ended("A", Some(2024)), ended("B", Some(2025))), (0, 0));
    assert_eq!(town.records(whom.id).len(), 1, "the new record waits");
    let mut officer = signed_in(&town, "li.shencha");
    let told_of = town.url(&format!("/officer/batches/{batch}"));
    let page = officer.get(&told_of);
    assert!(page.text().contains("新记录尚未公布") && page.text().contains("按规则重新计算"));
    looks_never_assessed(&town, &whom, &stranger);
    town.city.run(&["publish"]).ok();
    assert_eq!(town.records(whom.id).len(), 1, "it is not the day's end");
    assert!(matches!(
        town.propose(&old, ChangeKind::Suspension),
        Err(BatchError::Change(ChangeRefusal::Revoked))
    ));

    town.city.run(&["publish", "--waiting"]).ok();
    assert!(!officer.get(&told_of).text().contains("新记录尚未公布"));
    let records = town.records(whom.id);
    let [_, new] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(
        (new.audience.as_str(), new.outcome.as_deref()),
        ("partners", Some("B"))
    );
    assert!(!String::from_utf8_lossy(&new.bytes).contains("supersedes"));
    assert!(!bit(&town.registry, old.log_index, StatusPurpose::Refresh));
    assert_eq!(town.told(&whom, &old), gone);
    assert_eq!(town.told(&whom, new), told(Some("valid"), "clear", 0));
    looks_never_assessed(&town, &whom, &stranger);
    assert_eq!(town.public(&format!("/records/{}", id(new))).status, 404);
    let latest = format!("/records/{}/latest", id(&old));
    assert_eq!(
        town.public(&latest).body,
        old.bytes,
        "its own withdrawn record, and no other"
    );
    assert_eq!(town.partner(&latest).body, new.bytes);
    town.city.run(&["publish", "--waiting"]).ok();
    assert_eq!(town.records(whom.id).len(), 2, "once");
    sound(&town);
}

/// An employer of the same place and kind that was never assessed.
pub fn never_assessed(town: &Town, like: &EmployerRow) -> EmployerRow {
    let conn = &mut town.registry.store.conn().unwrap();
    let own = usize::try_from(like.id).unwrap();
    let code = UnifiedCode::from_parts("91", "500105", &format!("MA0Y{:04}", own % 10_000)).unwrap();
    // As long as the other's name, for the bytes to be comparable; its last character is nobody else's, so that
    // no name is part of another and a search finds one alone.
    let own_character = char::from_u32(0x8000 + u32::try_from(own % 4000).unwrap()).unwrap();
    let name: String = "未评价单位样本有限责任公司名称占位用字若干以足长度"
        .chars()
        .cycle()
        .take(like.name.chars().count() - 1)
        .chain([own_character])
        .collect();
    let row = EmployerRow {
        id: 9_000_000 + like.id,
        code: Some(code.as_str().to_owned()),
        name,
        ..like.clone()
    };
    employer::insert(conn, std::slice::from_ref(&row)).unwrap();
    row
}

/// Byte for byte what the public gets of an employer never assessed, but for name and code.
#[track_caller]
fn looks_never_assessed(town: &Town, whom: &EmployerRow, other: &EmployerRow) {
    let (code, name) = (whom.code.as_deref().unwrap(), whom.name.as_str());
    let (other_code, other_name) = (other.code.as_deref().unwrap(), other.name.as_str());
    for path in [
        "/employers/{}",
        "/employers/{}?lang=en",
        "/api/v1/employers/{}",
        "/api/v1/employers?query={}",
    ] {
        let of = |code: &str| town.public(&path.replace("{}", code)).text().to_owned();
        let seen = of(code).replace(code, other_code).replace(name, other_name);
        let expected = of(other_code);
        assert!(expected.contains(other_name), "{path}");
        assert_eq!(seen, expected, "{path}");
    }
}

/// Partners alone see either: the new record, and the old one's bit, come together with the day's end.
fn a_b_becomes_a_c(database: Option<&str>) {
    let town = Town::new("worse", database);
    let (whom, old) = town.graded("B", 0);
    let before = town.page(&whom);
    new_evidence(&town.registry, &whom, EvidenceKind::Obstruction);
    town.release(&town.propose(&old, ChangeKind::Downgrade).unwrap());
    assert_eq!(
        town.told(&whom, &old),
        told(Some("valid"), "clear", 0),
        "it waits"
    );
    assert!(matches!(
        town.propose(&old, ChangeKind::Suspension),
        Err(BatchError::Already(_))
    ));
    town.city.run(&["publish", "--waiting"]).ok();
    let records = town.records(whom.id);
    let [_, new] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(town.told(&whom, &old), told(Some("superseded"), "replaced", 1));
    assert_eq!(town.told(&whom, new), told(Some("valid"), "clear", 0));
    assert!(String::from_utf8_lossy(&new.bytes).contains("supersedes"));
    let without_time = |page: &str| page.split("asof").next().unwrap().to_owned();
    assert_eq!(without_time(&town.page(&whom)), without_time(&before));
    sound(&town);
}
