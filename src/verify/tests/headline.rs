//! The one word for a verdict: what is too old is not what is forged.

use chrono::TimeDelta;

use super::super::check::{check_record, judge_bundle};
use super::super::fixture::{Plan, World, at, now, options};
use super::super::{Headline, Lang, Options, Outcome, Word};

/// The headline on record 0's bundle, some hours after the usual time.
fn headline(plan: &Plan, hours: i64) -> Headline {
    let world = World::new(plan);
    let options = Options::at(now() + TimeDelta::hours(hours));
    judge_bundle(&world.bundle(0), &world.trust, &options).headline()
}

#[test]
fn one_word_for_each_state() {
    let plan = Plan::default;
    let bits = |bits| Plan { bits, ..plan() };
    let (revoked, suspended) = (bits([true, false, false]), bits([false, true, false]));
    let next_year = 24 * 400;
    for (plan, hours, expected) in [
        (plan(), 0, Headline::Good),
        (Plan::unwitnessed(), 0, Headline::Good),
        (plan(), 24, Headline::Stale),
        (
            Plan {
                updated: at(5, 0),
                ..plan()
            },
            0,
            Headline::Stale,
        ),
        (plan(), next_year, Headline::Expired),
        // The fixture's trust folder ends with 2035.
        (plan(), 24 * 365 * 10, Headline::OldTrust),
        (plan(), -48, Headline::Incomplete),
        (revoked.clone(), 0, Headline::Revoked),
        (revoked, 24, Headline::Revoked),
        (bits([false, false, true]), 24, Headline::Replaced),
        (suspended.clone(), 0, Headline::Suspended),
        (suspended, 24, Headline::Stale),
        (
            Plan {
                edit: |record| record.replace("第1号", "第2号"),
                ..plan()
            },
            0,
            Headline::Forged,
        ),
        (
            Plan {
                edit: |record| record.replace("第1号", "第2号"),
                ..plan()
            },
            24,
            Headline::Forged,
        ),
        (Plan { roots: 1, ..plan() }, 24, Headline::Forged),
        (
            Plan {
                list_signer: 43,
                ..plan()
            },
            0,
            Headline::Forged,
        ),
        (
            Plan {
                listed: at(21, 0),
                ..plan()
            },
            0,
            Headline::Forged,
        ),
    ] {
        assert_eq!(headline(&plan, hours), expected, "after {hours} hours");
    }
}

#[test]
fn what_is_not_there_is_not_held_against_the_record() {
    let world = World::new(&Plan::default());
    let mut bundle = world.bundle(0);
    let bare = check_record(&bundle.record, &world.trust, &options()).unwrap();
    assert_eq!(bare.headline(), Headline::Unproven);
    bundle.lists.pop();
    let verdict = judge_bundle(&bundle, &world.trust, &options());
    assert_eq!(verdict.headline(), Headline::Incomplete);
}

#[test]
fn the_six_words() {
    let words = Word::ALL.map(|word| word.name(Lang::Zh));
    assert_eq!(
        words,
        ["有效", "已失效", "已中止", "已撤销", "签名无效", "无法验证"]
    );
    assert_eq!(Headline::Stale.word(), Word::Unverifiable);
    assert_eq!(
        Headline::Stale.sentence(Lang::Zh),
        "状态信息已过时，请取得新的证明包。"
    );
    let forged = Headline::ALL
        .iter()
        .filter(|headline| headline.word() == Word::Invalid);
    assert_eq!(forged.collect::<Vec<_>>(), [&Headline::Forged]);
}

#[test]
fn another_registrys_file_is_not_forged() {
    let world = World::new(&Plan::default());
    let bundle = world.bundle(0);
    let theirs = judge_bundle(&bundle, &world.to_another("other.example").trust, &options());
    assert_eq!(theirs.headline(), Headline::Foreign);
    assert_eq!(Headline::Foreign.word(), Word::Unverifiable);
    let said = Headline::Foreign.said_of("other.example", Lang::En);
    assert!(
        said.starts_with("This trust folder is for other.example;"),
        "{said}"
    );
    assert!(
        Headline::Foreign
            .said_of("other.example", Lang::Zh)
            .contains("属于 other.example，")
    );
    // So is one of a log that the folder does not know, be it of the same name: but nobody calls that good.
    let strange = judge_bundle(&bundle, &world.to_another("registry.example").trust, &options());
    assert_eq!(strange.headline(), Headline::UnknownLog);
    assert_eq!(Headline::UnknownLog.word(), Word::Unverifiable);
    assert_eq!(strange.outcome(), Outcome::Rejected);
    // A file under the known log that says what was never signed is forged.
    let record = String::from_utf8(bundle.record.clone()).unwrap();
    let mut forged = world.bundle(0);
    forged.record = record.replace("第1号", "第2号").into_bytes();
    let ours = judge_bundle(&forged, &world.trust, &options());
    assert_eq!(ours.headline(), Headline::Forged);
}
