//! `chengxin grade explain CODE`.

use clap::Subcommand;

use super::open::Where;
use super::terminal::{Outcome, say};
use crate::domain::code::UnifiedCode;
use crate::domain::evidence::{Dating, Evidence, EvidenceId};
use crate::domain::grade::{Grade, RuleOutcome, RuleTrace};
use crate::registry::explain::{self, Explained};
use crate::web::handlers::evidence::row;
use crate::web::i18n::Lang;

/// What to do about grades.
#[derive(Debug, Subcommand)]
pub(super) enum GradeCommand {
    /// Recompute an employer's grade from its evidence, rule by rule
    #[command(
        after_help = "Example: chengxin grade explain CODE --without EVIDENCE shows what the grade would be \
                            without one piece of evidence. Nothing is stored."
    )]
    Explain {
        /// Unified social credit code
        #[arg(value_parser = super::open::code)]
        code: UnifiedCode,
        /// Leave out this piece of evidence; may be repeated
        #[arg(long, value_name = "EVIDENCE", value_parser = evidence)]
        without: Vec<EvidenceId>,
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

fn evidence(text: &str) -> Result<EvidenceId, String> {
    EvidenceId::new(text).map_err(|error| error.to_string())
}

/// Runs the command.
pub(super) fn run(command: &GradeCommand) -> Outcome {
    match command {
        GradeCommand::Explain {
            code,
            without,
            registry,
            json,
        } => {
            let explained = explain::explain(&registry.open()?, code.as_str(), without)?;
            if *json {
                say(serde_json::to_string(&explained.computed)?);
            } else {
                tell(&explained, without);
            }
            Ok(0)
        }
    }
}

fn tell(explained: &Explained, left_out: &[EvidenceId]) {
    let computed = &explained.computed;
    let rules = &computed.rule_set;
    say(format_args!(
        "{}  {}",
        explained.employer.name,
        explained.employer.code.as_deref().unwrap_or("-")
    ));
    say(format_args!(
        "{} 年度 · 规则集 / rule set {} {}",
        computed.year, rules.id, rules.version
    ));
    let (zh, en) = match explained.dating {
        Dating::Decision => (
            "决定日期（没有的，按发生日期）",
            "the day of the document, or without one of the event",
        ),
        Dating::Occurrence => ("发生日期", "the day of the event"),
    };
    say(format_args!(
        "评价期间 / period {0}-01-01 — {0}-12-31；年度审查的结果按所审查的年度计，其余证据按{zh}计，不在期间内的不计入 / \
         results of a review count in the year under review, other evidence by {en}; what falls outside does not count",
        computed.year
    ));
    say(format_args!("\n证据 / evidence ({})", explained.evidence.len()));
    for piece in &explained.evidence {
        say(format_args!("  {}  {}", piece.id, sentence(piece, explained)));
    }
    for id in left_out {
        say(format_args!("  {id}  (不计 / left out)"));
    }
    say("\n逐条规则 / rule by rule");
    computed
        .trace
        .iter()
        .for_each(|rule| tell_rule(rule, computed.grade));
    say(format_args!(
        "\n结论 / grade  {}   依据 / basis {}",
        computed.grade,
        computed.basis.join(", ")
    ));
    if explained.proposed != computed.grade.as_str() {
        say(format_args!("原评 / proposed as {}", explained.proposed));
    }
}

/// Kind, document, date, and whether it counts in the year, in both languages.
fn sentence(piece: &Evidence, explained: &Explained) -> String {
    let (zh, en) = (row(Lang::Chinese, piece), row(Lang::English, piece));
    let of = |kind: &str, matter: &str, open: &str, close: &str| match matter {
        "" => kind.to_owned(),
        matter => format!("{kind}{open}{matter}{close}"),
    };
    let decided = piece
        .decided_on
        .map_or_else(String::new, |day| format!("，决定 / decided {day}"));
    let counted = piece.year(explained.dating);
    let counts = match counted == explained.computed.year {
        true => format!("计入 {counted} 年度 / counts in {counted}"),
        false => format!("属 {counted} 年度，不计入 / of {counted}, does not count"),
    };
    format!(
        "{} / {}；{}；发生 / happened {}{decided}；{counts}",
        of(&zh.kind, &zh.matter, "（", "）"),
        of(&en.kind, &en.matter, " (", ")"),
        zh.document,
        zh.occurred_on,
    )
}

fn tell_rule(rule: &RuleTrace, grade: Grade) {
    let outcome = match rule.outcome {
        RuleOutcome::Met => "✔ 成立  ".to_owned(),
        RuleOutcome::NotMet => "· 不成立".to_owned(),
        RuleOutcome::Undetermined => "? 待查  ".to_owned(),
        RuleOutcome::Superseded => format!("· 成立，由 {grade} 级条件取代 / superseded by {grade}"),
    };
    let count = match (rule.found, rule.needed) {
        (Some(found), Some(needed)) => format!("  {found}/{needed}"),
        _ => String::new(),
    };
    say(format_args!(
        "  {:<3} → {} {outcome} {}{count}",
        rule.rule, rule.grade, rule.text_zh
    ));
    if !rule.evidence.is_empty() {
        let ids: Vec<String> = rule.evidence.iter().map(ToString::to_string).collect();
        say(format_args!("             {}", ids.join(", ")));
    }
    for missing in &rule.missing {
        say(format_args!("             待查 / missing {missing}"));
    }
}
