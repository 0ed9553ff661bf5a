//! What went wrong, in both languages. The modules below say it in English, once, where it happens; here each of
//! their sentences has its Chinese, by the text itself: `errors.tsv` has the English with its places, a tab, and
//! the Chinese with the same places.

/// English and Chinese, a line each.
const TABLE: &str = include_str!("errors.tsv");

/// Errors inside errors are put into Chinese so deep.
const DEEPEST: u8 = 4;

/// An error's text in both languages; one that speaks both already stays as it is.
pub(super) fn both(text: &str) -> String {
    if text.chars().any(is_chinese) && text.contains(" / ") {
        return text.to_owned();
    }
    match chinese(text, DEEPEST) {
        Some(chinese) => format!("{chinese} / {text}"),
        None if text.chars().any(is_chinese) => text.to_owned(),
        None => format!("未能完成，原因是 / {text}"),
    }
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

/// The Chinese of the sentence that fits with the most words of its own.
fn chinese(text: &str, depth: u8) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let fits = rows().filter_map(|(en, zh)| Some((own(en), zh, values(en, text)?)));
    let (_, zh, values) = fits.max_by_key(|(own, ..)| *own)?;
    let mut said = zh.to_owned();
    for (name, value) in values {
        let value = chinese(&value, depth).unwrap_or(value);
        said = said.replace(&format!("{{{name}}}"), &value);
    }
    Some(said)
}

/// Characters of a template that are not places.
fn own(template: &str) -> usize {
    parts(template).iter().map(|(literal, _)| literal.len()).sum()
}

/// Each literal with the name of the place after it; the last has none.
fn parts(template: &str) -> Vec<(&str, Option<&str>)> {
    let (mut found, mut rest) = (Vec::new(), template);
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        found.push((literal, Some(place.trim_end_matches(":?"))));
        rest = after;
    }
    found.push((rest, None));
    found
}

/// What stands in the places of a template; `None` where the text is another.
fn values(template: &str, text: &str) -> Option<Vec<(String, String)>> {
    let parts = parts(template);
    let (first, _) = *parts.first()?;
    let mut rest = text.strip_prefix(first)?;
    let mut found = Vec::new();
    for pair in parts.windows(2) {
        let [(_, Some(place)), (literal, next)] = pair else {
            return None;
        };
        let value = match (literal.is_empty(), next) {
            (true, None) => std::mem::take(&mut rest),
            (false, None) => std::mem::take(&mut rest).strip_suffix(literal)?,
            _ => {
                let (value, after) = rest.split_once(literal)?;
                rest = after;
                value
            }
        };
        found.push(((*place).to_owned(), value.to_owned()));
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::registry::account::AccountError;
    use crate::registry::archive::ArchiveError;
    use crate::registry::check::CheckError;
    use crate::registry::high_water::MarkError;
    use crate::registry::publish::PublishError;

    #[test]
    fn an_error_is_told_in_both_languages() {
        let older = CheckError::Older {
            signed: 12,
            stored: 7,
        };
        for (error, wanted) in [
            (
                AccountError::Unknown("nobody".into()).to_string(),
                "没有账号 nobody，请核对登录名",
            ),
            (
                ArchiveError::Unknown("7".into()).to_string(),
                "档案中没有已撤回的记录 7，请核对编号",
            ),
            (
                MarkError::Smaller { asked: 7, signed: 12 }.to_string(),
                "拒绝签署 7 条的日志头：此前已签过 12 条",
            ),
            (
                PublishError::Check(older).to_string(),
                "签名端已签至 12 条，数据库只有 7 条，是旧副本",
            ),
            (
                "the issuer key: the passphrase does not open k.pem; nothing was changed".into(),
                "签发密钥：口令打不开 k.pem，未作任何改动",
            ),
        ] {
            let said = both(&error);
            assert!(
                said.starts_with(wanted) && said.ends_with(&format!(" / {error}")),
                "{said}"
            );
        }
        assert_eq!(both("没有 / none"), "没有 / none");
        assert_eq!(both("odd"), "未能完成，原因是 / odd");
    }

    /// A row without the places of its English would lose what they say.
    #[test]
    fn rows_have_the_same_places() {
        for (en, zh) in rows() {
            assert!(zh.chars().any(is_chinese), "{en}");
            let places = |text| {
                parts(text)
                    .iter()
                    .filter_map(|(_, place)| *place)
                    .collect::<BTreeSet<_>>()
            };
            assert!(places(zh).is_subset(&places(en)), "{en} / {zh}");
        }
        assert_eq!(TABLE.lines().count(), rows().count());
    }

    fn read(folder: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, all);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// The sources; a long literal that goes on in the next line behind a backslash is put together.
    fn sources(folders: &[&str]) -> String {
        let mut all = String::new();
        for folder in folders {
            read(
                &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
                &mut all,
            );
        }
        let mut lines = all.split("\\\n");
        let first = lines.next().unwrap_or_default().to_owned();
        first + &lines.map(str::trim_start).collect::<String>()
    }

    /// The English of each row is still said somewhere.
    #[test]
    fn rows_are_said_somewhere() {
        let all = sources(&["src"]);
        for (en, _) in rows() {
            for (literal, _) in parts(en) {
                assert!(all.contains(literal), "nobody says “{literal}”");
            }
        }
    }

    /// Whatever the server's modules say in English alone has its Chinese here.
    #[test]
    fn every_error_has_its_chinese() {
        let all = sources(&[
            "src/registry",
            "src/store",
            "src/monitor",
            "src/rebuild",
            "src/witness",
        ]);
        let known: BTreeSet<&str> = rows().map(|(en, _)| en).collect();
        let said = all.split("#[error(").skip(1).filter_map(|rest| {
            let text = rest.trim_start().strip_prefix('"')?;
            text.split_once('"').map(|(text, _)| text)
        });
        let missing: Vec<&str> = said
            .filter(|text| !text.chars().any(is_chinese) && own(text) > 12 && !known.contains(text))
            .filter(|text| *text != "it answered {0}: {1}")
            .collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
