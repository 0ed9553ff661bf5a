//! The whole public surface as somebody sees it who has no account and no key: an employer whose grade is
//! for partners alone and one that was never assessed are told of alike, in bytes and in time.

use std::time::{Duration, Instant};

use chengxin::store::employer::{self, EmployerRow};
use chengxin::store::log::body::Body;
use chengxin::web::route::{Audience, Route};
use chengxin::web::{api, routes};
use uuid::Uuid;

use crate::support::http::{Answer, Visitor};

use super::story::never_assessed;
use super::told::{Town, id};

crate::on_both_databases!(looked_at_by_a_stranger);

/// What a stranger may ask about one employer. `CODE`, `NAME` and `ID`, a record's number, stand for its own.
const ABOUT_ONE: [(&str, &[&str]); 8] = [
    ("/", &["/?q=CODE", "/?q=NAME", "/?q=NAME&lang=en"]),
    (
        "/employers/{code}",
        &["/employers/CODE", "/employers/CODE?lang=en"],
    ),
    (
        "/api/v1/employers",
        &["/api/v1/employers?query=CODE", "/api/v1/employers?query=NAME"],
    ),
    (
        "/api/v1/employers/{code}",
        &[
            "/api/v1/employers/CODE",
            "/api/v1/employers/CODE?as_of=2026-06-30",
        ],
    ),
    ("/api/v1/employers/{code}/statement", &[]),
    ("/records/{id}", &["/records/ID"]),
    ("/records/{id}/latest", &["/records/ID/latest"]),
    ("/records/{id}/bundle", &["/records/ID/bundle"]),
];

/// What speaks of no single employer: the same for everybody, and without what would name one.
const OF_ALL: [(&str, &str); 18] = [
    ("/verify", "/verify"),
    ("/trust", "/trust"),
    ("/assets/{name}", "/assets/site.js"),
    ("/sign-in", "/sign-in"),
    ("/log/checkpoint", "/log/checkpoint"),
    ("/log/keys", "/log/keys"),
    ("/log/tile/entries/{path:.*}", "/log/tile/entries/000.p/1"),
    ("/log/tile/{path:.*}", "/log/tile/0/000.p/1"),
    ("/.well-known/did.json", "/.well-known/did.json"),
    ("/ns/labour-credit/v1", "/ns/labour-credit/v1"),
    ("/trust/policy.txt", "/trust/policy.txt"),
    ("/trust/issuer.json", "/trust/issuer.json"),
    ("/status/{purpose}/{n}", "/status/revocation/0"),
    ("/api/v1/changes", "/api/v1/changes?since=0"),
    ("/api/v1/dumps/latest", "/api/v1/dumps/latest"),
    ("/api/v1/dumps/{dump}/{file}", "/api/v1/dumps/none/none"),
    ("/api/v1/openapi.json", "/api/v1/openapi.json"),
    ("/healthz", "/healthz"),
];

/// Requests of each kind whose times are compared.
const TIMED: usize = 100;

fn looked_at_by_a_stranger(database: Option<&str>) {
    let town = Town::new("stranger", database);
    every_route_is_looked_at();
    for grade in ["B", "C"] {
        let (whom, record) = alone(&town, grade);
        let hidden = Asked::new(&whom, id(&record));
        let nobody = Asked::new(&never_assessed(&town, &whom), Uuid::from_u128(0x4_8000 << 60));
        for path in ABOUT_ONE.iter().flat_map(|(_, paths)| *paths) {
            let (here, nothing) = (hidden.ask(&town, path), nobody.ask(&town, path));
            assert!(
                here.status == 200 || path.contains("ID"),
                "{path}: {}",
                here.status
            );
            assert_eq!(hidden.shape(&here), nobody.shape(&nothing), "{grade} {path}");
            alike_in_time(&town, &hidden, &nobody, path);
        }
        for (_, path) in OF_ALL {
            let answer = town.public(path);
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            for word in [&hidden.code, &hidden.name, &hidden.record] {
                assert!(!text.contains(word.as_str()), "{path} tells of {word}");
            }
        }
    }
}

/// The first of a grade whose name is part of nobody else's, such as its branches': a search finds it alone.
fn alone(town: &Town, grade: &str) -> (EmployerRow, Body) {
    let all = employer::after(&mut town.registry.store.conn().unwrap(), 0, i64::MAX).unwrap();
    let is_alone = |name: &str| all.iter().filter(|one| one.name.contains(name)).count() == 1;
    (0..)
        .map(|nth| town.graded(grade, nth))
        .find(|(whom, _)| is_alone(&whom.name))
        .unwrap()
}

/// A new route is looked at too, or this fails.
fn every_route_is_looked_at() {
    let known = |route: &Route| {
        ABOUT_ONE.iter().any(|(path, _)| *path == route.path)
            || OF_ALL.iter().any(|(path, _)| *path == route.path)
            || route.path == "/readyz"
    };
    for route in routes::ROUTES.iter().chain(api::ROUTES) {
        let open = matches!(route.audience, Audience::Public) && route.method == "GET";
        assert!(!open || known(route), "no stranger looks at {}", route.path);
    }
}

/// One employer, as a stranger asks about it.
struct Asked {
    code: String,
    name: String,
    record: String,
}

impl Asked {
    fn new(whom: &EmployerRow, record: Uuid) -> Self {
        Self {
            code: whom.code.clone().unwrap(),
            name: whom.name.clone(),
            record: record.to_string(),
        }
    }

    fn path(&self, path: &str) -> String {
        let name: String = self.name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        path.replace("CODE", &self.code)
            .replace("NAME", &name)
            .replace("ID", &self.record)
    }

    fn ask(&self, town: &Town, path: &str) -> Answer {
        town.public(&self.path(path))
    }

    /// An answer without what it was asked for: status, headers and bytes.
    fn shape(&self, answer: &Answer) -> String {
        let volatile = ["date", "etag", "ratelimit", "set-cookie", "x-request-id"];
        let headers: Vec<String> = answer
            .headers
            .iter()
            .filter(|(name, _)| !volatile.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let mut text = String::from_utf8_lossy(&answer.body).into_owned();
        for (what, word) in [
            (&self.path("NAME"), "NAME"),
            (&self.code, "CODE"),
            (&self.name, "NAME"),
        ] {
            text = text.replace(what.as_str(), word);
        }
        text = text.replace(&self.record, "ID");
        if let Some(from) = text.find("urn:uuid:") {
            text.replace_range(from + 9..from + 45, "REQUEST");
        }
        let text = without_token(&text);
        format!("{} {}\n{text}", answer.status, headers.join("\n"))
    }
}

/// A page without the tokens of its forms.
fn without_token(page: &str) -> String {
    let mut parts = page.split("name=\"csrf\" value=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |page, part| {
        page + part.split_once('"').map_or("", |(_, rest)| rest)
    })
}

/// How often an answer about the one takes longer than an answer about the other is chance: asked in turn, so
/// that whatever else the machine does falls on both. Of [`TIMED`] pairs of samples the share has a standard
/// deviation of 0.041; hidden work of a tenth of the time would take it beyond the bounds.
fn alike_in_time(town: &Town, hidden: &Asked, nobody: &Asked, path: &str) {
    let mut visitor = Visitor::new();
    let mut timed = |url: &str| {
        let begun = Instant::now();
        visitor.get(url);
        begun.elapsed()
    };
    let (one, other) = (town.url(&hidden.path(path)), town.url(&nobody.path(path)));
    let mut times: (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for turn in 0..TIMED {
        // Whoever is asked first changes, for the second may find something warm.
        let swapped = turn % 2 == 1;
        let (first, second) = if swapped { (&other, &one) } else { (&one, &other) };
        let (first, second) = (timed(first), timed(second));
        let (here, nothing) = if swapped { (second, first) } else { (first, second) };
        times.0.push(here);
        times.1.push(nothing);
    }
    let pairs = times
        .0
        .iter()
        .flat_map(|here| times.1.iter().map(move |nothing| (here, nothing)));
    let longer = pairs.filter(|(here, nothing)| here > nothing).count();
    #[allow(clippy::cast_precision_loss, reason = "some thousands")]
    let share = longer as f64 / (TIMED * TIMED) as f64;
    println!("{path}: longer in {share:.3} of all pairs");
    assert!(
        (0.3..0.7).contains(&share),
        "{path}: the time taken tells of a hidden record: {share}"
    );
}
