//! A real PostgreSQL: one cluster for the whole process, started when first asked for; a fresh database
//! for each test.
//!
//! The cluster belongs to `tests/postgres.sh`, which stops it when its standard input closes. The pipe
//! is ours, so the system closes it however this process ends. `tests/run.sh` starts one cluster for all
//! processes and names it in `CHENGXIN_TEST_POSTGRES`.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};

struct Cluster {
    folder: PathBuf,
    /// Holds the pipe that keeps the cluster running.
    _keeper: Option<Child>,
}

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The URL of a new, empty database, or why there is none.
pub fn fresh_database() -> Result<String, String> {
    let cluster = CLUSTER.get_or_init(start).as_ref().map_err(Clone::clone)?;
    let name = format!("t{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let url = |database: &str| {
        format!(
            "postgres:///{database}?host={}&user=postgres",
            cluster.folder.display()
        )
    };
    let mut conn = PgConnection::establish(&url("postgres")).expect("the cluster answers");
    sql_query(format!("CREATE DATABASE {name}"))
        .execute(&mut conn)
        .expect("a fresh database");
    Ok(url(&name))
}

/// The URL of a copy of a database, made while nobody is connected to it: connections of pools are made anew.
pub fn copy_of(url: &str) -> String {
    let name = url
        .split_once("///")
        .and_then(|(_, rest)| rest.split('?').next())
        .expect("a name");
    let copy = format!("{name}_copy{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut conn = PgConnection::establish(&url.replace(name, "postgres")).expect("the cluster answers");
    for sql in [
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
        format!("CREATE DATABASE {copy} TEMPLATE {name}"),
    ] {
        sql_query(sql).execute(&mut conn).expect("a copy");
    }
    url.replace(name, &copy)
}

fn start() -> Result<Cluster, String> {
    if let Some(folder) = env::var_os("CHENGXIN_TEST_POSTGRES").filter(|folder| !folder.is_empty()) {
        return Ok(Cluster {
            folder: folder.into(),
            _keeper: None,
        });
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres.sh");
    let mut keeper = Command::new("bash")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("bash cannot be started: {error}"))?;
    let mut line = String::new();
    BufReader::new(keeper.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("a line of text");
    match line.trim_end().split_once(' ') {
        Some(("ready", folder)) => Ok(Cluster {
            folder: folder.into(),
            _keeper: Some(keeper),
        }),
        Some(("missing", why)) => {
            let mut said = String::new();
            if let Some(mut pipe) = keeper.stderr.take() {
                pipe.read_to_string(&mut said).expect("text");
            }
            Err(format!("{why}\n{said}").trim_end().to_owned())
        }
        _ => panic!("tests/postgres.sh said {line:?}"),
    }
}
