//! What surrounds every page: header, navigation, switches, footer.

use serde::Serialize;

use crate::config;
use crate::web::i18n::{LANG_PARAMETER, Lang};
use crate::web::pages::parts::Fact;
use crate::web::render::Section;

/// Name of the cookie, and of the query parameter, that holds the layout for older readers.
pub const MODE_PARAMETER: &str = "mode";

/// Who runs the site. It comes from the registry's settings.
#[derive(Debug, Clone, Serialize)]
pub struct Site {
    /// Full name of the authority.
    pub authority: String,
    /// HOST: the registry's name in every record.
    pub host: String,
    /// What the settings say of who runs it.
    pub rows: Vec<Fact>,
}

/// Who runs the site, as label and value; what is not set has no label either.
#[must_use]
pub fn site_rows(lang: Lang, site: &config::Site) -> Vec<Fact> {
    let words = &lang.text().site;
    let rows = [
        (words.host_by, &site.sponsor),
        (words.contact, &site.telephone),
        (words.address, &site.address),
        (words.filing, &site.filing_number),
    ];
    let set = rows.into_iter().filter(|(_, value)| !value.trim().is_empty());
    set.map(|(label, value)| Fact::new(label, value.trim())).collect()
}

/// Who is signed in.
#[derive(Debug, Clone, Serialize)]
pub struct Viewer {
    /// The person's or the employer's name.
    pub name: String,
    /// Role in words.
    pub role: String,
    /// The page that the name leads to.
    pub home_url: String,
    /// Token that the sign-out form carries.
    pub csrf: String,
    /// Whether the officers' pages are shown in the navigation.
    pub officer: bool,
}

/// Everything around a page that depends on the request.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Language of the page.
    pub lang: Lang,
    /// Whether the large layout for older readers is on.
    pub large: bool,
    /// Path and query of the request, such as `/?query=江北`.
    pub path_and_query: String,
    /// Who runs the site.
    pub site: Site,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Whether the data is invented, which every page then says.
    pub demo: bool,
}

/// The layout's context.
#[derive(Debug, Serialize)]
pub struct Frame {
    lang: Lang,
    other_lang: Lang,
    lang_url: String,
    large: bool,
    mode_url: String,
    title: String,
    site: Site,
    viewer: Option<Viewer>,
    demo: bool,
    nav: Vec<NavItem>,
    signing_in: bool,
    indexed: bool,
    content: String,
}

#[derive(Debug, Serialize)]
struct NavItem {
    url: &'static str,
    label: &'static str,
    current: bool,
}

impl Frame {
    /// Puts rendered `content` into the frame. `content` is HTML and must come from a template.
    pub(crate) fn new(
        shell: &Shell,
        title: String,
        section: Section,
        indexed: bool,
        content: String,
    ) -> Self {
        let text = shell.lang.text();
        let other_lang = shell.lang.other();
        let mode = if shell.large { "normal" } else { "large" };
        let item = |url, label, of| NavItem {
            url,
            label,
            current: section == of,
        };
        let mut nav = vec![
            item("/", text.nav.search, Section::Search),
            item("/verify", text.nav.verify, Section::Verify),
            item("/trust", text.nav.trust, Section::Trust),
        ];
        if shell.viewer.as_ref().is_some_and(|viewer| viewer.officer) {
            nav.push(item("/officer", text.nav.office, Section::Office));
        }
        Self {
            lang: shell.lang,
            other_lang,
            lang_url: with_parameter(&shell.path_and_query, LANG_PARAMETER, other_lang.code()),
            large: shell.large,
            mode_url: with_parameter(&shell.path_and_query, MODE_PARAMETER, mode),
            title: format!("{title} · {}", text.site.short_name),
            site: shell.site.clone(),
            viewer: shell.viewer.clone(),
            demo: shell.demo,
            nav,
            signing_in: section == Section::SignIn,
            indexed,
            content,
        }
    }
}

/// The same address with one query parameter set; `name` and `value` need no escaping.
fn with_parameter(path_and_query: &str, name: &str, value: &str) -> String {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let prefix = format!("{name}=");
    let mut kept: Vec<&str> = query
        .split('&')
        .filter(|part| !part.is_empty() && !part.starts_with(&prefix))
        .collect();
    let set = format!("{prefix}{value}");
    kept.push(&set);
    format!("{path}?{}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_foot_shows_what_is_set_and_no_label_of_what_is_not() {
        let site = config::Site {
            sponsor: "某局".to_owned(),
            telephone: " ".to_owned(),
            ..config::Site::default()
        };
        let rows = site_rows(Lang::Chinese, &site);
        assert_eq!(rows.len(), 1);
        assert!(rows.iter().all(|row| row.text == "某局"));
        assert!(site_rows(Lang::English, &config::Site::default()).is_empty());
    }

    #[test]
    fn a_switch_keeps_the_rest_of_the_address() {
        for (from, to) in [
            ("/", "/?lang=en"),
            ("/?query=%E6%B1%9F&lang=zh", "/?query=%E6%B1%9F&lang=en"),
            ("/employers/9150?x=1&", "/employers/9150?x=1&lang=en"),
        ] {
            assert_eq!(with_parameter(from, LANG_PARAMETER, "en"), to);
        }
    }
}
