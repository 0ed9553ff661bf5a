//! A registry with a few published grades, made by the use cases that officers call.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::domain::code::UnifiedCode;
use crate::domain::evidence::{Evidence, EvidenceId, EvidenceKind, SeriousMatter};
use crate::domain::ruleset::builtin;
use crate::record::credential::Host;
use crate::registry::account::{self, Holder};
use crate::registry::clock::StoryClock;
use crate::registry::data_dir::DataDir;
use crate::registry::init::{self, Plan};
use crate::registry::publish::{NoStops, Publisher};
use crate::registry::{Registry, assessment, batch, partner, release, session, snapshot};
use crate::store::authority::AuthorityRow;
use crate::store::campaign::{self, CampaignRow, ScopeRow};
use crate::store::employer::{self, EmployerRow};
use crate::store::log::{body, checkpoint};
use crate::store::{account as accounts, evidence};
use crate::web::render::Renderer;
use crate::web::state::App;

/// Who is in the register.
pub(super) const A: i64 = 1;
/// Graded B: for partners and itself.
pub(super) const B: i64 = 2;
/// Graded C: for partners and itself.
pub(super) const C: i64 = 3;
/// Not assessed.
pub(super) const NONE: i64 = 4;
/// Not assessed, without a unified code.
pub(super) const OLD: i64 = 5;
/// Not assessed, its code held under an override.
pub(super) const ODD: i64 = 6;
/// Not assessed, an individual business.
pub(super) const SHOP: i64 = 7;
const ALL: [i64; 7] = [A, B, C, NONE, OLD, ODD, SHOP];

pub(super) struct World {
    pub(super) app: Arc<App>,
    pub(super) folder: PathBuf,
    /// A partner's key.
    pub(super) key: String,
    /// A session of a person of employer B.
    pub(super) session: String,
}

/// The one world of these tests; nothing in it changes once it is made.
pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(make)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn make() -> World {
    let folder = std::env::temp_dir().join(format!("chengxin-api-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&folder));
    let clock = Arc::new(StoryClock::starting(at("2026-09-14T02:00:00Z")));
    let city = AuthorityRow {
        id: "500000".into(),
        name: "重庆市示例人力资源和社会保障局".into(),
        division: "500000".into(),
        document_prefix: "渝示例".into(),
    };
    let plan = Plan {
        data: DataDir::new(&folder),
        host: Host::parse("registry.example").unwrap(),
        database: None,
        authorities: vec![city],
        witnesses: None,
    };
    let registry = init::create(&plan, clock.clone()).unwrap();
    fill(&registry);
    clock.advance(at("2026-09-28T07:00:00Z"));
    grade(&registry);
    clock.advance(at("2026-10-09T01:00:00Z"));
    Publisher::open(&registry, &NoStops)
        .unwrap()
        .refresh_lists()
        .unwrap();
    snapshot::take(&registry, &NoStops).unwrap();
    let key = partner::add(&registry, "示例银行").unwrap();
    let own = account::create(&registry, &code(B), "乙经办", Holder::Employer { employer: B }).unwrap();
    let session = session::sign_in(&registry, &own.login, &own.password, "127.0.0.1")
        .unwrap()
        .token;
    let app = Arc::new(App::new(registry, Renderer::load().unwrap(), true));
    World {
        app,
        folder,
        key,
        session,
    }
}

/// The code of an employer that has one.
pub(super) fn code(id: i64) -> String {
    let kind = if id == SHOP { "92" } else { "91" };
    let good = UnifiedCode::from_parts(kind, "500105", &format!("MA0000{id}X"))
        .unwrap()
        .to_string();
    if id != ODD {
        return good;
    }
    let last = if good.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &good[..17])
}

pub(super) fn name(id: i64) -> String {
    format!(
        "重庆示例{}有限公司",
        ["", "甲", "乙", "丙", "丁", "戊", "己", "庚"][usize::try_from(id).unwrap()]
    )
}

fn fill(registry: &Registry) {
    let rows: Vec<EmployerRow> = ALL
        .into_iter()
        .map(|id| EmployerRow {
            id,
            code: (id != OLD).then(|| code(id)),
            registration: (id == OLD).then(|| "500105000000017".into()),
            division: "500105".into(),
            name: name(id),
            kind: if id == SHOP {
                "individual_business"
            } else {
                "enterprise"
            }
            .into(),
            industry: "E".into(),
            headcount: 40,
            registered_on: "2018-05-08".parse().unwrap(),
            code_override: None,
        })
        .collect();
    let mut conn = registry.store.conn().unwrap();
    employer::insert(&mut conn, &rows).unwrap();
    let campaign = CampaignRow {
        id: "2025".into(),
        authority_id: "500000".into(),
        review_year: 2025,
        opens_on: "2026-03-01".parse().unwrap(),
        closes_on: "2026-06-30".parse().unwrap(),
        population: "{}".into(),
        form_version: "1".into(),
        denominator: 3,
        state: "closed".into(),
    };
    campaign::insert(&mut conn, &campaign).unwrap();
    let scope = |id| ScopeRow {
        campaign_id: "2025".into(),
        employer_id: id,
        in_scope: [A, B, C].contains(&id),
        reason: String::new(),
    };
    campaign::insert_scope(&mut conn, &ALL.map(scope)).unwrap();
    let item = |id: &str, kind| Evidence {
        id: EvidenceId::new(id).unwrap(),
        kind,
        occurred_on: "2025-07-01".parse().unwrap(),
        decided_on: Some("2025-07-15".parse().unwrap()),
        document_number: None,
        case_number: None,
    };
    let facts = [
        (B, item("b", EvidenceKind::NonParticipation { review_year: 2025 })),
        (
            C,
            item(
                "c",
                EvidenceKind::SeriousViolation {
                    of: SeriousMatter::ChildLabour,
                },
            ),
        ),
    ];
    evidence::insert(&mut conn, &facts).unwrap();
}

fn grade(registry: &Registry) {
    let officer = |login: &str, roles: &str| {
        let holder = Holder::Officer {
            authority: "500000".into(),
            roles: roles.into(),
        };
        account::create(registry, login, login, holder).unwrap();
        let mut conn = registry.store.conn().unwrap();
        let row = accounts::by_login(&mut conn, login).unwrap().unwrap();
        batch::actor(&mut conn, &row).unwrap()
    };
    let (clerk, head) = (
        officer("li.shencha", "reviewer"),
        officer("wang.hezhun", "approver,publisher"),
    );
    let rules = builtin::find("cn-500000", "2020.3").unwrap();
    let id = assessment::propose(registry, &clerk, rules, "2025", 2025, &|_, _| ()).unwrap();
    let digest = crate::store::batch::find(&mut registry.store.conn().unwrap(), &id)
        .unwrap()
        .unwrap()
        .digest;
    batch::approve(registry, &head, &id, &digest, "同意").unwrap();
    release::publish(registry, &head, &id, &NoStops, &|_, _| ()).unwrap();
}

/// The record id of an employer's grade.
pub(super) fn record(id: i64) -> String {
    let mut conn = world().app.registry.store.conn().unwrap();
    let served = checkpoint::served_size(&mut conn).unwrap();
    let rows = body::of_employer(&mut conn, id, served).unwrap();
    uuid::Uuid::from_slice(rows[0].record_id.as_ref().unwrap())
        .unwrap()
        .to_string()
}
