//! The language of an answer to a program: what `Accept-Language` prefers (RFC 9110 §12.5.4).

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::web::i18n::Lang;

/// The language that `Accept-Language` prefers; Chinese where it names neither.
#[must_use]
pub fn language(request: &HttpRequest) -> Lang {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    preferred(accepted.unwrap_or_default())
}

fn preferred(accepted: &str) -> Lang {
    let mut best = (Lang::Chinese, 0.0_f32);
    for part in accepted.split(',') {
        let mut words = part.split(';').map(str::trim);
        let tag = words.next().unwrap_or_default().to_ascii_lowercase();
        let weight = words
            .find_map(|word| word.strip_prefix("q="))
            .map_or(Ok(1.0), str::parse)
            .unwrap_or(0.0);
        let lang = match tag.split('-').next() {
            Some("zh") => Lang::Chinese,
            Some("en") => Lang::English,
            _ => continue,
        };
        if weight > best.1 {
            best = (lang, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_preferred_one_of_two() {
        for (accepted, lang) in [
            ("", Lang::Chinese),
            ("fr, de;q=0.5", Lang::Chinese),
            ("en", Lang::English),
            ("en-GB,en;q=0.9,zh;q=0.8", Lang::English),
            ("en;q=0.3, zh-CN;q=0.9", Lang::Chinese),
            ("en;q=0", Lang::Chinese),
            ("en;q=x", Lang::Chinese),
        ] {
            assert_eq!(preferred(accepted), lang, "{accepted}");
        }
    }
}
