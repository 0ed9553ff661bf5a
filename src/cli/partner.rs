//! `chengxin partner {add, revoke} NAME`.

use clap::Subcommand;

use super::open::Where;
use super::terminal::{Outcome, say};
use crate::registry::partner;

/// What to do about partners.
#[derive(Debug, Subcommand)]
pub(super) enum PartnerCommand {
    /// Add a partner (a bank, a market regulator) and print its API key, once
    Add {
        /// The partner's name
        name: String,
        #[command(flatten)]
        registry: Where,
    },
    /// Revoke a partner's API key, from the next request on
    Revoke {
        /// The partner's name
        name: String,
        #[command(flatten)]
        registry: Where,
    },
}

/// Runs the command.
pub(super) fn run(command: &PartnerCommand) -> Outcome {
    match command {
        PartnerCommand::Add { name, registry } => {
            let key = partner::add(&registry.open()?, name)?;
            say(format_args!(
                "合作方 {name} 的接口密钥（只显示这一次）/ API key, shown only this once:\n{key}"
            ));
            say("用法 / use: curl -H \"Authorization: Bearer KEY\" …/api/v1/employers/CODE");
            Ok(0)
        }
        PartnerCommand::Revoke { name, registry } => {
            partner::revoke(&registry.open()?, name)?;
            say(format_args!("{name} 的密钥已作废 / the key of {name} is revoked"));
            Ok(0)
        }
    }
}
