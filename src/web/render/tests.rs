use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::web::assets::PREFIX;
use crate::web::pages::error::{ErrorKind, ErrorPage};
use crate::web::pages::samples::every_sample;
use crate::web::pages::sign_in::SignInPage;

/// Writes every sample and asset to `$CHENGXIN_SAMPLES`, so that people can look at them.
#[test]
fn renders_every_sample() {
    let renderer = Renderer::load().unwrap();
    let samples = every_sample(&renderer).unwrap();
    let used: BTreeSet<String> = samples.iter().map(|s| s.template.to_owned()).collect();
    assert_eq!(used, page_templates(), "pages and templates are one to one");
    for sample in &samples {
        assert!(!sample.html.contains("{{"), "{}", sample.name);
        assert!(!sample.html.contains(" style="), "{}", sample.name);
        assert_eq!(sample.html.matches("<h1").count(), 1, "{}", sample.name);
    }
    if let Some(folder) = std::env::var_os("CHENGXIN_SAMPLES").map(PathBuf::from) {
        let assets = folder.join(PREFIX.trim_matches('/'));
        std::fs::create_dir_all(&assets).unwrap();
        for (name, asset) in renderer.assets().iter() {
            std::fs::write(assets.join(name), &asset.bytes).unwrap();
        }
        for sample in samples {
            std::fs::write(folder.join(format!("{}.html", sample.name)), sample.html).unwrap();
        }
    }
}

/// Neither a filter nor a distribution says anything of a single case; its record is a link on the page.
#[test]
fn a_batch_of_one_shows_its_case() {
    let renderer = Renderer::load().unwrap();
    let samples = every_sample(&renderer).unwrap();
    let of = |name: &str| -> Vec<_> {
        let of_name = samples.iter().filter(|sample| sample.name.starts_with(name));
        of_name.collect()
    };
    assert!(of("batch-single").len() >= 3);
    for sample in of("batch-single") {
        for absent in ["<select", "class=\"stack\"", "id=\"items\"", "class=\"letter"] {
            assert!(!sample.html.contains(absent), "{}: {absent}", sample.name);
        }
        for present in ["id=\"case\"", "href=\"/records/", "/items/0\"", "name=\"read\""] {
            assert!(sample.html.contains(present), "{}: {present}", sample.name);
        }
    }
    let many = of("batch-approved");
    assert!(many.iter().all(|sample| sample.html.contains("<select")));
}

#[test]
fn scripts_are_files_never_inline() {
    let renderer = Renderer::load().unwrap();
    for sample in every_sample(&renderer).unwrap() {
        for tag in sample.html.split("<script").skip(1) {
            let (attributes, rest) = tag.split_once('>').unwrap();
            assert!(attributes.contains(" src=\"/assets/"), "{}", sample.name);
            assert!(rest.starts_with("</script>"), "{}", sample.name);
        }
        for event in [" onclick=", " onload=", "javascript:", "<style"] {
            assert!(!sample.html.contains(event), "{}: {event}", sample.name);
        }
    }
}

#[test]
fn labels_name_fields_and_links_into_the_page_arrive() {
    let renderer = Renderer::load().unwrap();
    for sample in every_sample(&renderer).unwrap() {
        for (marker, what) in [
            (" for=\"", "label"),
            ("href=\"#", "link"),
            ("aria-describedby=\"", "description"),
        ] {
            for part in sample.html.split(marker).skip(1) {
                let (id, _) = part.split_once('"').unwrap();
                // Symbols and the error summary's fields are on another page.
                if id.starts_with("i-") || sample.name.starts_with("error-422") {
                    continue;
                }
                let anchor = format!("id=\"{id}\"");
                assert!(sample.html.contains(&anchor), "{}: {what} {id}", sample.name);
            }
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let renderer = Renderer::load().unwrap();
    let hostile = "<script>alert('x')</script>\"'{{t.site.name}}";
    for sample in every_sample(&renderer).unwrap() {
        assert!(!sample.html.contains("<script>alert"));
    }
    let shell = crate::web::pages::samples::shell_of_nobody(Lang::Chinese);
    let page = SignInPage::new(
        Lang::Chinese,
        hostile.into(),
        hostile.into(),
        hostile.into(),
        None,
    );
    let html = renderer.page(&shell, &page).unwrap();
    assert!(!html.contains("<script>alert"));
    assert!(html.contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&#x27;{{t.site.name}}"));
}

#[test]
fn unknown_texts_assets_and_fields_are_errors() {
    let assets = Assets::embedded();
    let text = resolve("x", "{{t.home.nonsense}}", Lang::Chinese, &assets);
    assert!(matches!(text, Err(RenderError::UnknownText { .. })));
    let asset = resolve("x", "{{asset.nonsense.css}}", Lang::Chinese, &assets);
    assert!(matches!(asset, Err(RenderError::UnknownAsset { .. })));
    assert!(matches!(
        resolve("x", "{{ open", Lang::Chinese, &assets),
        Err(RenderError::Malformed { .. })
    ));

    #[derive(Serialize)]
    struct Empty {}
    impl Page for Empty {
        const TEMPLATE: &'static str = "sign_in";
        fn title(&self) -> String {
            String::new()
        }
        fn section(&self) -> Section {
            Section::None
        }
    }
    let renderer = Renderer::load().unwrap();
    let shell = crate::web::pages::samples::shell_of_nobody(Lang::English);
    assert!(matches!(
        renderer.page(&shell, &Empty {}),
        Err(RenderError::Render(_))
    ));
}

#[test]
fn an_error_page_names_the_request_and_no_cause() {
    let renderer = Renderer::load().unwrap();
    let shell = crate::web::pages::samples::shell_of_nobody(Lang::English);
    let page = ErrorPage::new(Lang::English, ErrorKind::Server, Some("r-1".into()));
    let html = renderer.page(&shell, &page).unwrap();
    assert!(html.contains("r-1") && html.contains("went wrong on our side"));
}
