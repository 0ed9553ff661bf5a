//! `chengxin quarantine list`: imported rows that need an officer.

use chrono::SecondsFormat;
use clap::Subcommand;
use serde_json::{Value, json};

use super::open::Where;
use super::terminal::{Outcome, say};
use crate::store::quarantine::{self, QuarantinedRow};

/// What to do with them.
#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// Every row with its reason
    List {
        #[command(flatten)]
        registry: Where,
        /// Print one JSON object a row
        #[arg(long)]
        json: bool,
    },
}

/// Runs the command.
pub(super) fn run(command: &QuarantineCommand) -> Outcome {
    let QuarantineCommand::List { registry, json } = command;
    let rows = quarantine::list(&mut *registry.open()?.store.conn()?)?;
    for row in &rows {
        if *json {
            say(object(row))
        } else {
            say(sentence(row))
        }
    }
    if !json {
        say(format_args!(
            "共 {count} 行待工作人员处理 / {count} rows need an officer",
            count = rows.len()
        ));
    }
    Ok(0)
}

/// The row as it was; text that is no JSON is shown as it is.
fn content(row: &QuarantinedRow) -> Value {
    let kept: Value =
        serde_json::from_str(&row.row_text).unwrap_or_else(|_| Value::String(row.row_text.clone()));
    kept.get("cells").cloned().unwrap_or(kept)
}

fn object(row: &QuarantinedRow) -> Value {
    json!({
        "id": row.id,
        "source": row.source,
        "row": row.line,
        "reason": row.reason,
        "cells": content(row),
        "receivedAt": row.received_at.and_utc().to_rfc3339_opts(SecondsFormat::Secs, true),
    })
}

fn sentence(row: &QuarantinedRow) -> String {
    let cells = content(row);
    let name = cells.get("employer").and_then(Value::as_str).unwrap_or("?");
    let file = row.source.split(" sha-256:").next().unwrap_or_default();
    format!(
        "{}. {name}（{file} 第 {} 行 / row {}）\n   {}",
        row.id, row.line, row.line, row.reason
    )
}
