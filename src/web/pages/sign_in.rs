//! Sign-in.

use serde::Serialize;

use crate::web::i18n::{Lang, fill};
use crate::web::pages::parts::{Notice, Tone};
use crate::web::render::{Page, Section};

/// The sign-in page.
#[derive(Debug, Clone, Serialize)]
pub struct SignInPage {
    title: &'static str,
    /// Token against forged requests.
    pub csrf: String,
    /// Path to return to; the handler must have checked that it is a path of this site.
    pub next: String,
    /// Account as typed.
    pub account: String,
    /// Why one is here, or why it failed.
    pub error: Option<Notice>,
}

/// Why the sign-in page says something above the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInNotice {
    /// Account or password is wrong; which of them is never said.
    Failed,
    /// Too many attempts; wait so many seconds.
    SlowDown(u64),
    /// A page was asked for that needs an account.
    Needed,
}

impl SignInPage {
    /// The form.
    #[must_use]
    pub fn new(
        lang: Lang,
        csrf: String,
        next: String,
        account: String,
        notice: Option<SignInNotice>,
    ) -> Self {
        Self {
            title: lang.text().sign_in.title,
            csrf,
            next,
            account,
            error: notice.map(|notice| notice.shown(lang)),
        }
    }
}

impl SignInNotice {
    fn shown(self, lang: Lang) -> Notice {
        let words = &lang.text().sign_in;
        match self {
            Self::Failed => Notice::new(Tone::Bad, words.failed, words.failed_text),
            Self::SlowDown(seconds) => {
                let text = fill(words.slow_down_text, &[("seconds", &seconds.to_string())]);
                Notice::new(Tone::Warn, words.slow_down, text)
            }
            Self::Needed => Notice::new(Tone::Info, words.needed, words.needed_text),
        }
    }
}

impl Page for SignInPage {
    const TEMPLATE: &'static str = "sign_in";

    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn section(&self) -> Section {
        Section::SignIn
    }
}
