//! The verification page and the page about trust: what of the trust folder readers are told.

use std::{fs, io};

use crate::record::context as terms;
use crate::registry::trust::TrustFiles;
use crate::verify::Trust;
use crate::verify::trust::MONITORS_FILE;
use crate::web::answer::{Answer, Failure};
use crate::web::context::Context;
use crate::web::pages::trust::TrustPage;
use crate::web::pages::verify::{TrustFacts, VerifyPage};
use crate::web::words;

/// The verification page.
///
/// # Errors
/// [`Failure`].
pub fn show(context: &Context) -> Result<Answer, Failure> {
    let (files, trust) = read(context)?;
    let issuer: serde_json::Value = serde_json::from_str(&files.issuer)?;
    let json = serde_json::json!({
        "policy": files.policy,
        "issuer": issuer,
        "context": terms::text(&context.app.registry.host),
        "monitors": monitors(context)?,
        "successions": match &files.successions {
            Some(text) => serde_json::from_str(text)?,
            None => serde_json::Value::Null,
        },
    });
    let page = told(&files, &trust, |facts| {
        VerifyPage::new(context.lang, json.to_string(), facts)
    })?;
    context.page(&mut *context.conn()?, &page)
}

/// The text of `monitors.txt`; a folder need not have one.
fn monitors(context: &Context) -> Result<Option<String>, Failure> {
    let data = context.app.registry.data.as_ref().ok_or(Failure::NotFound)?;
    match fs::read_to_string(data.trust().join(MONITORS_FILE)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The page about trust.
///
/// # Errors
/// [`Failure`].
pub fn trust(context: &Context) -> Result<Answer, Failure> {
    let (files, trust) = read(context)?;
    let page = told(&files, &trust, |facts| TrustPage::new(context.lang, facts));
    context.page(&mut *context.conn()?, &page)
}

/// The registry's own trust folder. A server without its folder answers 404 rather than invent one.
pub(super) fn read(context: &Context) -> Result<(TrustFiles, Trust), Failure> {
    let data = context.app.registry.data.as_ref().ok_or(Failure::NotFound)?;
    let files = TrustFiles::read(&data.trust())?;
    let trust = files.parse(&data.trust())?;
    Ok((files, trust))
}

fn told<T>(files: &TrustFiles, trust: &Trust, make: impl FnOnce(&TrustFacts<'_>) -> T) -> T {
    let issuer = &trust.issuer;
    let quorum = files
        .policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("quorum "))
        .map(str::trim)
        .filter(|name| *name != "none");
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    make(&TrustFacts {
        did: &issuer.host.did(),
        log_origin: trust.policy.logs().first().map_or("", |log| log.name()),
        threshold: (count(issuer.threshold), count(issuer.roots.len())),
        quorum,
        valid_until: &words::day(issuer.valid_until),
    })
}
