//! `bench verify`: a bulk file of synthetic grades through the real offline verifier.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter};

use super::measure::{start, verifications_per_second};
use super::publish::{Scratch, publish, registry};
use super::{Measured, VerifyArgs};
use crate::registry::clock::{Clock as _, SystemClock};
use crate::registry::export;
use crate::registry::trust::TrustFiles;
use crate::verify::stream::check_bulk;
use crate::verify::trust::Trust;
use crate::verify::{Options, SignatureCheck};

/// Runs it.
pub(super) fn run(args: &VerifyArgs) -> Result<Measured, Box<dyn Error>> {
    let scratch = Scratch::make(args.scratch.as_deref())?;
    let registry = registry(&scratch.0, None)?;
    publish(&registry, args.count)?;
    let path = scratch.0.join("bulk.ndjson");
    let (mut conn, mut second) = (registry.store.conn()?, registry.store.conn()?);
    export::bulk(
        &mut conn,
        &mut second,
        0,
        &|_| true,
        &mut BufWriter::new(File::create(&path)?),
    )?;
    let files = TrustFiles::read(&scratch.0.join("trust"))?;
    let trust = Trust::parse(files.policy.as_bytes(), files.issuer.as_bytes())?;
    let check = if args.batch {
        SignatureCheck::Batch
    } else {
        SignatureCheck::Strict
    };
    verifications_per_second(); // warms caches and clock frequency
    let before = verifications_per_second();
    let started = start();
    let source = BufReader::with_capacity(1 << 20, File::open(&path)?);
    let report = check_bulk(source, &trust, &Options::at(SystemClock.now()), check, |_, _| ())?;
    let work = if args.batch { "verify --batch" } else { "verify" };
    let measured = started.stop(work, "pure verification on all cores, one by one", args.count);
    if report.accepted != args.count {
        return Err(format!("{} of {} records were accepted", report.accepted, args.count).into());
    }
    Ok(measured.against(before, verifications_per_second()))
}
