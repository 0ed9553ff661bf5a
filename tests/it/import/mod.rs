//! Imports on both databases: all rows or none, every problem named, names never match.

mod blacklist;
mod command;
mod employers;
mod evidence;

use chengxin::registry::import::{Report, Source};
use chengxin::store::{audit, employer};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};

use crate::support::registry::Fixture;

/// Three employers that a register can have: valid codes, real divisions, invented names.
const EMPLOYERS: &str = "\
统一社会信用代码,注册号,单位名称,行政区划代码,类型,行业,人数,成立日期
91350200776049653A,,诚信（重庆）机械有限公司,500105,企业,制造业,１２０,2012年3月1日
91350500798359476R,,诚信(重庆)机械有限公司江北分公司,500105,分支机构,C,35,2015-06-30
,500105000012345,重庆老牌商行,500103,企业,F,8,20010705
";

fn source(name: &str, text: &str) -> Source {
    Source::new(name, text.as_bytes().to_vec())
}

/// Row and column of each problem.
fn places(report: &Report) -> Vec<(usize, &str)> {
    report
        .problems
        .iter()
        .map(|problem| (problem.row, problem.column.as_str()))
        .collect()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// How many rows each table has, so that a test can say that nothing changed.
fn tables(fixture: &Fixture) -> Vec<(&'static str, i64)> {
    const TABLES: [&str; 11] = [
        "employer",
        "evidence",
        "blacklist_case",
        "quarantine",
        "batch",
        "batch_item",
        "body",
        "tile",
        "checkpoint",
        "filing",
        "account",
    ];
    let mut conn = fixture.registry.store.conn().unwrap();
    TABLES
        .into_iter()
        .map(|table| {
            let rows: Count = sql_query(format!("SELECT COUNT(*) AS count FROM {table}"))
                .get_result(&mut *conn)
                .unwrap();
            (table, rows.count)
        })
        .collect()
}

fn count_of(fixture: &Fixture, table: &str) -> i64 {
    tables(fixture)
        .into_iter()
        .find(|(name, _)| *name == table)
        .unwrap()
        .1
}

fn audit_rows(fixture: &Fixture) -> i64 {
    audit::newest(&mut fixture.registry.store.conn().unwrap())
        .unwrap()
        .unwrap()
        .0
}

fn employer_id(fixture: &Fixture, code: &str) -> i64 {
    employer::by_code(&mut fixture.registry.store.conn().unwrap(), code)
        .unwrap()
        .unwrap()
        .id
}
