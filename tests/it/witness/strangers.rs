//! Witnesses that hang, lie, babble or have a wrong clock: each costs a bounded wait, and none of them counts.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::*;
use chengxin::config::Witnessing;
use chengxin::log::note::Note;
use chengxin::log::policy::Policy;
use chengxin::registry::witness::{Fault, Proofs, Round, Witnesses, before_signing};

use crate::support::witnesses::TIMES;

/// Much longer than the waits that a test sets, much shorter than those that it must not reach.
const BOUND: Duration = Duration::from_secs(40);

/// An address where connections are taken and answered with these bytes; with nothing where there are none.
fn stranger(answer: Option<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut held = Vec::new();
        for mut stream in listener.incoming().map_while(Result::ok) {
            if let Some(answer) = &answer {
                let mut request = [0_u8; 4096];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answer);
            }
            // Kept open: whoever asks waits.
            held.push(stream);
        }
    });
    url
}

fn http(status: &str, media: &str, body: &str) -> Option<Vec<u8>> {
    let length = body.len();
    Some(
        format!("HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n\r\n{body}")
            .into_bytes(),
    )
}

/// A round over the served head, with witness 2 (and 1, if `both`) somewhere else.
fn round(world: &Witnessed, elsewhere: &str, both: bool, times: Witnessing) -> Round {
    let mut addresses = world.trio.plan().addresses;
    addresses[2].url = elsewhere.to_owned();
    if both {
        addresses[1].url = elsewhere.to_owned();
    }
    let policy = std::fs::read(world.data().trust().join("policy.txt")).unwrap();
    let policy = Policy::parse(&policy).unwrap();
    let witnesses = Witnesses::new(policy, &addresses, times).unwrap().unwrap();
    let mut conn = world.registry.store.conn().unwrap();
    let signed = checkpoint::at_size(&mut conn, world.served().size)
        .unwrap()
        .unwrap();
    let note = Note::parse(signed.note.as_bytes()).unwrap();
    let proofs: Arc<Proofs> = Arc::new(|_| Ok(Vec::new()));
    let begun = Instant::now();
    let round = witnesses.round(&note, proofs, world.clock.now()).unwrap();
    assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
    round
}

#[test]
fn strangers_count_for_nothing() {
    let world = Witnessed::new("strangers", None);
    let patient = Witnessing {
        extra_wait_ms: 100,
        ..TIMES
    };
    let hurried = Witnessing {
        timeout_ms: 500,
        ..TIMES
    };
    // One hangs: the quorum waits for it only a little. Two hang: the time-out ends it.
    let silent = stranger(None);
    let held = round(&world, &silent, false, patient);
    assert!(
        held.quorum
            && matches!(held.faults.as_slice(), [(name, Fault::Unreachable(_))] if name == "witness-2.example")
    );
    let late = round(&world, &silent, true, hurried);
    assert!(!late.quorum && late.faults.len() == 2, "{:?}", late.faults);

    let served = world.served();
    let lines = served.note.split_once("\n\n").unwrap().1;
    let of = |name: &str| {
        let line = lines.lines().find(|line| line.contains(name)).unwrap();
        format!("{line}\n")
    };
    let endless = "— x ".to_owned() + &"A".repeat(1 << 20);
    let size = served.size;
    let text = "text/plain";
    for (answer, expected) in [
        // Another witness's cosignature, taken from the public checkpoint.
        (
            http("200 OK", text, &of("witness-0.example")),
            "no cosignature by the witness's key",
        ),
        (http("200 OK", text, "hello\n"), "not a list of note signatures"),
        (http("200 OK", text, &endless), "no answer"),
        (http("500 Internal Server Error", text, "no\n"), "it answered 500"),
        (http("302 Found", text, "elsewhere\n"), "it answered 302"),
        (http("409 Conflict", "text/x.tlog.size", "07\n"), "07"),
        (
            http("409 Conflict", "text/x.tlog.size", &format!("{}\n", size + 1)),
            "more than it was asked about",
        ),
        (
            http("422 Unprocessable Entity", text, "another history\n"),
            "another history",
        ),
        (Some(b"garbage\r\n\r\n".to_vec()), "no answer"),
    ] {
        let found = round(&world, &stranger(answer), false, patient);
        assert!(found.quorum, "two honest witnesses are a quorum");
        let said: Vec<String> = found.faults.iter().map(|(_, fault)| fault.to_string()).collect();
        assert!(
            said.len() == 1 && said[0].contains(expected),
            "{said:?} is not {expected:?}"
        );
    }
    // A cosignature of an earlier time is true, if the witness's own; it counts as what it is.
    let old = round(
        &world,
        &stranger(http("200 OK", text, &of("witness-2.example"))),
        false,
        TIMES,
    );
    assert!(old.faults.is_empty(), "{:?}", old.faults);
}

/// A witness an hour ahead would make every proven time an hour too late: its cosignature is dropped.
#[test]
fn a_wrong_clock_does_not_count() {
    let mut world = Witnessed::new("wrong-clock", None);
    let ahead = StoryClock::starting(world.clock.now() + TimeDelta::hours(1));
    world.trio.stop(2);
    world.trio.back_with(2, Arc::new(ahead));
    world.publish();
    let served = world.served();
    assert_eq!(cosignatures(&served.note), 2);
    assert!(!served.note.contains("witness-2.example"));
    // Nor may all of them be behind what was signed: nothing would be known to be logged after it was made.
    let lagging = Registry {
        clock: Arc::new(StoryClock::starting(world.clock.now() + TimeDelta::seconds(60))),
        ..world.registry.clone()
    };
    freshness::refresh(&lagging, &NoStops).unwrap();
    assert_eq!(world.served().size, served.size, "not shown to readers");
    world.pass(TimeDelta::seconds(60));
    chengxin::registry::witness::settle(&world.registry).unwrap();
    assert!(world.served().size > served.size);
    before_signing(&world.registry).unwrap();
}
