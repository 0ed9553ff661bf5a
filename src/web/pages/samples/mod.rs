//! Invented data that looks real, for every page, its states and both languages.
//!
//! `CHENGXIN_SAMPLES=/tmp/samples cargo test renders_every_sample` writes every page and asset there,
//! to be looked at over any static file server.

mod office;
mod public;
mod verdicts;

use crate::config;
use crate::web::i18n::Lang;
use crate::web::pages::shell::{Shell, Site, Viewer, site_rows};
use crate::web::render::{Page, RenderError, Renderer};

/// A rendered sample: template, name of its state, HTML.
pub(crate) struct Sample {
    pub(crate) template: &'static str,
    pub(crate) name: String,
    pub(crate) html: String,
}

/// Who looks at a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Nobody,
    Officer,
    Employer,
}

struct Stage<'a> {
    renderer: &'a Renderer,
    lang: Lang,
    large: bool,
    samples: Vec<Sample>,
}

impl Stage<'_> {
    fn show<P: Page>(&mut self, name: &str, who: Who, page: &P) -> Result<(), RenderError> {
        let shell = shell(self.lang, self.large, who);
        let suffix = match (self.lang, self.large) {
            (Lang::Chinese, false) => "",
            (Lang::Chinese, true) => ".large",
            (Lang::English, _) => ".en",
        };
        self.samples.push(Sample {
            template: P::TEMPLATE,
            name: format!("{name}{suffix}"),
            html: self.renderer.page(&shell, page)?,
        });
        Ok(())
    }
}

fn shell(lang: Lang, large: bool, who: Who) -> Shell {
    let viewer = |name: &str, role: &str, home_url: &str, officer| Viewer {
        name: name.to_owned(),
        role: role.to_owned(),
        home_url: home_url.to_owned(),
        csrf: "sample".to_owned(),
        officer,
    };
    Shell {
        lang,
        large,
        path_and_query: "/?query=%E6%B1%9F%E6%B9%BE".to_owned(),
        site: Site {
            authority: "重庆市人力资源和社会保障局".to_owned(),
            host: "registry.example".to_owned(),
            rows: site_rows(
                lang,
                &config::Site {
                    sponsor: "重庆市人力资源和社会保障局".to_owned(),
                    telephone: "023-00000000".to_owned(),
                    ..config::Site::default()
                },
            ),
        },
        viewer: match who {
            Who::Nobody => None,
            Who::Officer => Some(viewer("周明远", "审批人", "/officer", true)),
            Who::Employer => Some(viewer("重庆观音桥餐饮管理有限公司", "单位", "/", false)),
        },
        demo: true,
    }
}

/// Every page and state: Chinese, Chinese in large text, English.
pub(crate) fn every_sample(renderer: &Renderer) -> Result<Vec<Sample>, RenderError> {
    let mut samples = Vec::new();
    for (lang, large) in [
        (Lang::Chinese, false),
        (Lang::Chinese, true),
        (Lang::English, false),
    ] {
        let mut stage = Stage {
            renderer,
            lang,
            large,
            samples: Vec::new(),
        };
        public::show(&mut stage)?;
        office::show(&mut stage)?;
        samples.append(&mut stage.samples);
    }
    Ok(samples)
}

/// The surroundings of a page that nobody signed in sees.
pub(crate) fn shell_of_nobody(lang: Lang) -> Shell {
    shell(lang, false, Who::Nobody)
}
