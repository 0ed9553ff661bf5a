//! Statements over HTTP: from whose tree, about whom, and that they verify offline.

use actix_web::http::Method;

use super::fixture::{A, B, C, NONE, ODD, OLD, code, world};
use super::{As, Reply, ask, get, get_as};
use crate::record::current::Holding;
use crate::record::digest::Digest;
use crate::registry::snapshot::{AUDIENCES, rebuild};
use crate::registry::trust::TrustFiles;
use crate::store::log::body;
use crate::verify::statement::{Statement, StatementVerdict};
use crate::verify::{Options, Outcome, Trust, check_statement};

fn path(whom: &str) -> String {
    format!("/api/v1/employers/{whom}/statement")
}

#[track_caller]
fn verdict(reply: &Reply) -> StatementVerdict {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let registry = &world().app.registry;
    let files = TrustFiles::read(&registry.data.as_ref().unwrap().trust()).unwrap();
    let trust = Trust::parse(files.policy.as_bytes(), files.issuer.as_bytes()).unwrap();
    let options = Options {
        // The fixture's key document is older than its snapshot.
        max_age: chrono::TimeDelta::days(90),
        ..Options::at(registry.clock.now())
    };
    let verdict = check_statement(&reply.body, &trust, &options).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Accepted, "{verdict:?}");
    verdict
}

fn held(reply: &Reply) -> usize {
    verdict(reply).says.unwrap().digests.len()
}

#[actix_web::test]
async fn everybody_is_answered_from_their_own_tree() {
    for (id, public, partner) in [(A, 1, 1), (B, 0, 1), (C, 0, 1), (NONE, 0, 0), (ODD, 0, 0)] {
        let path = path(&code(id));
        let (open, own, known) = (
            get(&path).await,
            get_as(As::OwnB, &path).await,
            get_as(As::Partner, &path).await,
        );
        assert_eq!((held(&open), held(&known)), (public, partner), "{id}");
        assert_eq!(
            own.body, open.body,
            "an employer gets no proof from the partners' tree"
        );
        assert_eq!(known.header("vary"), "Authorization, Cookie");
        assert_eq!(known.header("cache-control"), "no-store");
    }
    assert_eq!(OLD, 5);
    assert_eq!(held(&get(&path("reg:500105:500105000000017")).await), 0);
}

#[actix_web::test]
async fn nobody_need_be_registered_but_a_code_must_be_one() {
    let unknown = crate::domain::code::UnifiedCode::from_parts("91", "500105", "MA99999X").unwrap();
    assert_eq!(held(&get(&path(&unknown.to_string())).await), 0);
    let mistyped = format!(
        "{}{}",
        &code(A)[..17],
        if code(A).ends_with('0') { '1' } else { '0' }
    );
    assert_eq!(get(&path(&mistyped)).await.status, 400);
    assert_eq!(get(&path("reg:1:2")).await.status, 400);
    assert_eq!(get(&format!("{}?records=yes", path(&code(A)))).await.status, 400);
}

#[actix_web::test]
async fn the_same_snapshot_gives_the_same_bytes() {
    let (one, two) = (get(&path(&code(NONE))).await, get(&path(&code(NONE))).await);
    assert_eq!(one.body, two.body);
    let tag = one.header("etag").to_owned();
    let again = ask(Method::GET, &path(&code(NONE)), &[("if-none-match", &tag)]).await;
    assert_eq!(again.status, 304);
}

#[actix_web::test]
async fn records_come_along_when_asked_for() {
    let with = get_as(As::Partner, &format!("{}?records=true", path(&code(B)))).await;
    assert_eq!(held(&with), 1);
    let statement = Statement::parse(&with.body).unwrap();
    assert_eq!((statement.records.len(), statement.lists.len()), (1, 3));
    let public = get(&format!("{}?records=true", path(&code(B)))).await;
    assert!(Statement::parse(&public.body).unwrap().records.is_empty());
}

/// Every leaf and count that the public can see is of public records.
#[actix_web::test]
async fn a_public_proof_shows_no_partners_record() {
    let mut conn = world().app.registry.store.conn().unwrap();
    let hidden: Vec<Digest> = body::between(&mut conn, 0, 1000)
        .unwrap()
        .into_iter()
        .filter(|row| row.audience == "partners")
        .map(|row| Digest::of(&row.bytes))
        .collect();
    assert!(hidden.len() >= 2);
    for id in [A, B, C, NONE, ODD] {
        let reply = get(&path(&code(id))).await;
        let statement = Statement::parse(&reply.body).unwrap();
        for leaf in statement.answer.leaves() {
            let holding = Holding::decode(&leaf.data).unwrap();
            assert!(holding.digests.iter().all(|digest| !hidden.contains(digest)));
        }
        let snapshot = crate::record::snapshot::read_snapshot(&statement.snapshot.credential).unwrap();
        assert_eq!(snapshot.state.tree_size, 1, "only A has a public record");
    }
}

#[actix_web::test]
async fn both_snapshots_can_be_rebuilt() {
    for audience in AUDIENCES {
        let differing = rebuild::check_newest(&world().app.registry, audience).unwrap();
        assert_eq!(differing, Vec::<&str>::new());
    }
}
