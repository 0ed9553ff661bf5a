use proptest::prelude::*;

use super::*;
use crate::domain::evidence::IncidentForm;

fn outcome(facts: &ArrearsFacts, limb: &str) -> LimbOutcome {
    let trigger = examine(rules(), facts, date("2022-12-01")).unwrap();
    trigger
        .limbs
        .into_iter()
        .find(|finding| finding.limb == limb)
        .unwrap()
        .outcome
}

fn missing(facts: &[Missing]) -> LimbOutcome {
    LimbOutcome::Undetermined {
        missing: facts.to_vec(),
    }
}

fn worker(months: u32, amount: i64) -> WorkerArrears {
    WorkerArrears {
        months: Some(months),
        amount: Some(yuan(amount)),
    }
}

fn hunan(workers: u32, total: i64, each: Vec<WorkerArrears>) -> ArrearsFacts {
    ArrearsFacts {
        workers: Some(workers),
        total: Some(yuan(total)),
        each,
        ..facts()
    }
}

const MET: LimbOutcome = LimbOutcome::Met {};
const NOT_MET: LimbOutcome = LimbOutcome::NotMet {};

#[test]
fn the_four_listings_of_zhuzhou() {
    for (workers, total) in [(125, 2_330_555), (13, 310_790), (27, 1_091_800)] {
        assert_eq!(outcome(&hunan(workers, total, vec![]), "ten_workers"), MET);
    }
    let small = hunan(3, 42_293, vec![]);
    assert_eq!(outcome(&small, "ten_workers"), NOT_MET);
    assert_eq!(
        outcome(&small, "one_worker"),
        missing(&[Missing::WorkerMonths, Missing::WorkerAmount])
    );
    assert!(
        !examine(rules(), &small, date("2022-12-01"))
            .unwrap()
            .outcome
            .is_met()
    );
    // Months and shares are invented; the total is the published one.
    let told = hunan(
        3,
        42_293,
        vec![worker(4, 20_000), worker(2, 12_293), worker(1, 10_000)],
    );
    assert_eq!(outcome(&told, "one_worker"), MET);
    assert!(
        examine(rules(), &told, date("2022-12-01"))
            .unwrap()
            .outcome
            .is_met()
    );
}

#[test]
fn months_and_amount_must_be_the_same_workers() {
    let apart = hunan(2, 12_000, vec![worker(5, 1_000), worker(2, 11_000)]);
    assert_eq!(outcome(&apart, "one_worker"), NOT_MET);
    assert_eq!(
        outcome(&hunan(1, 6_000, vec![worker(3, 6_000)]), "one_worker"),
        MET
    );
    assert_eq!(
        outcome(&hunan(1, 5_999, vec![worker(3, 5_999)]), "one_worker"),
        NOT_MET
    );
    assert_eq!(
        outcome(&hunan(1, 6_000, vec![worker(2, 6_000)]), "one_worker"),
        NOT_MET
    );
    assert_eq!(
        outcome(&hunan(1, 6_000, vec![]), "one_worker"),
        missing(&[Missing::WorkerMonths])
    );
    assert_eq!(
        outcome(&hunan(3, 5_999, vec![]), "one_worker"),
        NOT_MET,
        "no one is owed more than all"
    );
}

#[test]
fn ten_workers_and_the_total() {
    let nine = hunan(9, 500_000, vec![]);
    assert_eq!(outcome(&nine, "ten_workers"), NOT_MET);
    assert_eq!(outcome(&hunan(10, 40_000, vec![]), "ten_workers"), MET);
    assert_eq!(outcome(&hunan(10, 39_999, vec![]), "ten_workers"), NOT_MET);
    // A real row lacks its head-count.
    let uncounted = ArrearsFacts {
        workers: None,
        total: Some(yuan(203_610)),
        ..facts()
    };
    assert_eq!(outcome(&uncounted, "ten_workers"), missing(&[Missing::Workers]));
    let no_total = ArrearsFacts {
        total: None,
        ..facts()
    };
    assert_eq!(outcome(&no_total, "ten_workers"), missing(&[Missing::Total]));
}

#[test]
fn without_a_local_amount_nothing_is_met() {
    let chongqing = ArrearsFacts {
        division: "500105".parse().unwrap(),
        ..facts()
    };
    assert_eq!(
        outcome(&chongqing, "ten_workers"),
        missing(&[Missing::LocalAmount])
    );
    let one = ArrearsFacts {
        workers: Some(1),
        each: vec![worker(12, 2_330_555)],
        ..chongqing.clone()
    };
    assert_eq!(outcome(&one, "one_worker"), missing(&[Missing::LocalAmount]));
    let few = ArrearsFacts {
        workers: Some(9),
        ..chongqing
    };
    assert_eq!(outcome(&few, "ten_workers"), NOT_MET, "ten is the national frame");
    let trigger = examine(rules(), &few, date("2022-12-01")).unwrap();
    assert!(matches!(trigger.outcome, LimbOutcome::Undetermined { .. }));
}

#[test]
fn a_county_with_reduced_amounts_must_be_named() {
    let hubei = |total| ArrearsFacts {
        division: "422823".parse().unwrap(),
        workers: Some(12),
        total: Some(yuan(total)),
        ..facts()
    };
    assert_eq!(outcome(&hubei(50_000), "ten_workers"), MET);
    assert_eq!(
        outcome(&hubei(30_000), "ten_workers"),
        missing(&[Missing::ReducedAmountCounties])
    );
    assert_eq!(outcome(&hubei(29_999), "ten_workers"), NOT_MET);
    let named = String::from_utf8(rules().canonical().to_vec()).unwrap();
    let named = named.replace(r#""divisions":[]"#, r#""divisions":["422823"]"#);
    let named = RuleSet::parse(named.as_bytes()).unwrap();
    let trigger = examine(&named, &hubei(30_000), date("2022-12-01")).unwrap();
    assert_eq!(trigger.limbs[1].outcome, MET);
    assert_eq!(trigger.limbs[1].local_amount, Some(yuan(30_000)));
}

#[test]
fn an_incident_needs_form_cause_and_effect() {
    let with = |form, serious_effect, caused_by_arrears| ArrearsFacts {
        incidents: Some(vec![IncidentFacts {
            form,
            serious_effect,
            caused_by_arrears,
        }]),
        ..facts()
    };
    let limb = |facts: &ArrearsFacts| outcome(facts, "incident");
    assert_eq!(limb(&with(IncidentForm::Mass, Some(true), Some(true))), MET);
    assert_eq!(limb(&with(IncidentForm::Extreme, Some(true), Some(true))), MET);
    assert_eq!(limb(&with(IncidentForm::Mass, Some(false), Some(true))), NOT_MET);
    assert_eq!(limb(&with(IncidentForm::Other, Some(true), Some(true))), NOT_MET);
    assert_eq!(
        limb(&with(IncidentForm::Mass, None, Some(true))),
        missing(&[Missing::IncidentEffect])
    );
    assert_eq!(
        limb(&with(IncidentForm::Mass, Some(true), None)),
        missing(&[Missing::IncidentCause])
    );
    assert_eq!(limb(&with(IncidentForm::Mass, None, Some(false))), NOT_MET);
    assert_eq!(limb(&facts()), missing(&[Missing::Incidents]));
    assert_eq!(
        limb(&ArrearsFacts {
            incidents: Some(vec![]),
            ..facts()
        }),
        NOT_MET
    );
}

#[test]
fn only_migrant_workers_wages() {
    let whole = |migrant_workers| {
        examine(
            rules(),
            &ArrearsFacts {
                migrant_workers,
                ..facts()
            },
            date("2022-12-01"),
        )
        .unwrap()
        .outcome
    };
    assert_eq!(whole(Some(true)), MET);
    assert_eq!(whole(Some(false)), NOT_MET);
    assert_eq!(whole(None), missing(&[Missing::MigrantWorkers]));
}

#[test]
fn contradictory_figures_decide_nothing() {
    for facts in [
        hunan(
            2,
            90_000,
            vec![worker(3, 30_000), worker(3, 30_000), worker(3, 30_000)],
        ),
        hunan(20, 240_000, vec![worker(3, 520_000)]),
        hunan(2, 240_000, vec![worker(3, 260_000), worker(3, 260_000)]),
        hunan(2, 520_000, vec![worker(3, 120_000), worker(3, 120_000)]),
        hunan(0, 240_000, vec![]),
        hunan(20, -1, vec![]),
    ] {
        for limb in ["one_worker", "ten_workers"] {
            assert_eq!(
                outcome(&facts, limb),
                missing(&[Missing::AgreeingFigures]),
                "{facts:?}"
            );
        }
    }
}

#[test]
fn findings_read_back_from_json() {
    let trigger = examine(rules(), &facts(), date("2022-12-01")).unwrap();
    let json = serde_json::to_string(&trigger).unwrap();
    assert_eq!(serde_json::from_str::<Trigger>(&json).unwrap(), trigger);
    let json = serde_json::to_string(&facts()).unwrap();
    assert_eq!(serde_json::from_str::<ArrearsFacts>(&json).unwrap(), facts());
    assert!(
        examine(
            builtin::find("cn-national", "2016.1").unwrap(),
            &facts(),
            date("2022-12-01")
        )
        .is_err()
    );
}

proptest! {
    /// What is decided on part of the facts stays decided when the rest comes in.
    #[test]
    fn missing_facts_never_decide(
        each in prop::collection::vec((0u32..6, 0i64..15_000), 1..14),
        hide_workers: bool, hide_total: bool, hidden in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 14),
    ) {
        let total = each.iter().map(|(_, amount)| amount).sum();
        let all: Vec<_> = each.iter().map(|(months, amount)| worker(*months, *amount)).collect();
        let full = hunan(u32::try_from(all.len()).unwrap(), total, all.clone());
        let mut part = full.clone();
        part.workers = part.workers.filter(|_| !hide_workers);
        part.total = part.total.filter(|_| !hide_total);
        part.each = all.iter().zip(&hidden).filter(|(_, hide)| !hide.0).map(|(one, hide)| WorkerArrears {
            months: one.months.filter(|_| !hide.1),
            amount: one.amount.filter(|_| !hide.2),
        }).collect();
        for limb in ["one_worker", "ten_workers"] {
            let known = outcome(&part, limb);
            if !matches!(known, LimbOutcome::Undetermined { .. }) {
                prop_assert_eq!(known, outcome(&full, limb), "{:?}", part);
            }
            let decided = !matches!(outcome(&full, limb), LimbOutcome::Undetermined { .. });
            prop_assert!(decided);
        }
    }
}
