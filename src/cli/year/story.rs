//! The year in order. Every act is an officer's, by the use case that the web calls too.

use std::error::Error;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::phase::{self, Phase};
use super::{Demo, REVIEW_YEAR, listings, register};
use crate::cli::terminal::bar;
use crate::domain::authority::Actor;
use crate::domain::ruleset::{RuleSet, builtin};
use crate::registry::account::{self, Holder};
use crate::registry::publish::Stops;
use crate::registry::{assessment, batch, freshness, release, snapshot};
use crate::store::{account as accounts, batch as batches};

type Told = Result<(), Box<dyn Error>>;

/// An hour of a day in Asia/Shanghai, as UTC.
pub(super) fn moment(year: i32, month: u32, day: u32, hour: i64) -> DateTime<Utc> {
    let midnight = NaiveDate::from_ymd_opt(year, month, day)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN);
    (midnight + TimeDelta::hours(hour - 8)).and_utc()
}

/// Tells the year from where an earlier run stopped.
pub(super) fn tell(demo: &Demo, at: Phase, real: DateTime<Utc>, stops: &dyn Stops) -> Told {
    let registry = &demo.registry;
    if at >= Phase::Staffed {
        demo.clock.advance(latest(demo)?);
        let bar = bar(0, "完成中断的发布 / finishing");
        release::finish_interrupted(registry, stops, &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
    }
    let next = |phase: Phase, act: &mut dyn FnMut() -> Told| -> Told {
        if at < phase {
            act()?;
            phase::finish(registry, phase)?;
        }
        Ok(())
    };
    next(Phase::Staffed, &mut || staff(demo))?;
    next(Phase::Listed, &mut || listings::list(demo, stops))?;
    next(Phase::Registered, &mut || register::fill(demo))?;
    next(Phase::Proposed, &mut || propose(demo))?;
    next(Phase::Approved, &mut || approve(demo))?;
    next(Phase::Published, &mut || publish(demo, stops))?;
    next(Phase::Pending, &mut || listings::leave_pending(demo, real, stops))?;
    next(Phase::Done, &mut || {
        demo.clock.advance(real);
        freshness::refresh(registry, stops)?;
        snapshot::take(registry, stops)?;
        crate::registry::publish::publish_audit(registry, stops)?;
        Ok(())
    })
}

/// When the last thing happened, so that a continued story does not go back in time.
fn latest(demo: &Demo) -> Result<DateTime<Utc>, Box<dyn Error>> {
    let mut conn = demo.registry.store.conn()?;
    let (seq, _) = crate::store::audit::newest(&mut conn)?.unwrap_or_default();
    let rows = crate::store::audit::after(&mut conn, seq.saturating_sub(1), 1)?;
    Ok(rows
        .first()
        .map_or_else(|| moment(2026, 1, 5, 9), |row| row.at.and_utc()))
}

fn staff(demo: &Demo) -> Told {
    let mut conn = demo.registry.store.conn()?;
    for officer in &demo.city.officers {
        if accounts::by_login(&mut conn, officer.login)?.is_none() {
            let holder = Holder::Officer {
                authority: officer.authority.as_str().to_owned(),
                roles: officer.roles.to_string(),
            };
            account::create_for(
                &demo.registry,
                &officer.person,
                officer.login,
                officer.name,
                holder,
            )?;
        }
    }
    Ok(())
}

/// An officer by login, as the rules see it.
pub(super) fn officer(demo: &Demo, login: &str) -> Result<Actor, Box<dyn Error>> {
    let mut conn = demo.registry.store.conn()?;
    let row = accounts::by_login(&mut conn, login)?.ok_or_else(|| format!("no officer {login}"))?;
    Ok(batch::actor(&mut conn, &row)?)
}

/// A rule set that comes with the program.
pub(super) fn rules(id: &str, version: &str) -> Result<&'static RuleSet, Box<dyn Error>> {
    builtin::find(id, version).ok_or_else(|| format!("no rule set {id} {version}").into())
}

fn propose(demo: &Demo) -> Told {
    demo.clock.advance(moment(2026, 9, 14, 10));
    if grades(demo)?.is_some() {
        return Ok(());
    }
    let bar = bar(0, "按规则评级 / grading by rule");
    assessment::propose(
        &demo.registry,
        &officer(demo, "li.shencha")?,
        rules("cn-500000", "2020.3")?,
        demo.city.campaign.plan().id.as_str(),
        REVIEW_YEAR,
        &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
    )?;
    bar.finish_and_clear();
    Ok(())
}

/// The batch of the year's grades.
fn grades(demo: &Demo) -> Result<Option<batches::BatchRow>, Box<dyn Error>> {
    let all = batches::all(&mut *demo.registry.store.conn()?)?;
    Ok(all.into_iter().find(|row| row.kind == assessment::KIND))
}

fn the_grades(demo: &Demo) -> Result<batches::BatchRow, Box<dyn Error>> {
    grades(demo)?.ok_or_else(|| "the year's grades were not proposed".into())
}

fn approve(demo: &Demo) -> Told {
    demo.clock.advance(moment(2026, 9, 28, 15));
    let row = the_grades(demo)?;
    if row.state == "proposed" {
        batch::approve(
            &demo.registry,
            &officer(demo, "wang.hezhun")?,
            &row.id,
            &row.digest,
            "经集体讨论，同意",
        )?;
    }
    Ok(())
}

fn publish(demo: &Demo, stops: &dyn Stops) -> Told {
    demo.clock.advance(moment(2026, 10, 9, 9));
    let row = the_grades(demo)?;
    if row.state == "published" {
        return Ok(());
    }
    let bar = bar(0, "签名并载入日志 / signing and logging");
    release::publish(
        &demo.registry,
        &officer(demo, "wang.hezhun")?,
        &row.id,
        stops,
        &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
    )?;
    bar.finish_and_clear();
    Ok(())
}
