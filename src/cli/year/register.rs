//! Puts the generated city into the register: employers, the campaign with its scope, filings, evidence.

use std::error::Error;

use super::Demo;
use super::story::moment;
use crate::cli::demo::reason_zh;
use crate::cli::terminal::bar;
use crate::domain::campaign::ScopeDecision;
use crate::domain::employer::Employer;
use crate::domain::registration::EmployerKey;
use crate::registry::audit::{self, Act};
use crate::store::campaign::{self, CampaignRow, FilingRow, ScopeRow};
use crate::store::employer::{self, EmployerRow};
use crate::store::{self, evidence};

/// Writes everything in one transaction: a stopped run leaves nothing half-filled.
pub(super) fn fill(demo: &Demo) -> Result<(), Box<dyn Error>> {
    // The last results of the campaign are of August.
    demo.clock.advance(moment(2026, 9, 1, 9));
    let city = &demo.city;
    let first = employer::next_id(&mut *demo.registry.store.conn()?)?;
    let number = |place: usize| i64::try_from(place).unwrap_or(i64::MAX).saturating_add(first);
    let employers = (0..)
        .zip(&city.employers)
        .map(|(place, known)| row(number(place), known))
        .collect::<Result<Vec<_>, _>>()?;
    let campaign_id = city.campaign.plan().id.as_str();
    let scope: Vec<ScopeRow> = (0..)
        .zip(&city.scope)
        .map(|(place, decision)| ScopeRow {
            campaign_id: campaign_id.to_owned(),
            employer_id: number(place),
            in_scope: matches!(decision, ScopeDecision::InScope {}),
            reason: reason_zh(decision),
        })
        .collect();
    let filings: Vec<FilingRow> = city
        .filings
        .iter()
        .map(|filing| {
            Ok(FilingRow {
                campaign_id: campaign_id.to_owned(),
                employer_id: number(filing.employer),
                state: word(&filing.state)?,
                channel: filing.channel.as_ref().map(word).transpose()?,
                submitted_on: filing.submitted_on,
                closed_on: Some(filing.closed_on),
            })
        })
        .collect::<Result<_, store::StoreError>>()?;
    let facts: Vec<_> = city
        .evidence
        .iter()
        .map(|(place, item)| (number(*place), item.clone()))
        .collect();
    let bar = bar(5, "登记单位、申报与证据 / register, filings, evidence");
    let now = demo.registry.clock.now();
    let mut conn = demo.registry.store.conn()?;
    store::write(&mut conn, |conn| -> Result<(), store::StoreError> {
        employer::insert(conn, &employers)?;
        bar.inc(1);
        campaign::insert(conn, &campaign_row(demo)?)?;
        campaign::insert_scope(conn, &scope)?;
        bar.inc(1);
        campaign::insert_filings(conn, &filings)?;
        bar.inc(1);
        evidence::insert(conn, &facts)?;
        bar.inc(1);
        audit::record(conn, &Act::system("register.fill", campaign_id), now)
    })?;
    bar.finish_and_clear();
    Ok(())
}

fn campaign_row(demo: &Demo) -> Result<CampaignRow, store::StoreError> {
    let plan = demo.city.campaign.plan();
    let population = serde_json::to_string(&plan.population)
        .map_err(|error| store::StoreError::corrupt("campaign", error))?;
    Ok(CampaignRow {
        id: plan.id.as_str().to_owned(),
        authority_id: plan.authority.as_str().to_owned(),
        review_year: i64::from(plan.review_year),
        opens_on: plan.opens,
        closes_on: plan.closes,
        population,
        form_version: plan.form_version.clone(),
        denominator: i64::try_from(demo.city.tally.in_scope).unwrap_or(i64::MAX),
        state: "closed".to_owned(),
    })
}

/// The word by which a value is stored: its own serialised name.
fn word<T: serde::Serialize>(value: &T) -> Result<String, store::StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(store::StoreError::corrupt("a word", format!("{other:?}"))),
    }
}

/// An employer as the register holds it.
pub(super) fn row(id: i64, known: &Employer) -> Result<EmployerRow, String> {
    let (code, registration) = match &known.key {
        EmployerKey::Code(code) => (Some(code.as_str().to_owned()), None),
        EmployerKey::Registration { number, .. } => (None, Some(number.to_string())),
    };
    Ok(EmployerRow {
        id,
        code,
        registration,
        division: known.division.as_str().to_owned(),
        name: known.name.as_str().to_owned(),
        kind: known.kind.as_str().to_owned(),
        industry: known.industry.letter().to_string(),
        headcount: known
            .headcount
            .map(i64::from)
            .ok_or("an employer without a head-count")?,
        registered_on: known
            .registered_on
            .ok_or("an employer without a day of registration")?,
        code_override: None,
    })
}
