//! Samples of what officers see.

use super::{Stage, Who};
use crate::domain::change::ChangeKind;
use crate::domain::withdrawal::Cause;
use crate::web::i18n::Lang;
use crate::web::pages::batch::{
    BatchPage, Case, Decision, ItemRow, MayNot, Progress, Publication, Says, Step, Totals, next_actor,
};
use crate::web::pages::batch_item::{BatchItemPage, EvidenceRow, conclusion, listing_conclusion};
use crate::web::pages::officer_home::{BatchRow, OfficerHomePage};
use crate::web::pages::parts::{
    Badge, Choice, Fact, Figure, GradeMark, Link, Notice, Pager, RuleOutcome, Tone, TraceRow,
};
use crate::web::pages::record_change::{KindChoice, Offered, RecordChangePage};
use crate::web::render::RenderError;

const AUTHORITY: &str = "重庆市人力资源和社会保障局";
const BATCH: &str = "/officer/batches/2025-1";
const TITLE: &str = "2025 年度劳动保障守法诚信等级评价";
const COUNTS: [(char, u64); 3] = [('A', 4467), ('B', 6936), ('C', 94)];
const ITEMS: [(&str, &str, &str, char, &str); 8] = [
    (
        "重庆江湾建材有限公司",
        "91500105MA5U2K8X3L",
        "江北区",
        'A',
        "A 未被查处",
    ),
    (
        "重庆观音桥餐饮管理有限公司",
        "91500105MA5YQ3LH9P",
        "江北区",
        'B',
        "B 被查处 1 次",
    ),
    (
        "重庆铜锣江湾装饰工程有限公司",
        "91500108MA60KTY08R",
        "南岸区",
        'C',
        "C1 被查处 3 次",
    ),
    (
        "江湾老灶火锅店（个体工商户）",
        "92500103MA5XJ1UG42",
        "渝中区",
        'B',
        "L1 未参加年审",
    ),
    (
        "重庆缙云山电子元件厂",
        "91500109MA5U77HA0W",
        "北碚区",
        'C',
        "C3 使用童工",
    ),
    (
        "重庆新江湾人力资源服务有限公司",
        "91500106MA61QPWT75",
        "沙坪坝区",
        'A',
        "A 未被查处",
    ),
    (
        "重庆江湾港机械制造有限公司",
        "91500107MA5U9D2F6A",
        "九龙坡区",
        'A',
        "A 未被查处",
    ),
    (
        "重庆大江湾物业服务有限公司",
        "91500112MA5UEX7C1N",
        "渝北区",
        'B',
        "L1 未参加年审",
    ),
];

pub(super) fn show(stage: &mut Stage<'_>) -> Result<(), RenderError> {
    let lang = stage.lang;
    stage.show("office", Who::Officer, &home(lang))?;
    let empty = OfficerHomePage::new(lang, AUTHORITY, "周明远", "审批人");
    stage.show("office-empty", Who::Officer, &empty)?;
    stage.show("batch", Who::Officer, &batch(lang, None))?;
    stage.show(
        "batch-proposer",
        Who::Officer,
        &batch(lang, Some(&MayNot::Proposer)),
    )?;
    stage.show("batch-error", Who::Officer, &without_reason(lang))?;
    stage.show("batch-approved", Who::Officer, &approved(lang))?;
    stage.show("batch-single", Who::Officer, &single(lang))?;
    stage.show("batch-item", Who::Officer, &item(lang))?;
    stage.show("record-change", Who::Officer, &change(lang, None))?;
    let refused = Notice::new(
        Tone::Warn,
        lang.text().change.not_taken,
        lang.text().change.not_lower,
    );
    stage.show("record-change-error", Who::Officer, &change(lang, Some(refused)))
}

fn change(lang: Lang, notice: Option<Notice>) -> RecordChangePage {
    let words = &lang.text().employer;
    RecordChangePage {
        name: "重庆江湾建材有限公司".to_owned(),
        employer_url: "/employers/91500105MA5U2K8X3L".to_owned(),
        record: Badge::grade_of_year(lang, 2025, 'A'),
        state: Badge::new(Tone::Good, words.state_current),
        facts: vec![
            Fact::new(words.document, "渝人社诚信〔2026〕00417号"),
            Fact::new(words.decided_by, AUTHORITY),
            Fact::new(words.decided_on, "2026-09-28"),
        ],
        kinds: KindChoice::of(
            lang,
            &Offered {
                kinds: vec![
                    ChangeKind::Correction,
                    ChangeKind::Downgrade,
                    ChangeKind::Suspension,
                ],
                causes: vec![Cause::Correction, Cause::Court],
            },
            if notice.is_some() { "downgrade" } else { "" },
        ),
        why_not: None,
        reason: notice
            .as_ref()
            .map_or_else(String::new, |_| "复查发现".to_owned()),
        document: String::new(),
        notice,
        url: "/officer/records/0f0e1d2c-3b4a-4958-8776-655443322110/change".to_owned(),
        csrf: "sample".to_owned(),
    }
}

fn row(lang: Lang, state: Badge, next: &str) -> BatchRow {
    BatchRow {
        url: BATCH.to_owned(),
        title: TITLE.to_owned(),
        authority: AUTHORITY.to_owned(),
        proposed_by: "陈立".to_owned(),
        proposed_on: "2026-09-16 10:24".to_owned(),
        items: "11,497".to_owned(),
        totals: COUNTS
            .iter()
            .map(|(letter, count)| Badge::grade_count(lang, *letter, *count))
            .collect(),
        state,
        next: next.to_owned(),
    }
}

fn home(lang: Lang) -> OfficerHomePage {
    let t = lang.text();
    let mut page = OfficerHomePage::new(lang, AUTHORITY, "周明远", "审批人");
    let figure = |label: &str, value: &str, note: &str| Figure {
        label: label.to_owned(),
        value: value.to_owned(),
        note: note.to_owned(),
    };
    page.figures = vec![
        figure(t.office.figure_mine, "1", t.office.figure_batches),
        figure(t.office.figure_waiting, "1", t.office.figure_batches),
        figure(
            t.office.figure_published,
            "11,503",
            t.office.figure_published_note,
        ),
    ];
    let waiting = Badge::new(Tone::Warn, t.batch.state_proposed);
    page.pending = vec![
        row(lang, waiting.clone(), t.office.next_you),
        BatchRow {
            title: "失信名单列入决定（2026 年第 3 批）".to_owned(),
            items: "6".to_owned(),
            proposed_by: "周明远".to_owned(),
            totals: Vec::new(),
            ..row(lang, waiting, t.office.next_other)
        },
    ];
    let published = Badge::new(Tone::Good, t.batch.state_published);
    page.decided = vec![BatchRow {
        title: "2024 年度劳动保障守法诚信等级评价".to_owned(),
        ..row(lang, published, t.office.next_done)
    }];
    page
}

fn batch(lang: Lang, may_not: Option<&MayNot>) -> BatchPage {
    let t = lang.text();
    let totals = Totals::of_grades(lang, COUNTS);
    let mut grades = vec![Choice::new("", t.words.all_grades, "")];
    grades.extend(["A", "B", "C"].map(|letter| Choice::new(letter, letter, "")));
    let mut pager = Pager::new(lang, 1, 50, 11497);
    pager.next = Some(format!("{BATCH}?page=2#items"));
    BatchPage {
        title: TITLE.to_owned(),
        state: Badge::new(Tone::Warn, t.batch.state_proposed),
        steps: vec![
            Step::new(Progress::Done, t.batch.step_computed, "cn-500000 · 2020.3"),
            Step::new(Progress::Done, t.batch.step_proposed, "陈立 · 2026-09-16 10:24"),
            Step::new(Progress::Current, t.batch.step_approved, t.batch.waiting),
            Step::new(Progress::Ahead, t.batch.step_published, ""),
        ],
        notice: None,
        single: false,
        case: None,
        totals,
        facts: vec![
            Fact::new(t.batch.authority, AUTHORITY),
            Fact::new(t.batch.proposer, "陈立"),
            Fact::new(t.batch.rule_set, "cn-500000 · 2020.3"),
            Fact::new(t.batch.digest, "9f41 c07a 55e2 18bd … 0c3e"),
        ],
        next_actor: next_actor(lang, AUTHORITY, &["周明远", "何静"]),
        why_not: may_not.map(|reason| reason.notice(lang)),
        decision: may_not
            .is_none()
            .then(|| Decision::new(lang, BATCH, "sample", "9f41c07a", 11497)),
        publication: None,
        query: String::new(),
        grades,
        divisions: vec![Choice::new("", t.words.all_regions, "")],
        items: items(lang),
        pager,
    }
}

fn items(lang: Lang) -> Vec<ItemRow> {
    ITEMS
        .iter()
        .map(|(name, code, division, letter, because)| ItemRow {
            url: format!("{BATCH}/items/{code}"),
            name: (*name).to_owned(),
            code: (*code).to_owned(),
            division: (*division).to_owned(),
            grade: Badge::grade(lang, *letter),
            because: (*because).to_owned(),
            open_label: lang.text().batch.open_of.replace("{name}", name),
        })
        .collect()
}

/// One case, to which neither a distribution nor a filter says anything.
fn single(lang: Lang) -> BatchPage {
    let words = lang.text();
    let item = BatchItemPage {
        grade: None,
        conclusion: listing_conclusion(lang, &["二"]),
        ..item(lang)
    };
    let links = vec![
        Link::new(format!("{BATCH}/items/0"), words.batch.open_case, "file", true),
        Link::new("/records/0f0e3b54", words.change.record, "shield", false),
        Link::new(
            "/employers/91500108MA60KTY08R",
            words.batch.open_employer,
            "arrow",
            false,
        ),
    ];
    BatchPage {
        title: "列入失信名单：重庆铜锣江湾装饰工程有限公司".to_owned(),
        single: true,
        case: Some(Case::of(item, links)),
        decision: Some(Decision::new(lang, BATCH, "sample", "9f41c07a", 1)),
        ..batch(lang, None)
    }
}

/// It may be published, or still returned.
fn approved(lang: Lang) -> BatchPage {
    let words = &lang.text().batch;
    let page = batch(lang, None);
    BatchPage {
        state: Badge::new(Tone::Good, words.state_approved),
        steps: vec![
            Step::new(Progress::Done, words.step_computed, "cn-500000 · 2020.3"),
            Step::new(Progress::Done, words.step_proposed, "陈立 · 2026-09-16 10:24"),
            Step::new(Progress::Done, words.step_approved, "周明远 · 2026-09-17 09:05"),
            Step::new(Progress::Current, words.step_published, words.waiting),
        ],
        decision: page.decision.map(|forms| forms.only_return(lang)),
        publication: Some(Publication {
            url: format!("{BATCH}/publish"),
            csrf: "sample".to_owned(),
            follows: Says::of_records(lang).publish,
        }),
        ..page
    }
}

fn without_reason(lang: Lang) -> BatchPage {
    let mut page = batch(lang, None);
    let decision = page.decision.as_mut().unwrap();
    decision.reason_error = Some(lang.text().batch.reason_missing.to_owned());
    page
}

fn item(lang: Lang) -> BatchItemPage {
    let words = &lang.text().words;
    let rule = |id: &str, letter, text: &str, outcome| {
        TraceRow::new(lang, id, letter, text, outcome).with_source("人社部规〔2016〕1号 第七条")
    };
    let evidence = |id: &str, matter: &str, on: &str, document: &str| EvidenceRow {
        id: id.to_owned(),
        kind: "被查处".to_owned(),
        matter: matter.to_owned(),
        occurred_on: on.to_owned(),
        document: document.to_owned(),
    };
    BatchItemPage {
        batch_url: BATCH.to_owned(),
        batch_title: TITLE.to_owned(),
        name: "重庆铜锣江湾装饰工程有限公司".to_owned(),
        code: "91500108MA60KTY08R".to_owned(),
        grade: Some(GradeMark::new(lang, 'C')),
        badges: vec![Badge::grade_of_year(lang, 2025, 'C')],
        conclusion: conclusion(lang, 'C', &["C1"]),
        trace_note: lang.text().item.trace_note,
        no_evidence: lang.text().item.no_evidence,
        trace: vec![
            rule("C1", 'C', "因劳动保障违法行为被查处三次以上。", RuleOutcome::Met)
                .with_evidence(lang, &["E-2025-00087", "E-2025-00412", "E-2025-01903"]),
            rule(
                "C2",
                'C',
                "因劳动保障违法行为引发群体性事件、极端事件或者造成严重不良社会影响。",
                RuleOutcome::NotMet,
            ),
            rule(
                "C3",
                'C',
                "因使用童工、强迫劳动等严重劳动保障违法行为被查处。",
                RuleOutcome::NotMet,
            ),
            rule(
                "C4",
                'C',
                "拒不履行劳动保障监察限期整改指令、行政处理决定或者行政处罚决定。",
                RuleOutcome::Undetermined,
            ),
            rule(
                "C5",
                'C',
                "无理抗拒、阻挠人力资源社会保障行政部门实施劳动保障监察。",
                RuleOutcome::NotMet,
            ),
            rule(
                "C6",
                'C',
                "因劳动保障违法行为被追究刑事责任。",
                RuleOutcome::NotMet,
            ),
            rule(
                "B",
                'B',
                "因劳动保障违法行为被查处，但没有 C 级情形。",
                RuleOutcome::NotMet,
            ),
        ],
        evidence: vec![
            evidence(
                "E-2025-00087",
                "未按时足额支付工资",
                "2025-02-17",
                "渝南岸人社监罚〔2025〕12 号",
            ),
            evidence(
                "E-2025-00412",
                "超时加班",
                "2025-06-03",
                "渝南岸人社监令〔2025〕88 号",
            ),
            evidence(
                "E-2025-01903",
                "未订立书面劳动合同",
                "2025-11-20",
                "渝南岸人社监令〔2025〕231 号",
            ),
        ],
        facts: vec![
            Fact::new(words.kind, "企业"),
            Fact::new(words.division, "重庆市南岸区"),
            Fact::new(words.industry, "E 建筑业"),
        ],
        previous: Some(format!("{BATCH}/items/1")),
        next: Some(format!("{BATCH}/items/3")),
    }
}
