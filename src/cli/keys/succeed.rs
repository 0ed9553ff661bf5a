//! `chengxin keys succeed`, and `keys publish` of a succession document.

use std::path::Path;

use super::{Where, print, replace};
use crate::cli::publish::stops;
use crate::cli::terminal::{Outcome, say};
use crate::registry::succession;

/// Prepares the document.
pub(super) fn prepare(registry: &Where, file: &Path) -> Outcome {
    let prepared = succession::prepare(&registry.open()?)?;
    replace(file, &prepared.note)?;
    print::succession(&prepared.document);
    say(format_args!(
        "待两把根密钥签名 / awaits two roots: chengxin keys sign {} --root root-1.pem",
        file.display()
    ));
    Ok(0)
}

/// Imports it, signed.
pub(super) fn publish(note: &str, registry: &Where, json: bool) -> Outcome {
    let done = succession::publish(&registry.open()?, note, stops().as_ref())?;
    if json {
        say(serde_json::to_string(&done)?);
        return Ok(0);
    }
    say(format_args!(
        "旧日志冻结于 {0} 条 / frozen at {0} entries",
        done.frozen
    ));
    say(format_args!("新日志密钥 / new log key  {}", done.key));
    for file in &done.retired {
        say(format_args!(
            "旧日志密钥已停用 / the old log key signs no more: {}",
            file.display()
        ));
    }
    say(
        "请重启服务，并用 keys export-trust 把新信任文件夹交给核验方、见证人和监测方 / restart the server; hand verifiers, witnesses and monitors the new trust folder (keys export-trust)",
    );
    Ok(0)
}
