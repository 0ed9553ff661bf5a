//! Whether a changing request came from our own form: the synchroniser token, and what the browser
//! itself says about the origin.

use subtle::ConstantTimeEq as _;

use super::asked::Asked;

/// Why a request is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// The browser says that another site sent it.
    #[error("another site sent the request")]
    Origin,
    /// The form's token is missing or of another session.
    #[error("the form's token is not that of the session")]
    Token,
}

/// Checks a changing request against the token that its form must carry.
///
/// # Errors
/// [`Forged`].
pub fn check(asked: &Asked, token: &str) -> Result<(), Forged> {
    if !own_origin(asked) {
        return Err(Forged::Origin);
    }
    let given = asked.field("csrf").as_bytes();
    if token.is_empty() || !bool::from(given.ct_eq(token.as_bytes())) {
        return Err(Forged::Token);
    }
    Ok(())
}

/// Programs without `Origin` and `Sec-Fetch-Site` pass here: they carry no cookies of a browser.
fn own_origin(asked: &Asked) -> bool {
    let by_site = asked.fetch_site.as_deref().map(|site| site == "same-origin" || site == "none");
    let by_origin = asked.origin.as_deref().map(|origin| {
        let authority = origin.split_once("://").map(|(_, rest)| rest);
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(&asked.host))
    });
    by_site.unwrap_or(true) && by_origin.unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(origin: Option<&str>, site: Option<&str>, token: &str) -> Asked {
        Asked {
            origin: origin.map(str::to_owned),
            fetch_site: site.map(str::to_owned),
            host: "127.0.0.1:8080".into(),
            form: [("csrf".to_owned(), token.to_owned())].into(),
            ..Asked::default()
        }
    }

    #[test]
    fn only_our_own_form_passes() {
        let own = Some("http://127.0.0.1:8080");
        for (origin, site, token, expected) in [
            (own, Some("same-origin"), "t", Ok(())),
            (None, None, "t", Ok(())),
            (own, None, "", Err(Forged::Token)),
            (own, None, "x", Err(Forged::Token)),
            (Some("http://evil.example"), None, "t", Err(Forged::Origin)),
            (Some("http://127.0.0.1:8081"), None, "t", Err(Forged::Origin)),
            (Some("null"), None, "t", Err(Forged::Origin)),
            (own, Some("cross-site"), "t", Err(Forged::Origin)),
            (own, Some("same-site"), "t", Err(Forged::Origin)),
        ] {
            assert_eq!(check(&asked(origin, site, token), "t"), expected, "{origin:?} {site:?} {token}");
        }
        assert_eq!(check(&asked(own, None, ""), ""), Err(Forged::Token));
    }
}
