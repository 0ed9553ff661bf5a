//! Hostile requests: whatever stands in address, headers, cookies and body, it is copied out without a panic,
//! and never believed to be more than text.

use actix_web::test::TestRequest;
use proptest::prelude::*;

use super::asked::Asked;
use super::handlers::search::Cursor;
use super::i18n::Lang;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_request(
        path in "/[a-z/]{0,12}\\?[a-z0-9%&=+;\\[\\].~!*'()-]{0,80}",
        headers in prop::collection::vec(("[a-z-]{1,16}|cookie|authorization|x-forwarded-for|origin|host", "[ -~]{0,60}"), 0..6),
        body in prop::collection::vec(any::<u8>(), 0..300),
        trusted in any::<bool>(),
    ) {
        prop_assume!(path.parse::<actix_web::http::Uri>().is_ok());
        let mut request = TestRequest::post().uri(&path);
        for (name, value) in &headers {
            if actix_web::http::header::HeaderName::from_bytes(name.as_bytes()).is_ok() {
                request = request.append_header((name.as_str(), value.as_str()));
            }
        }
        let asked = Asked::of(&request.to_http_request(), &body, trusted);
        prop_assert!(asked.is_post);
        prop_assert_eq!(&asked.path_and_query, &path);
        let _ = (asked.lang(), asked.large());
    }

    #[test]
    fn cursors(text in "[0-9a-z.+-]{0,30}|\\PC{0,20}") {
        let cursor = Cursor::parse(&text);
        prop_assert!(cursor.after >= 0);
        prop_assert_eq!(Cursor::parse(&cursor.text()).after, cursor.after);
    }

    #[test]
    fn languages(text in "\\PC{0,12}") {
        prop_assert!(Lang::parse(&text).is_none_or(|lang| text.starts_with(lang.code())));
    }
}
