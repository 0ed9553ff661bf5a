//! The register of employers.

use chengxin::domain::authority::PersonId;
use chengxin::registry::account::{self, Holder};
use chengxin::registry::import::employers::import;
use chengxin::store::search::{self, Reach};
use chengxin::store::{Conn, audit, employer};

use super::{EMPLOYERS, audit_rows, count_of, places, source, tables};
use crate::faults::change;
use crate::support::registry::Fixture;

crate::on_both_databases!(
    a_good_file_goes_in_whole,
    a_bad_row_keeps_every_row_out,
    no_employer_twice,
    an_override_needs_two_officers
);

fn a_good_file_goes_in_whole(database: Option<&str>) {
    let fixture = Fixture::new("employers", database);
    let audited = audit_rows(&fixture);
    let report = import(&fixture.registry, &source("单位.csv", EMPLOYERS)).unwrap();
    assert_eq!((report.rows, report.added, report.problems), (3, 3, vec![]));
    assert_eq!(audit_rows(&fixture), audited + 1);
    let mut conn = fixture.registry.store.conn().unwrap();
    let row = employer::by_code(&mut conn, "91350200776049653A")
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.name.as_str(), row.kind.as_str()),
        ("诚信(重庆)机械有限公司", "enterprise")
    );
    assert_eq!((row.industry.as_str(), row.headcount), ("C", 120));
    assert_eq!(
        (row.registered_on.to_string(), row.code_override),
        ("2012-03-01".into(), None)
    );
    let old = employer::by_registration(&mut conn, "500105000012345").unwrap();
    assert_eq!(
        (old.len(), old[0].code.as_deref(), old[0].division.as_str()),
        (1, None, "500103")
    );
    assert_eq!(
        search::by_name(&mut conn, "机械", "50", Reach::All, 0, 10)
            .unwrap()
            .total,
        2
    );
    found_by_initials(&mut conn);
}

/// Names first, then initials; no individual business; and the words of an older program's rows are made anew.
fn found_by_initials(conn: &mut Conn) {
    let find = |conn: &mut Conn, text: &str, reach, after, limit| {
        search::by_name_or_initials(conn, text, "", reach, after, limit).unwrap()
    };
    let names =
        |hits: &search::Hits| -> Vec<String> { hits.rows.iter().map(|row| row.name.clone()).collect() };
    let machines = find(conn, "CQJX", Reach::LegalPersons, 0, 10);
    assert_eq!(
        names(&machines),
        ["诚信(重庆)机械有限公司", "诚信(重庆)机械有限公司江北分公司"]
    );
    assert_eq!(find(conn, "cqwj", Reach::All, 0, 10).total, 0);
    assert_eq!(find(conn, "lpsh", Reach::LegalPersons, 0, 10).total, 1);
    change(
        conn,
        "UPDATE employer SET kind = 'individual_business' WHERE name = '重庆老牌商行'",
    );
    assert_eq!(find(conn, "lpsh", Reach::All, 0, 10).total, 1);
    assert_eq!(find(conn, "lpsh", Reach::LegalPersons, 0, 10).total, 0);

    // A name with these very letters goes first though its row came later.
    let mut latin = employer::by_code(conn, &machines.rows[0].code.clone().unwrap())
        .unwrap()
        .unwrap();
    latin.id = employer::next_id(conn).unwrap();
    (latin.code, latin.registration) = (None, Some("500105000099999".to_owned()));
    latin.name = "CQJX Tools".to_owned();
    employer::insert(conn, &[latin]).unwrap();
    let first = find(conn, "cqjx", Reach::All, 0, 1);
    assert_eq!((names(&first), first.total), (vec!["CQJX Tools".to_owned()], 3));
    let second = find(conn, "cqjx", Reach::All, first.next.unwrap(), 2);
    assert_eq!((names(&second), second.next), (names(&machines), None));

    assert_eq!(search::reindex(conn).unwrap(), 0);
    change(conn, "UPDATE employer SET grams = 'u8bdau4fe1'");
    assert_eq!(find(conn, "cqjx", Reach::LegalPersons, 0, 10).total, 0);
    assert_eq!(search::reindex(conn).unwrap(), 4);
    assert_eq!(find(conn, "cqjx", Reach::LegalPersons, 0, 10).total, 3);
    assert_eq!(
        search::by_name(conn, "机械", "", Reach::All, 0, 10)
            .unwrap()
            .total,
        2
    );
}

fn a_bad_row_keeps_every_row_out(database: Option<&str>) {
    let fixture = Fixture::new("employers-bad", database);
    let (before, audited) = (tables(&fixture), audit_rows(&fixture));
    let text = "\
code,registration,name,division,kind,industry,headcount,registered_on,override_reason,override_entered_by,override_approved_by
91350200776049653A,,好单位,500105,企业,C,1,2020-01-01,,,
91350203M0001QAY9B,,校验码不符,500105,企业,C,1,2020-01-01,,,
9135020077604965,,位数不符,500105,企业,C,1,2020-01-01,,,
,,没有代码,500105,企业,C,1,2020-01-01,,,
91350500798359476R,,,999999,公司,Z,很多,2027-01-01,,,
91350503MA31DKY80A,,外地单位,110105,企业,C,1,2020-01-01,,,
913502115628130384,,无需例外,500105,企业,C,1,2020-01-01,照章,a,b
91350203M0001QAY9B,,一人两签,500105,企业,C,1,2020-01-01,执照如此,a,a
91350203M0001QAY9B,,缺审批人,500105,企业,C,1,2020-01-01,执照如此,a,
";
    let report = import(&fixture.registry, &source("e.csv", text)).unwrap();
    let wanted = [
        (3, "code"),
        (4, "code"),
        (5, "code"),
        (6, "name"),
        (6, "division"),
        (6, "kind"),
        (6, "industry"),
        (6, "headcount"),
        (6, "registered_on"),
        (7, "division"),
        (8, "code"),
        (9, "override_approved_by"),
        (10, "override_approved_by"),
    ];
    assert_eq!(places(&report), wanted);
    let digit = &report.problems[0];
    assert!(
        digit.reason.zh.contains("校验码") && digit.reason.en.contains("check character"),
        "{digit}"
    );
    assert!(
        digit.action.zh.contains("override_reason") && digit.action.en.contains("second person"),
        "{digit}"
    );
    assert_eq!((tables(&fixture), audit_rows(&fixture)), (before, audited));
}

fn no_employer_twice(database: Option<&str>) {
    let fixture = Fixture::new("employers-twice", database);
    let (head, rows) = EMPLOYERS.split_once('\n').unwrap();
    let doubled = format!("{head}\n{rows}{rows}");
    let report = import(&fixture.registry, &source("e.csv", &doubled)).unwrap();
    assert_eq!(places(&report), [(5, "code"), (6, "code"), (7, "registration")]);
    assert!(
        report.problems[0].reason.en.contains("row 2"),
        "{}",
        report.problems[0]
    );
    assert!(
        import(&fixture.registry, &source("e.csv", EMPLOYERS))
            .unwrap()
            .is_imported()
    );
    let again = import(&fixture.registry, &source("e.csv", EMPLOYERS)).unwrap();
    assert_eq!(places(&again), [(2, "code"), (3, "code"), (4, "registration")]);
    assert_eq!(count_of(&fixture, "employer"), 3);
}

#[test]
fn a_code_that_fails_goes_in_with_two_persons_and_a_reason() {
    let fixture = Fixture::new("employers-override", None);
    officer(&fixture, "person-1", "clerk-1", "500105", "clerk");
    officer(&fixture, "person-2", "approver-2", "500000", "reviewer,approver");
    let text = "\
code,name,division,kind,industry,headcount,registered_on,例外理由,例外录入人,例外审批人
91350203M0001QAY9B,例外单位,500105,企业,C,1,2020-01-01,营业执照即为此代码,clerk-1,approver-2
";
    let report = import(&fixture.registry, &source("e.csv", text)).unwrap();
    assert_eq!(report.problems, vec![]);
    let row = employer::by_code(&mut fixture.registry.store.conn().unwrap(), "91350203M0001QAY9B")
        .unwrap()
        .unwrap();
    let kept: serde_json::Value = serde_json::from_str(&row.code_override.unwrap()).unwrap();
    assert_eq!(kept["entered_by"], "clerk-1");
    assert_eq!(kept["approved_by"], "approver-2");
    assert_eq!(kept["reason"], "营业执照即为此代码");
    let trail = audit::after(&mut fixture.registry.store.conn().unwrap(), 0, 1000).unwrap();
    let said = trail
        .iter()
        .find(|row| row.action == "employer.code-override")
        .unwrap();
    assert_eq!(
        said.subject,
        "91350203M0001QAY9B: entered by clerk-1, approved by approver-2"
    );
}

fn officer(fixture: &Fixture, person: &str, login: &str, authority: &str, roles: &str) {
    let holder = Holder::Officer {
        authority: authority.into(),
        roles: roles.into(),
    };
    let person = PersonId::new(person).unwrap();
    account::create_for(&fixture.registry, &person, login, login, holder).unwrap();
}

/// Two strings that one person types are no second person.
fn an_override_needs_two_officers(database: Option<&str>) {
    let fixture = Fixture::new("employers-ghosts", database);
    for (person, login, authority, roles) in [
        ("p1", "clerk-1", "500105", "clerk"),
        ("p2", "approver-2", "500105", "approver"),
        ("p1", "approver-1", "500105", "approver"),
        ("p3", "city-3", "500000", "approver"),
        ("p4", "gone-4", "500105", "approver"),
        ("p5", "admin-5", "500105", "administrator"),
    ] {
        officer(&fixture, person, login, authority, roles);
    }
    import(&fixture.registry, &source("e.csv", EMPLOYERS)).unwrap();
    let holder = Holder::Employer { employer: 1 };
    account::create(&fixture.registry, "firm-6", "firm-6", holder).unwrap();
    diesel::RunQueryDsl::execute(
        diesel::sql_query("UPDATE account SET suspended_at = created_at WHERE login = 'gone-4'"),
        &mut *fixture.registry.store.conn().unwrap(),
    )
    .unwrap();
    let before = tables(&fixture);
    let row = |division: &str, entered: &str, approved: &str| {
        let text = format!(
            "code,name,division,kind,industry,headcount,registered_on,override_reason,override_entered_by,override_approved_by\n\
             91350203M0001QAY9B,例外单位,{division},企业,C,1,2020-01-01,执照如此,{entered},{approved}\n"
        );
        import(&fixture.registry, &source("e.csv", &text)).unwrap()
    };
    let (entered, approved) = ((2, "override_entered_by"), (2, "override_approved_by"));
    for (division, one, two, wanted, says) in [
        (
            "500105",
            "ghost1",
            "ghost2",
            vec![entered, approved],
            "is not the account of an officer in force",
        ),
        (
            "500105",
            "clerk-1",
            "ghost2",
            vec![approved],
            "is not the account of an officer in force",
        ),
        (
            "500105",
            "clerk-1",
            "firm-6",
            vec![approved],
            "is not the account of an officer in force",
        ),
        (
            "500105",
            "clerk-1",
            "gone-4",
            vec![approved],
            "is not the account of an officer in force",
        ),
        (
            "500105",
            "clerk-1",
            "approver-1",
            vec![approved],
            "one natural person's",
        ),
        (
            "500103",
            "city-3",
            "approver-2",
            vec![approved],
            "does not act for the employer's division",
        ),
        (
            "500105",
            "approver-2",
            "clerk-1",
            vec![approved],
            "is no approver",
        ),
        (
            "500105",
            "admin-5",
            "approver-2",
            vec![entered],
            "is no clerk or reviewer or approver",
        ),
    ] {
        let report = row(division, one, two);
        assert_eq!(places(&report), wanted, "{one} {two}");
        for problem in &report.problems {
            assert!(problem.reason.en.contains(says), "{problem}");
            assert!(
                problem.action.zh.contains("两名在职工作人员") && problem.action.en.contains("two officers"),
                "{problem}"
            );
        }
    }
    assert_eq!(tables(&fixture), before);
    assert!(row("500105", "clerk-1", "city-3").is_imported());
}

#[test]
fn gb18030_reads_as_utf8_does() {
    let fixture = Fixture::new("employers-gb", None);
    let (bytes, _, _) = encoding_rs::GB18030.encode(EMPLOYERS);
    let report = import(
        &fixture.registry,
        &chengxin::registry::import::Source::new("gb.csv", bytes.into_owned()),
    );
    assert_eq!(report.unwrap().added, 3);
    let hits = search::by_name(
        &mut fixture.registry.store.conn().unwrap(),
        "老牌商行",
        "",
        Reach::All,
        0,
        10,
    )
    .unwrap();
    assert_eq!(hits.total, 1);
}
