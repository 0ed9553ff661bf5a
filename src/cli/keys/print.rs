//! Key lists and key documents in words.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::cli::terminal::say;
use crate::record::did::KeyDocument;
use crate::registry::key_ceremony::Prepared;
use crate::registry::key_list::{KeyList, KeyState};
use crate::verify::Succession;

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The ends of a key, where it has any.
fn ends(expires: Option<DateTime<Utc>>, revoked: Option<DateTime<Utc>>) -> String {
    let expires = expires.map(|at| format!("  止 / expires {}", time(at)));
    let revoked = revoked.map(|at| format!("  撤销 / revoked since {}", time(at)));
    format!("{}{}", expires.unwrap_or_default(), revoked.unwrap_or_default())
}

/// What a key document says, so that who signs it sees it.
pub(super) fn document(document: &KeyDocument) {
    say(format_args!("密钥文件 / key document of {}", document.host));
    say(format_args!("  日期 / dated  {}", time(document.updated)));
    if let Some(next) = document.next_update {
        say(format_args!("  下次更新不晚于 / next by  {}", time(next)));
    }
    for method in &document.methods {
        say(format_args!(
            "  {}{}",
            method.id,
            ends(method.expires, method.revoked)
        ));
    }
}

/// What a succession document says, so that who signs it sees it.
pub(super) fn succession(document: &Succession) {
    say(format_args!("日志接续文件 / log succession of {}", document.host));
    say(format_args!(
        "  停用的日志 / the log that ends  {}",
        document.old_origin()
    ));
    for key in &document.old_keys {
        say(format_args!("    {key}"));
    }
    say(format_args!(
        "  冻结于 / frozen at  {} 条 / entries, {} {}",
        document.size,
        document.root.to_base64(),
        time(document.frozen_at)
    ));
    say(format_args!(
        "  接续的日志 / the log that goes on  {}",
        document.new_origin()
    ));
    say(format_args!("    {}", document.new_key));
}

/// A prepared document and where it goes.
pub(super) fn prepared(prepared: &Prepared, file: &Path) {
    if let Some(made) = &prepared.made {
        say(format_args!("新签发密钥 / new issuer key  {}", made.display()));
    }
    document(&prepared.document);
    say(format_args!(
        "待两把根密钥签名 / awaits two roots: chengxin keys sign {} --root root-1.pem",
        file.display()
    ));
}

/// The same for programs.
pub(super) fn prepared_json(prepared: &Prepared, file: &Path) -> serde_json::Value {
    let document = &prepared.document;
    let methods: Vec<_> = document
        .methods
        .iter()
        .map(|method| {
            json!({
                "method": method.id,
                "expires": method.expires.map(time),
                "revoked": method.revoked.map(time),
            })
        })
        .collect();
    json!({
        "file": file.display().to_string(),
        "madeKey": prepared.made.as_ref().map(|path| path.display().to_string()),
        "updated": time(document.updated),
        "nextUpdate": document.next_update.map(time),
        "methods": methods,
    })
}

/// All keys.
pub(super) fn list(keys: &KeyList) {
    let here = |here: bool| if here { "" } else { "  不在本机 / not here" };
    say("签发密钥 / issuer keys");
    for key in &keys.issuer {
        let state = match key.state {
            KeyState::Signing => "签名中 / signing",
            KeyState::InForce => "有效 / in force",
            KeyState::Expired => "已过期 / expired",
            KeyState::Revoked => "已撤销 / revoked",
            KeyState::Unlisted => "未公布 / not published yet",
        };
        let ends = ends(key.expires, key.revoked);
        say(format_args!("  {}  {state}{ends}{}", key.method, here(key.here)));
    }
    say("日志密钥 / log keys");
    for key in &keys.log {
        let state = if key.signs {
            "签名中 / signing"
        } else {
            "已停用 / no longer"
        };
        say(format_args!("  {}  {state}", key.key));
    }
    say("根密钥 / root keys");
    for key in &keys.roots {
        let state = if key.here {
            "在本机，应离线保存 / here: move it off this machine"
        } else {
            "离线 / offline"
        };
        say(format_args!("  {}  {state}", key.key));
    }
    say(format_args!("密钥文件 / key document  {}", time(keys.updated)));
    if let Some(next) = keys.next_update {
        say(format_args!("  下次更新不晚于 / next by  {}", time(next)));
    }
}
