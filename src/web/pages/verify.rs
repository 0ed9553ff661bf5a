//! The verification page: the browser checks a file against the trust that the page carries.
//!
//! The server sends the trust folder and the texts; the file never comes here.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::verify::{Headline, Reason};
use crate::web::i18n::{Axes, Lang, States, Verdicts, fill};
use crate::web::pages::parts::Fact;
use crate::web::render::{Page, Section};
use crate::web::words;

/// The verification page.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyPage {
    title: &'static str,
    /// `{"policy": text of policy.txt, "issuer": object of issuer.json, "context": text of the context}`.
    pub trust_json: String,
    text_json: String,
    /// The trust in words.
    pub trust: Vec<Fact>,
    /// Commands of the offline program.
    pub commands: Vec<String>,
    /// Commands that build it from the source.
    pub builds: Vec<String>,
}

/// The texts that the script shows.
#[derive(Debug, Serialize)]
struct ScriptText<'a> {
    lang: Lang,
    axes: &'a Axes,
    states: &'a States,
    verdicts: &'a Verdicts,
    kinds: BTreeMap<&'static str, &'static str>,
    reasons: BTreeMap<&'static str, &'static str>,
    headlines: BTreeMap<&'static str, HeadlineText>,
}

/// A headline of the verifier in one language.
#[derive(Debug, Serialize)]
struct HeadlineText {
    /// Code of the word, for tone and icon.
    word: &'static str,
    /// The word.
    name: &'static str,
    /// The sentence.
    text: &'static str,
}

/// What of the trust folder is shown in words.
#[derive(Debug, Clone)]
pub struct TrustFacts<'a> {
    /// DID of the issuer.
    pub did: &'a str,
    /// Origin of the log.
    pub log_origin: &'a str,
    /// How many root keys must sign, of how many.
    pub threshold: (u32, u32),
    /// Name of the policy's quorum, or `None` under `quorum none`.
    pub quorum: Option<&'a str>,
    /// Last day of the trust file.
    pub valid_until: &'a str,
}

impl TrustFacts<'_> {
    /// The facts as label and value.
    #[must_use]
    pub fn in_words(&self, lang: Lang) -> Vec<Fact> {
        let words = &lang.text().verify;
        let (k, n) = (self.threshold.0.to_string(), self.threshold.1.to_string());
        let policy = match self.quorum {
            Some(quorum) => fill(words.policy_quorum, &[("quorum", quorum)]),
            None => words.policy_none.to_owned(),
        };
        vec![
            Fact::new(words.issuer, self.did),
            Fact::new(words.log_origin, self.log_origin),
            Fact::new(words.root_keys, fill(words.threshold, &[("k", &k), ("n", &n)])),
            Fact::new(words.policy, policy),
            Fact::new(words.trust_until, self.valid_until),
        ]
    }
}

/// The command that builds the offline program, as docs/verify.md has it.
const BUILD: &str = "cargo build --release --no-default-features --bin chengxin-verify";

/// The commands that verify a bundle offline.
#[must_use]
pub fn offline_commands() -> Vec<String> {
    ["chengxin-verify bundle.json --trust trust/"]
        .map(str::to_owned)
        .to_vec()
}

/// What each headline of the verifier says.
fn headlines(lang: Lang) -> BTreeMap<&'static str, HeadlineText> {
    let lang = words::verifier(lang);
    let text = |headline: &Headline| {
        let text = HeadlineText {
            word: headline.word().code(),
            name: headline.word().name(lang),
            text: headline.sentence(lang),
        };
        (headline.code(), text)
    };
    Headline::ALL.iter().map(text).collect()
}

/// What each reason code of the verifier says; `{}` stands for its detail.
fn reasons(lang: Lang) -> BTreeMap<&'static str, &'static str> {
    let lang = words::verifier(lang);
    let text = |reason: &Reason| (reason.code(), reason.text(lang));
    Reason::ALL.iter().map(text).collect()
}

impl VerifyPage {
    /// The page with its trust.
    ///
    /// # Errors
    /// Where the texts cannot be written as JSON (which no input can cause).
    pub fn new(lang: Lang, trust_json: String, trust: &TrustFacts<'_>) -> Result<Self, serde_json::Error> {
        let text = lang.text();
        let kinds = [
            ("IntegrityGrade", text.kinds.integrity_grade),
            ("WageBlacklistEntry", text.kinds.wage_blacklist_entry),
            ("RuleSetPublication", text.kinds.rule_set_publication),
            ("RecordWithdrawal", text.kinds.record_withdrawal),
            ("BitstringStatusListCredential", text.kinds.status_list),
        ];
        let script = ScriptText {
            lang,
            axes: &text.axes,
            states: &text.states,
            verdicts: &text.verdicts,
            kinds: kinds.into(),
            reasons: reasons(lang),
            headlines: headlines(lang),
        };
        Ok(Self {
            title: text.verify.title,
            trust_json,
            text_json: serde_json::to_string(&script)?,
            trust: trust.in_words(lang),
            commands: offline_commands(),
            builds: vec![BUILD.to_owned()],
        })
    }
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "verify";

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn section(&self) -> Section {
        Section::Verify
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{self, Axis, State};

    fn texts<T: Serialize>(value: &T) -> BTreeMap<String, String> {
        serde_json::from_value(serde_json::to_value(value).unwrap()).unwrap()
    }

    #[test]
    fn axes_and_states_have_the_names_of_the_offline_program() {
        for (lang, names) in [
            (Lang::Chinese, verify::Lang::Zh),
            (Lang::English, verify::Lang::En),
        ] {
            let (axes, states) = (texts(&lang.text().axes), texts(&lang.text().states));
            for axis in Axis::ALL.into_iter().chain([Axis::Answer, Axis::Monitored]) {
                assert_eq!(axes[&axis.code().replace('-', "_")], axis.name(names));
            }
            for state in [State::Holds, State::Fails, State::Undecided, State::NotRequired] {
                assert_eq!(states[&state.code().replace('-', "_")], state.name(names));
            }
        }
    }

    #[test]
    fn the_program_is_built_as_the_documentation_says() {
        assert!(include_str!("../../../docs/verify.md").contains(BUILD));
    }

    #[test]
    fn the_script_knows_every_headline_and_no_other() {
        let script = include_str!("../../../templates/assets/headline.js");
        for headline in Headline::ALL {
            assert!(
                script.contains(&format!("\"{}\"", headline.code())),
                "{headline:?}"
            );
        }
        let page = include_str!("../../../templates/assets/verify-page.js");
        for word in verify::Word::ALL {
            assert!(page.contains(&format!("{}: [", word.code())), "{word:?}");
        }
    }

    #[test]
    fn the_script_uses_only_reason_codes_of_the_verifier() {
        let scripts = [
            include_str!("../../../templates/assets/verify.js"),
            include_str!("../../../templates/assets/verify-statement.js"),
        ];
        let used = |code: &str| {
            scripts
                .iter()
                .any(|script| script.contains(&format!("\"{code}\"")))
        };
        // A bulk file is not for the browser, nor is a batch check; and what has no verdict is told in the page's
        // own words.
        let elsewhere = [
            "batch-checked",
            "header-malformed",
            "no-records",
            "batch-not-bulk",
            "trust-unreadable",
            "trust-policy",
            "trust-foreign-log",
            "trust-issuer",
            "trust-monitors",
            "trust-successions",
            "input-not-json",
            "input-too-long",
            "input-unknown",
            "input-unreadable",
        ];
        for reason in Reason::ALL {
            assert!(
                used(reason.code()) != elsewhere.contains(&reason.code()),
                "{}",
                reason.code()
            );
        }
    }
}
