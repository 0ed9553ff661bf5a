//! Documents and their numbers: 渝江北人社监罚〔2025〕第012号, counted by office, kind and year in order of date.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};

use super::places::short_name;
use crate::domain::division::{self, DivisionCode};
use crate::domain::evidence::{Evidence, EvidenceId, EvidenceKind};

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Paper {
    /// 行政处罚决定书.
    Penalty,
    /// 行政处理决定书.
    Handling,
    /// 限期改正指令书.
    Order,
    /// 撤销立案决定书.
    Withdrawal,
    /// 案件移送函.
    Transfer,
    /// 重大事件认定书.
    Incident,
    /// 违法事实认定书.
    Finding,
    /// 检查受阻记录.
    Obstruction,
    /// 拒不履行认定书.
    Refusal,
    /// 年审结果通知书.
    Review,
    /// 未参加年审认定书.
    Absence,
    /// 法院判决书.
    Judgment,
    /// 立案审批表.
    CaseFile,
}

impl Paper {
    const fn word(self) -> &'static str {
        match self {
            Self::Penalty => "监罚",
            Self::Handling => "监理",
            Self::Order => "监令",
            Self::Withdrawal => "监撤",
            Self::Transfer => "监移",
            Self::Incident => "监事",
            Self::Finding => "监认",
            Self::Obstruction => "监阻",
            Self::Refusal => "监拒",
            Self::Review => "年审",
            Self::Absence => "年缺",
            Self::Judgment => "刑初",
            Self::CaseFile => "监立",
        }
    }
}

/// A fact before its documents are numbered.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// The employer's place in the city's list.
    pub(super) employer: usize,
    pub(super) kind: EvidenceKind,
    pub(super) occurred_on: NaiveDate,
    pub(super) decided_on: NaiveDate,
    pub(super) paper: Paper,
    /// The case it belongs to, and the day that case was filed.
    pub(super) case: Option<(u32, NaiveDate)>,
}

/// Numbers every document and case, and gives the evidence by employer, then by date.
pub(super) fn number(
    mut drafts: Vec<Draft>,
    place: impl Fn(usize) -> Option<DivisionCode>,
) -> Vec<(usize, Evidence)> {
    let mut counters = Counters::default();
    drafts.sort_by_key(|draft| (draft.case.map(|(_, filed)| filed), draft.case));
    let mut cases: HashMap<u32, String> = HashMap::new();
    for draft in &drafts {
        if let (Some((case, filed)), Some(office)) = (draft.case, place(draft.employer)) {
            cases
                .entry(case)
                .or_insert_with(|| counters.next(office, Paper::CaseFile, filed));
        }
    }
    drafts.sort_by_key(|draft| (draft.decided_on, draft.employer, draft.paper));
    let mut numbered: Vec<(usize, Evidence)> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let document =
            place(draft.employer).map(|office| counters.next(office, draft.paper, draft.decided_on));
        let Ok(id) = EvidenceId::new("unnumbered") else {
            continue;
        };
        let evidence = Evidence {
            id,
            kind: draft.kind,
            occurred_on: draft.occurred_on,
            decided_on: Some(draft.decided_on),
            document_number: document,
            case_number: draft.case.and_then(|(case, _)| cases.get(&case).cloned()),
        };
        numbered.push((draft.employer, evidence));
    }
    name(&mut numbered);
    numbered
}

/// Sorts by employer and date and gives ids: `ev-00042-1` is the first fact about the 43rd employer.
fn name(evidence: &mut [(usize, Evidence)]) {
    // Stable: on one day the order of the documents stays.
    evidence.sort_by_key(|(employer, piece)| (*employer, piece.occurred_on));
    let mut last = None;
    let mut count = 0;
    for (employer, piece) in evidence {
        count = if last == Some(*employer) { count + 1 } else { 1 };
        last = Some(*employer);
        if let Ok(id) = EvidenceId::new(format!("ev-{employer:05}-{count}")) {
            piece.id = id;
        }
    }
}

/// The next number of each office's series.
#[derive(Default)]
struct Counters {
    series: HashMap<(DivisionCode, Paper, i32), u32>,
    offices: HashMap<DivisionCode, String>,
}

impl Counters {
    fn next(&mut self, office: DivisionCode, paper: Paper, on: NaiveDate) -> String {
        let year = on.year();
        let count = self.series.entry((office, paper, year)).or_default();
        *count += 1;
        let (number, word) = (*count, paper.word());
        if paper == Paper::Judgment {
            // A county court's own code repeats the division's last four digits: 渝0105 is Jiangbei's.
            let court = office.as_str().get(2..).unwrap_or_default();
            return format!("（{year}）渝{court}{word}{number}号");
        }
        let office = self.offices.entry(office).or_insert_with(|| office_word(office));
        format!("{office}人社{word}〔{year}〕第{number:03}号")
    }
}

/// How a county's office begins its numbers: 渝江北, but 渝中 and 渝北 as they are.
fn office_word(office: DivisionCode) -> String {
    let name = division::find(office)
        .map_or(office.as_str(), |found| short_name(found.name))
        .to_owned();
    if name.starts_with('渝') {
        name
    } else {
        format!("渝{name}")
    }
}
