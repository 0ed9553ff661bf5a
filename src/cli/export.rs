//! `chengxin export …`: files for banks and mirrors.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use uuid::Uuid;

use super::open::Where;
use super::terminal::{Outcome, say, warn};
use crate::domain::code::UnifiedCode;
use crate::domain::registration::EmployerKey;
use crate::record::credential::Audience;
use crate::registry::export::{self, ExportError};
use crate::registry::snapshot::statement;
use crate::registry::static_log;
use crate::store::log::body::{self, Body};
use crate::store::log::checkpoint;
use crate::store::{Conn, employer};

/// What to export.
#[derive(Debug, Subcommand)]
pub(super) enum ExportCommand {
    /// One employer's newest grade with everything that proves it
    Bundle {
        /// Unified social credit code
        #[arg(long, value_parser = super::open::code)]
        code: UnifiedCode,
        /// Year graded; the newest without it
        #[arg(long)]
        year: Option<i64>,
        #[command(flatten)]
        to: To,
    },
    /// What the registry holds on an employer as of its newest snapshot, “nothing” included
    Statement {
        /// Unified social credit code, or reg:DIVISION:NUMBER; it need not be registered
        #[arg(long)]
        code: String,
        /// Whose view
        #[arg(long, value_enum, default_value_t = View::Public)]
        audience: View,
        /// Leave out the records themselves and their status lists: how many there are, and their digests
        #[arg(long)]
        digests: bool,
        #[command(flatten)]
        to: To,
    },
    /// One record's canonical bytes
    Record {
        /// The record's id (UUID, with or without urn:uuid:)
        #[arg(value_parser = record_id)]
        id: Uuid,
        #[command(flatten)]
        to: To,
    },
    /// Every record's canonical bytes, one a line: all that the operator may see
    Records {
        /// From this log index on
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        since: i64,
        #[command(flatten)]
        to: To,
    },
    /// Every record with its proofs, for bulk verification
    Bulk {
        /// From this log index on
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        since: i64,
        #[command(flatten)]
        to: To,
    },
    /// The log as static files: checkpoint, tiles, entry bundles
    Log {
        /// The folder to write
        folder: PathBuf,
        /// Also every body, for `chengxin log catch-up`: into private/bodies, which nobody else may read
        #[arg(long)]
        bodies: bool,
        #[command(flatten)]
        registry: Where,
    },
}

/// Whose view of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum View {
    /// Everybody's
    Public,
    /// That of partners with a key: never hand a proof from it to anybody else, neighbours show
    Partners,
}

impl From<View> for Audience {
    fn from(view: View) -> Self {
        match view {
            View::Public => Self::Public,
            View::Partners => Self::Partners,
        }
    }
}

/// From which registry into which file.
#[derive(Debug, clap::Args)]
pub(super) struct To {
    #[command(flatten)]
    registry: Where,
    /// The file to write; standard output without it
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(command: &ExportCommand) -> Outcome {
    match command {
        ExportCommand::Bundle { code, year, to } => {
            let mut conn = to.registry.open()?.store.conn()?;
            let row = newest_grade(&mut conn, code.as_str(), *year)?;
            write_all(to.output.as_deref(), &export::bundle(&mut conn, &row)?)
        }
        ExportCommand::Statement {
            code,
            audience,
            digests,
            to,
        } => {
            let key: EmployerKey = if code.starts_with("reg:") {
                code.parse()?
            } else {
                super::open::code(code)?.into()
            };
            let mut conn = to.registry.open()?.store.conn()?;
            let bytes = statement::make(&mut conn, (*audience).into(), &key.to_string(), !*digests)?;
            write_all(to.output.as_deref(), &bytes)
        }
        ExportCommand::Record { id, to } => {
            let mut conn = to.registry.open()?.store.conn()?;
            let row = record(&mut conn, *id)?;
            write_all(to.output.as_deref(), &row.bytes)
        }
        ExportCommand::Records { since, to } => {
            let mut conn = to.registry.open()?.store.conn()?;
            let count = export::records(&mut conn, *since, &mut output(to.output.as_deref())?)?;
            told(to.output.as_deref(), count)
        }
        ExportCommand::Bulk { since, to } => {
            let registry = to.registry.open()?;
            let (mut conn, mut second) = (registry.store.conn()?, registry.store.conn()?);
            let out = &mut output(to.output.as_deref())?;
            let count = export::bulk(&mut conn, &mut second, *since, &|_| true, out)?;
            told(to.output.as_deref(), count)
        }
        ExportCommand::Log {
            folder,
            bodies,
            registry,
        } => {
            let files = static_log::write(&mut *registry.open()?.store.conn()?, folder, *bodies)?;
            say(format_args!("{files} files in {}", folder.display()));
            Ok(0)
        }
    }
}

fn newest_grade(conn: &mut Conn, code: &str, year: Option<i64>) -> Result<Body, ExportError> {
    let unknown = || ExportError::NotFound(format!("登记库中没有 {code} / no employer {code}"));
    let row = employer::by_code(conn, code)?.ok_or_else(unknown)?;
    let served = checkpoint::served_size(conn)?;
    body::of_employer(conn, row.id, served)?
        .into_iter()
        .filter(|body| body.record_type.as_deref() == Some("IntegrityGrade"))
        .find(|body| year.is_none() || body.year == year)
        .ok_or_else(|| {
            ExportError::NotFound(format!("{code} 没有已公布的等级 / no published grade of {code}"))
        })
}

pub(super) fn record_id(text: &str) -> Result<Uuid, String> {
    let plain = text.trim();
    Uuid::parse_str(plain.strip_prefix("urn:uuid:").unwrap_or(plain)).map_err(|_| {
        "记录编号应为 UUID，如 0f0e1d2c-3b4a-4958-8677-8695a4b30001（可带 urn:uuid:）/ \
         a record's id is a UUID such as 0f0e1d2c-3b4a-4958-8677-8695a4b30001, with or without urn:uuid:"
            .to_owned()
    })
}

fn record(conn: &mut Conn, id: Uuid) -> Result<Body, ExportError> {
    let unknown = || ExportError::NotFound(format!("没有记录 {id} / no record {id}"));
    let served = checkpoint::served_size(conn)?;
    body::by_record_id(conn, id.as_bytes(), served)?.ok_or_else(unknown)
}

fn output(path: Option<&Path>) -> io::Result<Box<dyn Write>> {
    Ok(match path {
        Some(path) => Box::new(BufWriter::new(File::create(path)?)),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    })
}

fn write_all(path: Option<&Path>, bytes: &[u8]) -> Outcome {
    let mut out = output(path)?;
    out.write_all(bytes)?;
    out.flush()?;
    if let Some(path) = path {
        warn(format_args!("{}: {} bytes", path.display(), bytes.len()));
    }
    Ok(0)
}

fn told(path: Option<&Path>, count: u64) -> Outcome {
    if let Some(path) = path {
        warn(format_args!("{}: {count} records", path.display()));
    }
    Ok(0)
}
