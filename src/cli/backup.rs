//! `chengxin backup`, `restore`.

use std::path::PathBuf;

use clap::Args;

use super::open::{Where, database_url};
use super::terminal::{Outcome, bar, say, warn};
use crate::registry::backup::{self, Target};
use crate::registry::data_dir::DataDir;

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    registry: Where,
    /// The file to write; nothing may be there yet
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Also hold the private keys, which must be encrypted
    #[arg(long)]
    with_keys: bool,
}

/// Arguments of `restore`.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// Folder of the restored registry: new, or with nothing but its keys in it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// An empty database instead of an SQLite file in the folder: sqlite:PATH or postgres://…
    #[arg(long, value_name = "URL", value_parser = database_url)]
    database_url: Option<String>,
    /// Also write the private keys that the backup holds
    #[arg(long)]
    with_keys: bool,
}

/// Makes a backup.
pub(super) fn run(args: &BackupArgs) -> Outcome {
    let registry = args.registry.open()?;
    let made = backup::write(&registry, &args.output, args.with_keys)?;
    let manifest = &made.manifest;
    let rows: u64 = manifest.tables.iter().map(|table| table.count).sum();
    say(format_args!(
        "✔ {}: {} 字节 / bytes, {rows} 行 / rows, 日志 / log {} 条, 根 / root {}",
        args.output.display(),
        made.length,
        manifest.head.size,
        manifest.head.root
    ));
    if !args.with_keys {
        warn(
            "私钥不在备份内，请另行保管 / private keys are not in it: keep the keys folder elsewhere (--with-keys holds encrypted ones)",
        );
    }
    if registry.keys()?.has_archive() {
        warn(
            "内部档案的密钥 keys/archive.key 不在备份内，请另行保管 / the archive's key, keys/archive.key, is never in it: keep it apart",
        );
    }
    Ok(0)
}

/// Restores one and checks everything: the exit code is that of `log fsck`.
pub(super) fn restore(args: &RestoreArgs) -> Outcome {
    let target = Target {
        data: DataDir::new(&args.data),
        database: args.database_url.clone(),
        with_keys: args.with_keys,
    };
    let bar = bar(0, "核查 / checking");
    let restored = backup::restore(&args.file, &target, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    let (head, report) = (&restored.manifest.head, &restored.report);
    say(format_args!(
        "已恢复 {} / restored {} as of {}",
        restored.manifest.host, restored.manifest.host, restored.manifest.made_at
    ));
    super::log::tell(report);
    if report.findings.is_empty() && report.root == head.root {
        say(format_args!(
            "✔ 根与签名的日志头一致 / the root is that of the signed head of {} entries",
            head.size
        ));
    }
    if let Some(mark) = restored.newer {
        say(format_args!(
            "! 签名端已签至 {} 条，备份只有 {} 条：先运行 chengxin log catch-up，再发布 / the signer signed {} entries, the backup has {}: run `chengxin log catch-up` before anything is published",
            mark.size, head.size, mark.size, head.size
        ));
    } else {
        say(
            "! 若备份之后还公布过内容，先运行 chengxin log catch-up / if anything was published after this backup, run `chengxin log catch-up` first: docs/operate.md",
        );
    }
    if !restored.keys {
        say(format_args!(
            "! 私钥不在此处：请从原登记机的 keys 文件夹或密钥备份取来 log*.pem 和 issuer*.pem，放入 {0} 后方可发布 / \
                 the private keys are not here: bring log*.pem and issuer*.pem from the old machine's keys folder or \
                 your backup of it into {0} before publishing",
            target.data.keys().display()
        ));
    }
    if restored.archive_locked {
        say(
            "! 缺少 keys/archive.key：没有它，内部档案中已撤回记录的原件无法调阅，也不能再办理撤回；请从其单独的备份放回 / \
             keys/archive.key is missing: without it the archive's copies of withdrawn records cannot be opened and nothing \
             can be withdrawn; put it back from its own backup: docs/operate.md",
        );
    }
    Ok(report.exit_code())
}
