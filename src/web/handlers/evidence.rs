//! Evidence in words.

use crate::domain::evidence::{
    Evidence, EvidenceKind, IncidentForm, Matter, Outcome, RefusedDocument, SeriousMatter, TransferTarget,
};
use crate::web::i18n::Lang;
use crate::web::pages::batch_item::EvidenceRow;

/// A row of the table of evidence.
#[must_use]
pub fn row(lang: Lang, evidence: &Evidence) -> EvidenceRow {
    let (kind, matter) = words(&evidence.kind);
    let pick = |(zh, en): (&'static str, &'static str)| match lang {
        Lang::Chinese => zh.to_owned(),
        Lang::English => en.to_owned(),
    };
    EvidenceRow {
        id: evidence.id.to_string(),
        kind: pick(kind),
        matter: pick(matter),
        occurred_on: evidence.occurred_on.to_string(),
        document: evidence.document_number.clone().unwrap_or_else(|| "—".to_owned()),
    }
}

type Words = (&'static str, &'static str);

fn words(kind: &EvidenceKind) -> (Words, Words) {
    match kind {
        EvidenceKind::Handled { outcome, matter: of } => (handled(*outcome), matter(*of)),
        EvidenceKind::Incident { form, serious_effect, .. } => (incident(*form), effect(*serious_effect)),
        EvidenceKind::SeriousViolation { of } => (("严重违法", "serious violation"), serious(*of)),
        EvidenceKind::Refusal { of } => (("拒不履行", "refusal to comply"), refused(*of)),
        EvidenceKind::Obstruction => (("抗拒、阻挠监察", "obstruction of inspection"), ("", "")),
        EvidenceKind::Transfer { to } => (("案件移送", "case transferred"), target(*to)),
        EvidenceKind::CriminalLiability => (("被追究刑事责任", "criminal liability"), ("", "")),
        EvidenceKind::NonParticipation { .. } => (("未参加年审", "no part in the annual review"), ("", "")),
        EvidenceKind::ReviewPassed { after_correction: true, .. } => {
            (("年审合格", "annual review passed"), ("整改后", "after correction"))
        }
        EvidenceKind::ReviewPassed { .. } => (("年审合格", "annual review passed"), ("", "")),
        EvidenceKind::ReviewFailed { .. } => (("年审不合格", "annual review failed"), ("", "")),
    }
}

const fn handled(outcome: Outcome) -> Words {
    match outcome {
        Outcome::Penalty => ("行政处罚", "administrative penalty"),
        Outcome::HandlingDecision => ("行政处理", "handling decision"),
        Outcome::OrderToCorrect => ("责令改正", "order to correct"),
        Outcome::FilingWithdrawn => ("撤销立案", "case withdrawn"),
    }
}

const fn matter(matter: Matter) -> Words {
    match matter {
        Matter::InternalRules => ("内部劳动保障规章制度", "internal labour rules"),
        Matter::LabourContracts => ("劳动合同", "labour contracts"),
        Matter::Dispatch => ("劳务派遣", "labour dispatch"),
        Matter::ChildLabour => ("禁止使用童工", "child labour"),
        Matter::WomenAndMinors => ("女职工和未成年工特殊保护", "protection of women and minors"),
        Matter::HoursAndRest => ("工作时间和休息休假", "working hours and rest"),
        Matter::Wages => ("支付工资和最低工资", "wages"),
        Matter::SocialInsurance => ("社会保险", "social insurance"),
        Matter::Other => ("其他", "other"),
    }
}

const fn incident(form: IncidentForm) -> Words {
    match form {
        IncidentForm::Mass => ("群体性事件", "mass incident"),
        IncidentForm::Extreme => ("极端事件", "extreme incident"),
        IncidentForm::Other => ("其他事件", "other incident"),
    }
}

const fn effect(serious: Option<bool>) -> Words {
    match serious {
        Some(true) => ("造成严重不良社会影响", "with serious bad social effect"),
        Some(false) => ("未造成严重不良社会影响", "without serious bad social effect"),
        None => ("影响未认定", "effect not determined"),
    }
}

const fn serious(of: SeriousMatter) -> Words {
    match of {
        SeriousMatter::ChildLabour => ("使用童工", "child labour"),
        SeriousMatter::ForcedLabour => ("强迫劳动", "forced labour"),
    }
}

const fn refused(of: RefusedDocument) -> Words {
    match of {
        RefusedDocument::RectificationOrder => ("整改指令", "rectification order"),
        RefusedDocument::HandlingDecision => ("行政处理决定", "handling decision"),
        RefusedDocument::Penalty => ("行政处罚决定", "penalty"),
    }
}

const fn target(to: TransferTarget) -> Words {
    match to {
        TransferTarget::Police => ("公安机关", "to the police"),
        TransferTarget::OtherDepartment => ("其他部门", "to another department"),
    }
}
