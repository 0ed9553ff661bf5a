//! `demo --witnesses 3`, then the real server with three real witness processes: what an officer, a reader
//! and an operator see when witnesses go away and come back.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{cosignatures, until};
use crate::support::city::City;
use crate::support::command::{chengxin, collect, verify};
use crate::support::http::{Answer, Visitor};
use crate::support::server::Server;

crate::on_both_databases!(a_year_under_a_quorum);

/// A witness process, and how to start it again.
pub struct Process {
    command: Vec<String>,
    running: Option<Server>,
}

impl Process {
    /// From the command that the demonstration printed.
    pub fn new(line: &str) -> Self {
        let words = line.split_whitespace().skip(1);
        let command = words.map(|word| word.trim_matches('\'').to_owned()).collect();
        let mut process = Self {
            command,
            running: None,
        };
        process.start();
        process
    }

    pub fn start(&mut self) {
        self.running = Some(Server::of(chengxin().args(&self.command)));
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        assert_eq!(self.running.take().unwrap().terminate(), Some(0));
    }
}

/// Somebody signed in.
struct Officer {
    visitor: Visitor,
    server: String,
}

impl Officer {
    fn sign_in(server: &Server, login: &str, password: &str) -> Self {
        let mut officer = Self {
            visitor: Visitor::new(),
            server: server.address().to_owned(),
        };
        let form = officer.get("/sign-in");
        let csrf = hidden(form.text(), "csrf");
        let done = officer.post(
            "/sign-in",
            &[("csrf", &csrf), ("account", login), ("password", password)],
        );
        assert_eq!(done.status, 303, "{}", done.text());
        officer
    }

    fn get(&mut self, path: &str) -> Answer {
        self.visitor.get(&format!("{}{path}", self.server))
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.visitor.post_form(&format!("{}{path}", self.server), fields)
    }
}

/// The value of a form's hidden field.
#[track_caller]
fn hidden(html: &str, name: &str) -> String {
    let found = html
        .split("<input")
        .find(|tag| tag.contains(&format!("name=\"{name}\"")));
    let tag = found.unwrap_or_else(|| panic!("no field {name} in {html}"));
    let (_, value) = tag.split_once("value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}

/// Logins with passwords, and roles as printed.
fn officers(said: &str) -> BTreeMap<String, (String, String)> {
    said.lines()
        .filter_map(|line| {
            let (login, rest) = line.strip_prefix("  ")?.split_once(' ')?;
            let (password, roles) = rest.trim_start().split_once(' ')?;
            let plain = password.split('-').count() == 4 && password.len() == 19;
            plain.then(|| (login.to_owned(), (password.to_owned(), roles.to_owned())))
        })
        .collect()
}

fn size(checkpoint: &str) -> u64 {
    checkpoint.lines().nth(1).unwrap().parse().unwrap()
}

/// Every axis of a bundle holds, those about witnesses included.
#[track_caller]
fn holds(city: &City, code: &str) {
    let file = city.path("bundle.json");
    city.run(&["export", "bundle", "--code", code, "-o", &file]).ok();
    let trust = city.data().join("trust").display().to_string();
    let verdict = verify([&file, "--trust", &trust, "--json"]).ok();
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    for axis in verdict["axes"].as_array().unwrap() {
        assert_eq!(axis["state"], "holds", "{axis}");
    }
}

fn a_year_under_a_quorum(database: Option<&str>) {
    let city = City::new("witnesses", database, 60);
    let said = collect(city.demo_command().args(["--witnesses", "3"])).ok();
    let policy = fs::read_to_string(city.data().join("trust/policy.txt")).unwrap();
    assert!(
        policy.starts_with("# ") && policy.contains("group witnesses 2 "),
        "{policy}"
    );
    let summary = crate::support::city::Summary::parse(&said);
    city.check(&summary);
    for grade in ["A", "B"] {
        holds(&city, &summary.samples[grade]);
    }
    let file = city.path("all.ndjson");
    city.run(&["export", "bulk", "-o", &file]).ok();
    let trust = city.data().join("trust").display().to_string();
    let bulk = verify([&file, "--trust", &trust]).ok();
    assert!(!bulk.is_empty());

    // From here on as a bureau runs it.
    let settings = city.data().join("chengxin.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let times =
        "\n[witnessing]\ntimeout_ms = 60000\nextra_wait_ms = 30000\nretry_ms = 50\nrecosign_seconds = 1\n";
    fs::write(&settings, text + times).unwrap();
    let mut witnesses: Vec<Process> = said
        .lines()
        .filter(|line| line.trim_start().starts_with("chengxin witness serve "))
        .map(Process::new)
        .collect();
    assert_eq!(witnesses.len(), 3);
    let server = Server::start(&city.data(), database);
    let mut reader = Visitor::new();
    let mut checkpoint = || reader.get(&server.url("/log/checkpoint")).text().to_owned();
    let first = checkpoint();
    until("the idle head is cosigned again", || {
        let now = checkpoint();
        assert_eq!(size(&now), size(&first));
        now != first
    });
    witnesses[0].stop();
    until("a quorum of two serves", || cosignatures(&checkpoint()) == 2);

    witnesses[1].stop();
    let (batch, mut publisher) = approved(&server, &said);
    let ready = |visitor: &mut Visitor| visitor.get(&server.url("/readyz"));
    let mut operator = Visitor::new();
    until("the alarm is raised", || {
        let found = ready(&mut operator);
        assert_eq!(found.status, 200, "readers are served: {}", found.text());
        found.json()["witnesses"] == "no-quorum"
    });
    let standing = checkpoint();
    let page = publisher.get(&batch);
    let csrf = hidden(page.text(), "csrf");
    let done = publisher.post(&format!("{batch}/publish"), &[("csrf", &csrf)]);
    assert_eq!(done.status, 202, "{}", done.text());
    assert!(done.text().contains("等待见证人"), "{}", done.text());
    assert_eq!(checkpoint(), standing, "it stands still");
    assert!(ready(&mut operator).json()["awaitingWitnesses"].as_i64().unwrap() > 0);
    let told = city.run(&["publish"]).ok();
    assert!(told.contains("awaiting witnesses"), "{told}");

    witnesses[0].start();
    witnesses[1].start();
    until("everything goes on by itself", || {
        size(&checkpoint()) > size(&standing)
    });
    until("all three cosign", || cosignatures(&checkpoint()) == 3);
    let found = ready(&mut operator).json();
    assert_eq!(
        (&found["witnesses"], &found["awaitingWitnesses"]),
        (&Value::from("ok"), &Value::Null)
    );
    assert!(!publisher.get(&batch).text().contains("等待见证人"));
    city.run(&["log", "fsck"]).ok();
    assert_eq!(server.terminate(), Some(0));
}

/// Has the batch that waits approved; its page, and somebody who may publish it.
fn approved(server: &Server, said: &str) -> (String, Officer) {
    let officers = officers(said);
    let who = said
        .lines()
        .find_map(|line| line.trim().strip_suffix(" can"))
        .unwrap();
    let (_, who) = who.rsplit_once("; ").unwrap();
    let approver = who.split(", ").next().unwrap();
    let mut officer = Officer::sign_in(server, approver, &officers[approver].0);
    let home = officer.get("/officer");
    let id = home
        .text()
        .split("/officer/batches/")
        .find_map(|rest| rest.get(..36).map(str::to_owned));
    // The first of the page is what waits.
    let mut candidates = home.text().split("/officer/batches/").skip(1);
    let waits = candidates.find_map(|rest| {
        let batch = format!("/officer/batches/{}", rest.get(..36)?);
        let page = officer.visitor.get(&server.url(&batch));
        page.text().contains("name=\"digest\"").then_some(batch)
    });
    let batch = waits.unwrap_or_else(|| panic!("nothing waits ({id:?}): {}", home.text()));
    let page = officer.get(&batch);
    let fields = ["csrf", "digest"].map(|name| hidden(page.text(), name));
    let done = officer.post(
        &format!("{batch}/approve"),
        &[("csrf", &fields[0]), ("digest", &fields[1]), ("read", "yes")],
    );
    assert_eq!(done.status, 303, "{}", done.text());
    for (login, (password, roles)) in &officers {
        if roles.contains("publisher") {
            let mut officer = Officer::sign_in(server, login, password);
            let page = officer.get(&batch);
            if page.text().contains(&format!("{batch}/publish")) {
                return (batch, officer);
            }
        }
    }
    panic!("nobody may publish {batch}");
}
