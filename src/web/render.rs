//! Turns a page struct into HTML: strict templates, one set for each language, one layout.
//!
//! Templates are compiled once, when the server starts. Two markers are resolved then, before
//! compilation: `{{t.page.key}}` becomes the text in that language, `{{asset.name}}` the hashed URL
//! of a file. An unknown text, asset, partial or page stops the start; an unknown field is an error
//! of the render (strict mode), never an empty string. Only the layout may contain `{{{`.

use std::collections::BTreeSet;

use handlebars::Handlebars;
use rust_embed::RustEmbed;
use serde::Serialize;

use crate::web::assets::Assets;
use crate::web::i18n::{Lang, text};
use crate::web::pages::shell::{Frame, Shell};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// A display-ready struct for one template; it is built with `From` or `new` from domain values.
pub trait Page: Serialize {
    /// Name of the file under `templates/pages/`, without its extension.
    const TEMPLATE: &'static str;

    /// What the window and the search engine show, without the registry's name.
    fn title(&self) -> String;

    /// The entry of the navigation that this page belongs to.
    fn section(&self) -> Section;

    /// Whether search engines may keep it. Not where it may name a person, or lists who was found.
    fn is_indexed(&self) -> bool {
        true
    }
}

/// Entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Search and employer pages.
    Search,
    /// Verification of a file.
    Verify,
    /// What is trusted and why.
    Trust,
    /// Sign-in.
    SignIn,
    /// The officers' pages.
    Office,
    /// No entry (errors).
    None,
}

/// Why templates could not be compiled or a page not be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template names a text that the language does not have.
    #[error("template {template}: there is no text {key}")]
    UnknownText {
        /// Template file.
        template: String,
        /// The key as written.
        key: String,
    },
    /// A template names an asset that is not embedded.
    #[error("template {template}: there is no asset {name}")]
    UnknownAsset {
        /// Template file.
        template: String,
        /// The asset's name as written.
        name: String,
    },
    /// A template leaves a marker open or prints unescaped text outside the layout.
    #[error("template {template}: {reason}")]
    Malformed {
        /// Template file.
        template: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The template does not compile.
    #[error("template does not compile: {0}")]
    Compile(#[from] Box<handlebars::TemplateError>),
    /// The page could not be rendered, for one because a field is missing.
    #[error("page could not be rendered: {0}")]
    Render(#[from] Box<handlebars::RenderError>),
}

/// Compiled templates of both languages.
#[derive(Debug)]
pub struct Renderer {
    chinese: Handlebars<'static>,
    english: Handlebars<'static>,
    assets: Assets,
}

impl Renderer {
    /// Compiles every embedded template for every language.
    ///
    /// # Errors
    /// [`RenderError`] where a template does not compile or names an unknown text or asset.
    pub fn load() -> Result<Self, RenderError> {
        let assets = Assets::embedded();
        Ok(Self {
            chinese: compile(Lang::Chinese, &assets)?,
            english: compile(Lang::English, &assets)?,
            assets,
        })
    }

    /// The assets that the templates link to.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Renders one page inside the layout, in the language of the shell.
    ///
    /// # Errors
    /// [`RenderError::Render`] where the template needs a field that the page does not have.
    pub fn page<P: Page>(&self, shell: &Shell, page: &P) -> Result<String, RenderError> {
        let templates = match shell.lang {
            Lang::Chinese => &self.chinese,
            Lang::English => &self.english,
        };
        let content = templates
            .render(&format!("pages/{}", P::TEMPLATE), page)
            .map_err(Box::new)?;
        let frame = Frame::new(shell, page.title(), page.section(), page.is_indexed(), content);
        Ok(templates.render("layout/site", &frame).map_err(Box::new)?)
    }
}

/// Names of the templates under `templates/pages/`.
#[must_use]
pub fn page_templates() -> BTreeSet<String> {
    Templates::iter()
        .filter_map(|path| {
            let name = path.strip_prefix("pages/")?.strip_suffix(".hbs")?;
            Some(name.to_owned())
        })
        .collect()
}

fn compile(lang: Lang, assets: &Assets) -> Result<Handlebars<'static>, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    for path in Templates::iter().filter(|path| path.ends_with(".hbs")) {
        let Some(file) = Templates::get(&path) else {
            continue;
        };
        let source = String::from_utf8_lossy(&file.data);
        if source.contains("{{{") && !path.starts_with("layout/") {
            return Err(malformed(&path, "only the layout may print unescaped text"));
        }
        let name = path.trim_end_matches(".hbs");
        let source = resolve(&path, &source, lang, assets)?;
        handlebars
            .register_template_string(name.trim_start_matches("partials/"), source)
            .map_err(Box::new)?;
    }
    Ok(handlebars)
}

/// Replaces `{{t.…}}` and `{{asset.…}}` by what they name, escaped for HTML and for handlebars.
fn resolve(path: &str, source: &str, lang: Lang, assets: &Assets) -> Result<String, RenderError> {
    let mut out = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some(start) = rest.find("{{") {
        let (before, marker) = rest.split_at(start);
        out.push_str(before);
        let end = marker
            .find("}}")
            .ok_or_else(|| malformed(path, "“{{” without “}}”"))?;
        let (marker, after) = marker.split_at(end);
        let inner = marker.trim_start_matches("{{").trim();
        if let Some(key) = inner.strip_prefix("t.") {
            let found = text(lang).get(key).ok_or_else(|| RenderError::UnknownText {
                template: path.to_owned(),
                key: key.to_owned(),
            })?;
            out.push_str(&handlebars::html_escape(found));
            rest = after.get(2..).unwrap_or_default();
        } else if let Some(name) = inner.strip_prefix("asset.") {
            let url = assets.url(name).ok_or_else(|| RenderError::UnknownAsset {
                template: path.to_owned(),
                name: name.to_owned(),
            })?;
            out.push_str(&url);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push_str(marker);
            rest = after;
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn malformed(path: &str, reason: &'static str) -> RenderError {
    RenderError::Malformed {
        template: path.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests;
