//! What a page handler works with: the application, the request, and who asks.

use std::sync::Arc;

use actix_web::http::StatusCode;

use crate::registry::session::SignedIn;
use crate::store::employer::{self, EmployerRow};
use crate::store::{Conn, PooledConn, StoreError};

use super::answer::{Answer, Failure};
use super::asked::Asked;
use super::i18n::Lang;
use super::pages::error::{ErrorKind, ErrorPage};
use super::pages::shell::{self, Shell, Site};
use super::render::Page;
use super::state::App;
use super::viewer::{SESSION_COOKIE, Viewer};
use super::words;

/// One request under way.
pub struct Context {
    /// The application.
    pub app: Arc<App>,
    /// What was asked.
    pub asked: Asked,
    /// Who asks.
    pub viewer: Viewer,
    /// Language of the answer.
    pub lang: Lang,
}

impl Context {
    /// Finds out who asks. Blocking.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn new(app: Arc<App>, asked: Asked) -> Result<Self, StoreError> {
        let token = asked.cookies.get(SESSION_COOKIE).map(String::as_str);
        let viewer = Viewer::of(&app, asked.key.as_deref(), token)?;
        Ok(Self {
            lang: asked.lang(),
            app,
            asked,
            viewer,
        })
    }

    /// A database connection.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn conn(&self) -> Result<PooledConn, StoreError> {
        self.app.registry.store.conn()
    }

    /// Who is signed in, if anybody.
    #[must_use]
    pub fn person(&self) -> Option<&SignedIn> {
        match &self.viewer {
            Viewer::Person(who) => Some(who),
            Viewer::Public | Viewer::Partner { .. } => None,
        }
    }

    /// Renders a page for this viewer at the address that was asked.
    ///
    /// # Errors
    /// [`Failure::Server`].
    pub fn html<P: Page>(&self, conn: &mut Conn, page: &P) -> Result<String, Failure> {
        let address = if self.asked.is_post {
            "/"
        } else {
            &self.asked.path_and_query
        };
        self.html_at(conn, address, page)
    }

    /// Renders a page whose switches lead to another address than the one asked, such as after a POST.
    ///
    /// # Errors
    /// [`Failure::Server`].
    pub fn html_at<P: Page>(&self, conn: &mut Conn, address: &str, page: &P) -> Result<String, Failure> {
        let viewer = self
            .person()
            .map(|who| viewer(conn, self.lang, who))
            .transpose()?;
        Ok(self.app.renderer.page(&self.shell(address, viewer), page)?)
    }

    /// An ordinary page.
    ///
    /// # Errors
    /// [`Failure::Server`].
    pub fn page<P: Page>(&self, conn: &mut Conn, page: &P) -> Result<Answer, Failure> {
        Ok(Answer::page(self.html(conn, page)?))
    }

    /// The page of a failure. Asks nothing of the database, which may be what failed.
    #[must_use]
    pub fn failed(&self, failure: &Failure) -> Answer {
        let (kind, status) = match failure {
            Failure::NotFound => (ErrorKind::NotFound, StatusCode::NOT_FOUND),
            Failure::Forbidden | Failure::Forged(_) => (ErrorKind::Forbidden, StatusCode::FORBIDDEN),
            Failure::Server(_) => (ErrorKind::Server, StatusCode::INTERNAL_SERVER_ERROR),
        };
        match failure {
            Failure::Server(error) => tracing::error!(request = %self.asked.id, %error, "request failed"),
            Failure::Forged(why) => tracing::warn!(request = %self.asked.id, %why, "form refused"),
            Failure::NotFound | Failure::Forbidden => {}
        }
        let known = self.conn().ok().and_then(|mut conn| {
            let who = self.person()?;
            viewer(&mut conn, self.lang, who).ok()
        });
        let shell = self.shell(
            if self.asked.is_post {
                "/"
            } else {
                &self.asked.path_and_query
            },
            known,
        );
        // An address that was not found reads the same for everybody, so it quotes no number.
        let id = (kind == ErrorKind::Server).then(|| self.asked.id.clone());
        let page = ErrorPage::new(self.lang, kind, id);
        let html = self.app.renderer.page(&shell, &page);
        Answer::with_status(status, html.unwrap_or_else(|_| status.to_string()))
    }

    fn shell(&self, address: &str, viewer: Option<shell::Viewer>) -> Shell {
        Shell {
            lang: self.lang,
            large: self.asked.large(),
            path_and_query: address.to_owned(),
            site: Site {
                authority: self.app.registry.name.clone(),
                host: self.app.registry.host.as_str().to_owned(),
                rows: shell::site_rows(self.lang, &self.app.registry.site),
            },
            viewer,
            demo: self.app.demo,
        }
    }
}

fn viewer(conn: &mut Conn, lang: Lang, who: &SignedIn) -> Result<shell::Viewer, StoreError> {
    let account = &who.account;
    let officer = account.kind == "officer";
    let home_url = match account.employer_id {
        Some(id) => employer::find(conn, id)?.map_or_else(|| "/".to_owned(), |row| employer_url(&row)),
        None => "/officer".to_owned(),
    };
    Ok(shell::Viewer {
        name: account.name.clone(),
        role: if officer {
            words::roles(lang, &account.roles)
        } else {
            words::employer_account(lang).to_owned()
        },
        home_url,
        csrf: who.csrf.clone(),
        officer,
    })
}

/// The address of an employer's page: its code, or division and registration number.
#[must_use]
pub fn employer_url(row: &EmployerRow) -> String {
    format!("/employers/{}", employer_key(row))
}

/// The unified code, or `<division>-<registration number>`.
#[must_use]
pub fn employer_key(row: &EmployerRow) -> String {
    match (&row.code, &row.registration) {
        (Some(code), _) => code.clone(),
        (None, number) => format!("{}-{}", row.division, number.as_deref().unwrap_or_default()),
    }
}
