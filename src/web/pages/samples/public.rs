//! Samples of what the public and an employer see.

use super::{Stage, Who};
use crate::web::i18n::Lang;
use crate::web::pages::employer::{Blacklist, EmployerPage, Verdict, YearRow, objection, unsaid};
use crate::web::pages::error::{ErrorKind, ErrorPage};
use crate::web::pages::home::{Hit, HomePage, Refused, Results};
use crate::web::pages::parts::{
    AxisRow, Badge, Choice, Fact, Figure, GradeMark, Link, Pager, RuleOutcome, Span, Tone, TraceRow,
};
use crate::web::pages::sign_in::{SignInNotice, SignInPage};
use crate::web::pages::trust::TrustPage;
use crate::web::pages::verify::{TrustFacts, VerifyPage};
use crate::web::render::RenderError;

const AUTHORITY: &str = "江北区人力资源和社会保障局";
const NAMES: [(&str, &str, &str, char); 8] = [
    ("重庆江湾建材有限公司", "91500105MA5U2K8X3L", "江北区", 'A'),
    (
        "重庆江湾建材有限公司渝中分公司",
        "91500103MA60B7Q52K",
        "渝中区",
        '-',
    ),
    ("重庆大江湾物业服务有限公司", "91500105MA5YQ3LH9P", "江北区", 'A'),
    ("重庆江湾里餐饮管理有限公司", "91500112MA5UEX7C1N", "渝北区", '-'),
    (
        "重庆铜锣江湾装饰工程有限公司",
        "91500108MA60KTY08R",
        "南岸区",
        'L',
    ),
    (
        "江湾老灶火锅店（个体工商户）",
        "92500103MA5XJ1UG42",
        "渝中区",
        '-',
    ),
    (
        "重庆江湾港机械制造有限公司",
        "91500107MA5U9D2F6A",
        "九龙坡区",
        'A',
    ),
    (
        "重庆新江湾人力资源服务有限公司",
        "91500106MA61QPWT75",
        "沙坪坝区",
        'A',
    ),
];

pub(super) fn show(stage: &mut Stage<'_>) -> Result<(), RenderError> {
    let lang = stage.lang;
    stage.show(
        "home",
        Who::Nobody,
        &HomePage::fresh(lang, regions(lang), figures(lang)),
    )?;
    stage.show("results", Who::Nobody, &results(lang, "江湾", &NAMES, 57))?;
    stage.show("nothing", Who::Nobody, &results(lang, "嘉陵江畔造船", &[], 0))?;
    let refused = Refused::CheckDigit {
        expected: 'L',
        found: '1',
    };
    let page = HomePage::refused(lang, "91500105MA5U2K8X31", regions(lang), &refused);
    stage.show("wrong-digit", Who::Nobody, &page)?;
    stage.show("employer", Who::Nobody, &employer(lang))?;
    stage.show("employer-none", Who::Nobody, &unpublished(lang))?;
    stage.show("employer-listed", Who::Nobody, &listed(lang))?;
    stage.show("employer-own", Who::Employer, &own(lang))?;
    stage.show("verify", Who::Nobody, &verify(lang).unwrap())?;
    stage.show("trust", Who::Nobody, &TrustPage::new(lang, &trust()))?;
    let sign_in = |account: &str, notice| {
        SignInPage::new(
            lang,
            "sample".to_owned(),
            "/officer".to_owned(),
            account.to_owned(),
            notice,
        )
    };
    stage.show("sign-in", Who::Nobody, &sign_in("", Some(SignInNotice::Needed)))?;
    stage.show(
        "sign-in-failed",
        Who::Nobody,
        &sign_in("jb-zhou", Some(SignInNotice::Failed)),
    )?;
    let request = || Some("5f0c2e7a-3b61".to_owned());
    stage.show(
        "error-404",
        Who::Nobody,
        &ErrorPage::new(lang, ErrorKind::NotFound, request()),
    )?;
    stage.show(
        "error-403",
        Who::Officer,
        &ErrorPage::new(lang, ErrorKind::Forbidden, request()),
    )?;
    stage.show(
        "error-500",
        Who::Nobody,
        &ErrorPage::new(lang, ErrorKind::Server, request()),
    )?;
    let mut invalid = ErrorPage::new(lang, ErrorKind::Invalid, None);
    invalid.errors.push(Link::new(
        "#reason",
        lang.text().batch.reason_missing,
        "arrow",
        false,
    ));
    stage.show("error-422", Who::Officer, &invalid)
}

fn regions(lang: Lang) -> Vec<Choice> {
    let mut regions = vec![Choice::new("", lang.text().words.all_regions, "")];
    for (code, name) in [("500103", "渝中区"), ("500105", "江北区"), ("500112", "渝北区")] {
        regions.push(Choice::new(code, name, ""));
    }
    regions
}

fn figures(lang: Lang) -> Vec<Figure> {
    let home = &lang.text().home;
    let figure = |label: &str, value: &str, note: &str| Figure {
        label: label.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
    };
    vec![
        figure(
            home.figure_a,
            "4,467",
            &home.figure_a_note.replace("{year}", "2025"),
        ),
        figure(home.figure_listed, "6", home.figure_listed_note),
        figure(home.figure_log, "11,527", home.figure_log_note),
        figure(home.figure_as_of, "2026-11-22", "09:00"),
    ]
}

fn results(lang: Lang, query: &str, found: &[(&str, &str, &str, char)], total: u64) -> HomePage {
    let items = found
        .iter()
        .map(|(name, code, division, state)| {
            let mut badges = vec![match state {
                'A' => Badge::grade_of_year(lang, 2025, 'A'),
                _ => Badge::grade(lang, '-'),
            }];
            if *state == 'L' {
                badges.push(Badge::new(Tone::C, lang.text().grades.listed));
            }
            Hit {
                url: format!("/employers/{code}"),
                name: Span::marked(name, query),
                code: Span::marked(code, query),
                meta: vec![(*division).to_owned(), "企业".to_owned(), "制造业".to_owned()],
                badges,
            }
        })
        .collect();
    let mut pager = Pager::new(lang, 1, 20, total);
    pager.next = Some("/?query=%E6%B1%9F%E6%B9%BE&after=abc".to_owned());
    HomePage::found(
        lang,
        query,
        regions(lang),
        Results::new(lang, query, total, items, pager),
    )
}

fn year(lang: Lang, year: &str, letter: char, published_on: &str, state: &str) -> YearRow {
    let published = letter != '-';
    let or_dash = |text: &str| {
        if published {
            text.to_owned()
        } else {
            "—".to_owned()
        }
    };
    YearRow {
        year: year.to_owned(),
        grade: Badge::grade(lang, letter),
        authority: or_dash("江北区人社局"),
        published_on: or_dash(published_on),
        state: or_dash(state),
    }
}

fn facts(lang: Lang) -> Vec<Fact> {
    let words = &lang.text().words;
    vec![
        Fact::new(words.kind, "企业"),
        Fact::new(words.division, "重庆市江北区"),
        Fact::new(words.industry, "F 批发和零售业"),
    ]
}

fn employer(lang: Lang) -> EmployerPage {
    let t = lang.text();
    let (unsaid_heading, unsaid_lead, unsaid) = unsaid(lang, true);
    EmployerPage {
        name: "重庆江湾建材有限公司".to_owned(),
        code_label: t.words.code.to_owned(),
        code: "91500105MA5U2K8X3L".to_owned(),
        division: "江北区".to_owned(),
        grade: GradeMark::new(lang, 'A'),
        badges: vec![
            Badge::grade_of_year(lang, 2025, 'A'),
            Badge::new(Tone::None, t.grades.not_listed),
            Badge::new(Tone::A, t.grades.years_in_a.replace("{n}", "2")),
        ],
        downloads: vec![
            Link::new("/records/1/bundle", t.employer.download_bundle, "download", true),
            Link::new("/records/1", t.employer.download_record, "file", false),
        ],
        verdict: Verdict::in_force(lang, "重庆市人力资源和社会保障局", "4,821"),
        years: vec![
            year(lang, "2025", 'A', "2026-09-28", t.employer.state_current),
            year(lang, "2024", 'A', "2025-09-26", t.employer.state_replaced),
            year(lang, "2023", '-', "", ""),
        ],
        basis: vec![
            Fact::new(
                t.employer.rule_set,
                "企业劳动保障守法诚信等级评价办法（cn-500000 · 2020.3）",
            ),
            Fact::new(t.employer.period, "2025-01-01 — 2025-12-31"),
            Fact::new(t.employer.document, "渝江北人社诚信〔2026〕0412 号"),
            Fact::new(t.employer.decided_on, "2026-09-18"),
            Fact::new(t.employer.decided_by, AUTHORITY),
        ],
        trace: vec![TraceRow::new(
            lang,
            "A",
            'A',
            "遵守劳动保障法律法规，未因劳动保障违法行为被查处。",
            RuleOutcome::Met,
        )],
        blacklist: Blacklist::not_listed(lang),
        unsaid_heading,
        unsaid_lead,
        unsaid,
        axes: axes(lang),
        objection: objection(lang, Some((15, "2026-10-26"))),
        facts: facts(lang),
        as_of: t.words.as_of.replace("{time}", "2026-11-22 09:00"),
        personal: false,
    }
}

fn axes(lang: Lang) -> Vec<AxisRow> {
    let t = lang.text();
    let holds = |name, detail: &str| AxisRow::new(Tone::Good, name, t.states.holds, detail);
    vec![
        holds(t.axes.signature, "Ed25519 · 2026-09-28"),
        holds(t.axes.issuer_key, "did:web:registry.example#issuer-1"),
        holds(t.axes.logged, "4,821 / 11,527"),
        AxisRow::new(Tone::None, t.axes.witnessed, t.states.not_required, "quorum none"),
        holds(t.axes.status, "2026-11-22 08:52"),
    ]
}

fn unpublished(lang: Lang) -> EmployerPage {
    let (unsaid_heading, unsaid_lead, unsaid) = unsaid(lang, false);
    EmployerPage {
        name: "重庆江湾里餐饮管理有限公司".to_owned(),
        code: "91500112MA5UEX7C1N".to_owned(),
        division: "渝北区".to_owned(),
        grade: GradeMark::new(lang, '-'),
        badges: vec![Badge::new(Tone::None, lang.text().grades.not_listed)],
        downloads: Vec::new(),
        verdict: Verdict::unpublished(lang),
        years: Vec::new(),
        basis: Vec::new(),
        trace: Vec::new(),
        unsaid_heading,
        unsaid_lead,
        unsaid,
        axes: Vec::new(),
        objection: objection(lang, None),
        ..employer(lang)
    }
}

fn listed(lang: Lang) -> EmployerPage {
    let t = lang.text();
    EmployerPage {
        name: "重庆铜锣江湾装饰工程有限公司".to_owned(),
        code: "91500108MA60KTY08R".to_owned(),
        division: "南岸区".to_owned(),
        badges: vec![Badge::new(Tone::C, t.grades.listed)],
        verdict: Verdict::listed(lang, "2026-03-12"),
        blacklist: Blacklist::listed(
            lang,
            vec![
                Fact::new(t.employer.listed_on, "2026-03-12"),
                Fact::new(t.employer.limb, "拖欠十名以上农民工工资，数额达到认定标准"),
                Fact::new(t.employer.amount, "42 人 · 1,286,400.00 元"),
                Fact::new(t.employer.decided_by, "南岸区人力资源和社会保障局"),
                Fact::new(t.employer.document, "渝南岸人社失信〔2026〕003 号"),
                Fact::new(t.employer.expires_on, "2029-03-12"),
                Fact::new(t.employer.earliest_removal, "2026-10-08 / 2027-03-12"),
            ],
        ),
        ..unpublished(lang)
    }
}

fn own(lang: Lang) -> EmployerPage {
    let text = "评价期间曾因劳动保障违法行为被查处，但没有 C 级情形。";
    EmployerPage {
        name: "重庆观音桥餐饮管理有限公司".to_owned(),
        grade: GradeMark::new(lang, 'B'),
        badges: vec![Badge::grade_of_year(lang, 2025, 'B')],
        verdict: Verdict::own_only(lang),
        years: vec![year(
            lang,
            "2025",
            'B',
            "2026-09-28",
            lang.text().employer.state_current,
        )],
        trace: vec![
            TraceRow::new(lang, "B", 'B', text, RuleOutcome::Met)
                .with_evidence(lang, &["E-2025-00412"])
                .with_source("人社部规〔2016〕1号 第七条"),
        ],
        ..employer(lang)
    }
}

fn trust() -> TrustFacts<'static> {
    TrustFacts {
        did: "did:web:registry.example",
        log_origin: "registry.example/log",
        threshold: (2, 3),
        quorum: None,
        valid_until: "2031-12-31",
    }
}

fn verify(lang: Lang) -> Result<VerifyPage, serde_json::Error> {
    let json = std::env::var("CHENGXIN_SAMPLE_TRUST").unwrap_or_else(|_| "{}".to_owned());
    VerifyPage::new(lang, json, &trust())
}
