//! Which database: chosen by the URL's scheme, never by trying.

use std::fmt;
use std::path::{Path, PathBuf};

/// A database that this registry can live in.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: a file.
    Sqlite(PathBuf),
    /// `postgres://…` or `postgresql://…`, handed to libpq as it is.
    Postgres(String),
}

/// A URL whose scheme is not one of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown database URL scheme {scheme:?}: use sqlite:PATH or postgres://user@host/database")]
pub struct UrlError {
    /// What stood before the colon.
    pub scheme: String,
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    ///
    /// # Errors
    /// [`UrlError`] for every other scheme, and for none.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        match scheme {
            "sqlite" => {
                let path = text.strip_prefix("sqlite:").unwrap_or_default();
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() {
                    return Err(UrlError {
                        scheme: "sqlite (without a path)".into(),
                    });
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(text.to_owned())),
            other => Err(UrlError {
                scheme: other.to_owned(),
            }),
        }
    }

    /// The SQLite file at `path`.
    #[must_use]
    pub fn sqlite(path: &Path) -> Self {
        Self::Sqlite(path.to_path_buf())
    }

    /// Whether this is PostgreSQL.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Shows the scheme and place but never a password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                write!(out, "postgres://{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_by_scheme_and_refuses_others() {
        assert_eq!(
            DatabaseUrl::parse("sqlite:/a/b.db"),
            Ok(DatabaseUrl::Sqlite("/a/b.db".into()))
        );
        assert!(DatabaseUrl::parse("postgres://x@h/d").is_ok_and(|url| url.is_postgres()));
        for bad in ["mysql://h/d", "/a/b.db", "", "sqlite:"] {
            assert!(DatabaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn never_shows_a_password() {
        let url = DatabaseUrl::parse("postgres://u:secret@h:5432/d?sslmode=require").unwrap();
        assert_eq!(url.to_string(), "postgres://h:5432/d");
        assert!(!format!("{url:?}").contains("secret"));
    }
}
