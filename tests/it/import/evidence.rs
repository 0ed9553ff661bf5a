//! Evidence about employers of the register.

use chengxin::domain::evidence::{EvidenceKind, Matter, Outcome};
use chengxin::registry::import::{employers, evidence};
use chengxin::store::evidence::of_employer;

use super::{EMPLOYERS, audit_rows, employer_id, places, source, tables};
use crate::support::registry::Fixture;

crate::on_both_databases!(facts_go_on_the_file, a_bad_row_keeps_every_row_out);

const GOOD: &str = "\
代码,注册号,类型,处理结果,违法事项,事件形式,审查年度,整改后通过,发生日期,文书日期,文号
91350200776049653A,,查处,行政处罚,工资,,,,2025-03-01,2025年4月2日,渝人社监罚〔2025〕１号
91350200776049653A,,incident,,,mass,,,2025-05-01,,
,500105000012345,review_passed,,,,2025,是,2025-12-01,2025-12-20,
";

fn with_employers(label: &str, database: Option<&str>) -> Fixture {
    let fixture = Fixture::new(label, database);
    assert!(
        employers::import(&fixture.registry, &source("e.csv", EMPLOYERS))
            .unwrap()
            .is_imported()
    );
    fixture
}

fn facts_go_on_the_file(database: Option<&str>) {
    let fixture = with_employers("evidence", database);
    let audited = audit_rows(&fixture);
    let report = evidence::import(&fixture.registry, &source("v.csv", GOOD)).unwrap();
    assert_eq!((report.added, report.problems), (3, vec![]));
    assert_eq!(audit_rows(&fixture), audited + 1);
    let id = employer_id(&fixture, "91350200776049653A");
    let facts = of_employer(&mut fixture.registry.store.conn().unwrap(), id).unwrap();
    assert_eq!(facts.len(), 2);
    assert_eq!(
        facts[0].kind,
        EvidenceKind::Handled {
            outcome: Outcome::Penalty,
            matter: Matter::Wages
        }
    );
    assert_eq!(facts[0].document_number.as_deref(), Some("渝人社监罚〔2025〕1号"));
    let again = evidence::import(&fixture.registry, &source("v.csv", GOOD)).unwrap();
    assert_eq!(
        places(&again),
        [(2, "id"), (2, "document_number"), (3, "id"), (4, "id")]
    );
}

fn a_bad_row_keeps_every_row_out(database: Option<&str>) {
    let fixture = with_employers("evidence-bad", database);
    let (before, audited) = (tables(&fixture), audit_rows(&fixture));
    let text = "\
code,employer_is_no_column,type,outcome,matter,of,to,review_year,occurred_on,decided_on,document_number,case_number
";
    let heading = evidence::import(&fixture.registry, &source("v.csv", text)).unwrap();
    assert_eq!(places(&heading), [(1, "employer_is_no_column")]);
    let text = "\
code,type,outcome,matter,of,to,review_year,occurred_on,decided_on,document_number
91350200776049653A,handled,penalty,wages,,,,2025-01-01,2025-02-01,甲1号
91350200776049653A,handled,order_to_correct,wages,,,,2025-01-01,2025-02-01,甲1号
91350503MA31DKY80A,obstruction,,,,,,2025-01-01,,
91350203M0001QAY9B,obstruction,,,,,,2025-01-01,,
91350200776049653A,handled,罚款,wages,,,,2025-01-01,2025-02-01,甲2号
91350200776049653A,handled,penalty,wages,,,,2025-01-01,2024-12-01,甲3号
91350200776049653A,handled,penalty,wages,,,,2025-01-01,,
91350200776049653A,handled,penalty,wages,,,,2025-01-01,2025-02-01,
91350200776049653A,obstruction,penalty,,,,,2025-01-01,,
91350200776049653A,non_participation,,,,,2030,2025-01-01,,
91350200776049653A,transfer,,,,,,2027-01-01,,
,obstruction,,,,,,2025-01-01,,
";
    let report = evidence::import(&fixture.registry, &source("v.csv", text)).unwrap();
    let wanted = [
        (3, "document_number"),
        (4, "code"),
        (5, "code"),
        (6, "outcome"),
        (7, "decided_on"),
        (8, "decided_on"),
        (9, "document_number"),
        (10, "outcome"),
        (11, "review_year"),
        (12, "to"),
        (12, "occurred_on"),
        (13, "code"),
    ];
    assert_eq!(places(&report), wanted);
    assert_eq!((tables(&fixture), audit_rows(&fixture)), (before, audited));
}
