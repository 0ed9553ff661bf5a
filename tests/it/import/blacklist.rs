//! Published lists of arrears: the real ones lack codes, and none of their rows may ever become a
//! record of ours by name alone.

use std::path::Path;
use std::{env, fs};

use chengxin::registry::import::{Source, blacklist, employers};
use chengxin::store::{
    self, quarantine,
    search::{self, Reach},
};

use super::{EMPLOYERS, count_of, places, source, tables};
use crate::support::registry::Fixture;
use crate::support::skip;

crate::on_both_databases!(
    every_published_row_needs_an_officer,
    a_code_ties_a_row_to_one_case,
    unreadable_rows_are_refused
);

/// Rows as authorities publish them, invented: no code, one without head-count, one of another list.
const INVENTED: &str = "\
published_by,published_on,list,employer,registered_elsewhere,workers,amount_yuan,deciding_authority,outcome
人力资源社会保障部,2019-04,wage_blacklist,虚构甲建筑有限公司,no,156,761000,重庆市人力资源和社会保障局,listed
株洲市人力资源和社会保障局,2022-12,wage_blacklist,诚信(重庆)机械有限公司,yes,13,310790,重庆市人力资源和社会保障局,listed
四川省人力资源和社会保障厅,2025-10,major_violation,虚构乙园林有限公司,yes,,203610,,transferred to the police; listed
";

/// The published rows where they are at hand, else the invented ones.
fn published() -> Vec<u8> {
    let data = env::var_os("CHENGXIN_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        std::path::PathBuf::from,
    );
    fs::read(data.join("published-arrears.csv")).unwrap_or_else(|_| {
        skip(
            "published arrears",
            "../shared/data is not there; invented rows stand in",
        );
        INVENTED.as_bytes().to_vec()
    })
}

fn every_published_row_needs_an_officer(database: Option<&str>) {
    let fixture = Fixture::new("arrears", database);
    // The register knows employers, one of them under a name of the invented rows.
    employers::import(&fixture.registry, &source("e.csv", EMPLOYERS)).unwrap();
    for bytes in [published(), INVENTED.as_bytes().to_vec()] {
        let before = tables(&fixture);
        let lines = String::from_utf8(bytes.clone()).unwrap().lines().count();
        let report =
            blacklist::import(&fixture.registry, &Source::new("published-arrears.csv", bytes)).unwrap();
        assert_eq!(report.problems, vec![]);
        assert_eq!(
            (report.rows, report.quarantined, report.added),
            (lines - 1, lines - 1, 0)
        );
        let after = tables(&fixture);
        for ((table, was), (_, is)) in before.into_iter().zip(after) {
            let added = if table == "quarantine" {
                i64::try_from(lines - 1).unwrap()
            } else {
                0
            };
            assert_eq!(is - was, added, "{table}");
        }
    }
    let mut conn = fixture.registry.store.conn().unwrap();
    for row in quarantine::list(&mut conn).unwrap() {
        assert!(
            row.reason.contains("无统一社会信用代码") && row.reason.contains("name alone"),
            "{}",
            row.reason
        );
        let kept: serde_json::Value = serde_json::from_str(&row.row_text).unwrap();
        let name = kept["cells"]["employer"].as_str().unwrap();
        let served = search::by_name(&mut conn, name, "", Reach::All, 0, 10)
            .unwrap()
            .rows;
        // The register's own employers, three of them, may bear such a name; nothing else may be found.
        assert!(served.iter().all(|row| row.id <= 3), "{name} is served");
        for (column, reason) in [
            ("workers", "head-count was not"),
            ("amount_yuan", "amount was not"),
        ] {
            assert_eq!(
                kept["cells"].get(column).is_none(),
                row.reason.contains(reason),
                "{name}: {column}"
            );
        }
    }
}

fn a_code_ties_a_row_to_one_case(database: Option<&str>) {
    let fixture = Fixture::new("arrears-tied", database);
    employers::import(&fixture.registry, &source("e.csv", EMPLOYERS)).unwrap();
    let text = "\
公布机关,公布时间,名单,单位名称,统一社会信用代码,人数,拖欠金额,作出决定机关
重庆市人力资源和社会保障局,2026-02,wage_blacklist,诚信（重庆）机械有限公司,91350200776049653A,27,109.18万元,重庆市江北区人力资源和社会保障局
重庆市人力资源和社会保障局,2026-02,wage_blacklist,别的名称,91350200776049653A,27,1000,重庆市江北区人力资源和社会保障局
重庆市人力资源和社会保障局,2026-02,wage_blacklist,诚信（重庆）机械有限公司,91350203M0001QAY9B,27,1000,重庆市江北区人力资源和社会保障局
重庆市人力资源和社会保障局,2026-02,wage_blacklist,诚信（重庆）机械有限公司,91350200776049653A,27,1000,外地机关
";
    let report = blacklist::import(&fixture.registry, &source("list.csv", text)).unwrap();
    assert_eq!(
        (report.problems.len(), report.quarantined, report.added),
        (0, 4, 1)
    );
    let mut conn = fixture.registry.store.conn().unwrap();
    let cases = store::blacklist::all(&mut conn).unwrap();
    assert_eq!(
        (
            cases.len(),
            cases[0].state.as_str(),
            cases[0].authority_id.as_str()
        ),
        (1, "case_open", "500105")
    );
    let reasons: Vec<String> = quarantine::list(&mut conn)
        .unwrap()
        .into_iter()
        .map(|row| row.reason)
        .collect();
    for (reason, wanted) in reasons.iter().zip([
        cases[0].id.as_str(),
        "under this code",
        "check character",
        "no authority",
    ]) {
        assert!(reason.contains(wanted), "{reason}");
    }
    drop(conn);
    let again = blacklist::import(&fixture.registry, &source("list.csv", text)).unwrap();
    assert_eq!((again.known, again.quarantined, again.added), (4, 0, 0));
    assert_eq!(count_of(&fixture, "blacklist_case"), 1);
    for table in ["batch", "batch_item", "evidence"] {
        assert_eq!(count_of(&fixture, table), 0, "{table}");
    }
}

#[test]
fn amounts_in_ten_thousands_by_their_heading() {
    let fixture = Fixture::new("arrears-wan", None);
    let head = "published_by,published_on,list,employer,人数,拖欠金额（万元）,amount_yuan\n";
    let good = format!("{head}甲局,2022-12,wage_blacklist,虚构公司,3,4.2293,\n");
    let report = blacklist::import(&fixture.registry, &source("list.csv", &good)).unwrap();
    assert_eq!((report.problems.len(), report.quarantined), (0, 1));
    let row = &quarantine::list(&mut fixture.registry.store.conn().unwrap()).unwrap()[0];
    assert!(!row.reason.contains("amount was not"), "{}", row.reason);
    for cells in ["4.2293,42293", "4.22931234567,", "4万,"] {
        let bad = format!("{head}甲局,2022-12,wage_blacklist,虚构公司,3,{cells}\n");
        let report = blacklist::import(&fixture.registry, &source("list.csv", &bad)).unwrap();
        assert_eq!(places(&report), [(2, "amount_wan_yuan")], "{cells}");
    }
}

fn unreadable_rows_are_refused(database: Option<&str>) {
    let fixture = Fixture::new("arrears-bad", database);
    let before = tables(&fixture);
    let text = "\
published_by,published_on,list,employer,registered_elsewhere,workers,amount_yuan,deciding_authority,outcome
甲局,2019-04,wage_blacklist,好公司,no,1,1,,
甲局,春天,wage_blacklist,,maybe,若干,约十万,,
甲局,2019-04,wage_blacklist,好公司,no,1,1,,
";
    let report = blacklist::import(&fixture.registry, &source("list.csv", text)).unwrap();
    let wanted = [
        (3, "published_on"),
        (3, "employer"),
        (3, "registered_elsewhere"),
        (3, "workers"),
        (3, "amount_yuan"),
        (4, "employer"),
    ];
    assert_eq!(places(&report), wanted);
    assert_eq!(tables(&fixture), before);
}
