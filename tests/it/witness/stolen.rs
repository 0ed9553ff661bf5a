//! A log under three witnesses whose key is stolen, after a rotation: the thief shows the witnesses more than
//! the registry has; the log goes on as `log2`, and what either of them signed means what it should.

use std::fs;

use super::*;
use chengxin::log::checkpoint::Checkpoint as Head;
use chengxin::log::edge::Edge;
use chengxin::log::entries;
use chengxin::log::hash::{Hash, leaf_hash};
use chengxin::log::key::VerifierKey;
use chengxin::log::memory::MemoryTiles;
use chengxin::log::note::Note;
use chengxin::log::prover::consistency_proof;
use chengxin::log::witness::AddCheckpoint;
use chengxin::record::signer::SoftwareSigner;
use chengxin::registry::check::{self, CheckError};
use chengxin::registry::high_water::{HighWater, Mark, MarkError};
use chengxin::registry::key_ceremony::{self, CeremonyError};
use chengxin::registry::keys::NoteSigner;
use chengxin::registry::{export, fsck, succession, witness};
use chengxin::store::log::bundle;
use chengxin::verify::{Axis, Outcome, Reason, State, SuccessionError, check_bundle};

use crate::keys::{holds, publish_one, reason, verdict};

crate::on_both_databases!(a_stolen_log_key);

/// Every leaf of the registry's log.
fn leaves(world: &Witnessed) -> Vec<Hash> {
    let conn = &mut *world.registry.store.conn().unwrap();
    let size = usize::try_from(world.served().size).unwrap();
    let mut leaves = Vec::new();
    for number in 0.. {
        let Some(row) = bundle::all_widths(conn, number).unwrap().pop() else {
            break;
        };
        leaves.extend(entries::decode(&row.entries).unwrap().into_iter().map(leaf_hash));
    }
    leaves.truncate(size);
    leaves
}

/// A head of the true tree and `more` entries of the thief's, with the proof that witnesses ask for.
fn forged(world: &Witnessed, thief: &NoteSigner, more: u64) -> (Note, Vec<Hash>) {
    let mut leaves = leaves(world);
    let size = leaves.len() as u64;
    leaves.extend((0..more).map(|n| leaf_hash(&n.to_be_bytes())));
    let (mut edge, mut tiles) = (Edge::new(), MemoryTiles::new());
    for (id, bytes) in edge.grow(&leaves) {
        tiles.put(id, &bytes).unwrap();
    }
    let head = Head {
        origin: thief.verifier().name().to_owned(),
        size: size + more,
        root: edge.root(),
    };
    let mut note = Note::unsigned(&head.to_string()).unwrap();
    thief.sign(&mut note).unwrap();
    (note, consistency_proof(&tiles, size, size + more).unwrap())
}

/// Signed by roots that are still on the fixture's machine.
fn signed(registry: &Registry, note: &str, roots: &[usize]) -> String {
    roots.iter().fold(note.to_owned(), |note, n| {
        let root = registry.keys().unwrap().root(*n).unwrap();
        key_ceremony::sign(note.as_bytes(), &root).unwrap().0
    })
}

fn a_stolen_log_key(database: Option<&str>) {
    let mut world = Witnessed::new("stolen", database);
    world.pass(TimeDelta::days(1));
    let first = publish_one(&world.registry, "1").unwrap();
    witness::after_publishing(&world.registry).unwrap();

    // A rotation before: heads of the first key, of both, and of the second alone.
    let second_key = key_ceremony::overlap_log(&world.registry, &NoStops).unwrap();
    world.trio.know(VerifierKey::parse(&second_key).unwrap());
    world.reopen();
    world.pass(TimeDelta::hours(1));
    key_ceremony::end_overlap(&world.registry, &NoStops).unwrap();
    world.reopen();
    world.pass(TimeDelta::hours(1));
    let second = publish_one(&world.registry, "2").unwrap();
    witness::after_publishing(&world.registry).unwrap();
    world.pass(TimeDelta::minutes(10));
    witness::settle(&world.registry).unwrap();
    let old_trust = world.registry.trust().unwrap();
    let old_bundle = export::bundle(&mut world.registry.store.conn().unwrap(), &second).unwrap();
    let frozen = world.served();

    // The theft: witnesses follow whoever has the key, for the tree only grows.
    let folder = world.data().keys();
    let pem = fs::read_to_string(folder.join("log-2.pem")).unwrap();
    let stolen = SoftwareSigner::from_pkcs8_pem(&pem, "credit.example/log").unwrap();
    let thief = NoteSigner::new(stolen).unwrap();
    let (head, proof) = forged(&world, &thief, 3);
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut cosigned = head.clone();
    for n in 0..3 {
        let request = AddCheckpoint {
            old: frozen.size.unsigned_abs(),
            proof: proof.clone(),
            checkpoint: head.clone(),
        };
        let url = format!("{}/add-checkpoint", world.trio.url(n));
        let mut answer = agent.post(url).send(request.to_string()).unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{text}");
        for line in text.lines() {
            cosigned.add(chengxin::log::note::SignatureLine::parse(line).unwrap());
        }
    }
    // Nobody knows yet: one more record under the old key, which no witness cosigns any more.
    let unseen = publish_one(&world.registry, "unseen").unwrap();
    witness::after_publishing(&world.registry).unwrap();
    assert_eq!(world.served().size, frozen.size);
    world.pass(TimeDelta::hours(1));
    assert!(
        witness::at_start(&world.registry).is_err(),
        "the witnesses hold more"
    );

    // The ceremony.
    let prepared = succession::prepare(&world.registry).unwrap();
    let document = prepared.document.clone();
    assert_eq!(document.size, frozen.size.unsigned_abs());
    assert_eq!(document.old_keys.len(), 2, "the rotated key is named too");
    let again = succession::prepare(&world.registry).unwrap();
    assert_eq!(again.document.new_key, document.new_key, "no second key is made");
    let one = signed(&world.registry, &prepared.note, &[2]);
    let refused = succession::publish(&world.registry, &one, &NoStops);
    assert!(
        matches!(refused, Err(CeremonyError::Succession(SuccessionError::Roots))),
        "{refused:?}"
    );
    let mut other = document.clone();
    other.size -= 1;
    let other = signed(
        &world.registry,
        &Note::unsigned(&other.text().unwrap()).unwrap().to_string(),
        &[1, 2],
    );
    let refused = succession::publish(&world.registry, &other, &NoStops);
    assert!(
        matches!(refused, Err(CeremonyError::OtherHead { .. })),
        "{refused:?}"
    );
    assert_eq!(
        HighWater::newest_log(&folder).unwrap(),
        1,
        "nothing is sealed by what is refused"
    );
    let root = document.root.to_base64();
    world
        .trio
        .know_from(document.new_key.clone(), document.size, &root);
    let note = signed(&world.registry, &prepared.note, &[1, 3]);
    let done = succession::publish(&world.registry, &note, &NoStops).unwrap();
    assert_eq!(done.retired.len(), 1);
    // Once more changes nothing.
    let twice = succession::publish(&world.registry, &note, &NoStops).unwrap();
    assert_eq!((twice.index, twice.frozen), (done.index, done.frozen));

    // Started anew: the successor's heads, cosigned from the beginning, and cosigned again while idle.
    world.reopen();
    check::at_start(&world.registry).unwrap();
    witness::at_start(&world.registry).unwrap();
    let served = world.served();
    assert!(
        served.note.starts_with("credit.example/log2\n"),
        "{}",
        served.note
    );
    assert_eq!(cosignatures(&served.note), 3);
    world.pass(TimeDelta::minutes(10));
    witness::settle(&world.registry).unwrap();
    assert_ne!(world.served().note, served.note);
    let third = publish_one(&world.registry, "3").unwrap();
    witness::after_publishing(&world.registry).unwrap();
    world.publish();
    assert_eq!(fsck::run(&world.registry, &|_, _| ()).unwrap().findings, []);

    // Old records and new ones, in new bundles and in old ones, by the new trust folder.
    let now = world.clock.now() + TimeDelta::seconds(20);
    for row in [&first, &second, &unseen, &third] {
        holds(&world.registry, row, now);
    }
    let options = chengxin::verify::Options::at(now);
    let trust = world.registry.trust().unwrap();
    let judged =
        |bytes: &[u8], trust: &chengxin::verify::Trust| check_bundle(bytes, trust, &options).unwrap();
    let old = judged(&old_bundle, &trust);
    assert_eq!(old.outcome(), Outcome::Accepted, "{old:?}");
    let mut theirs: serde_json::Value = serde_json::from_slice(&old_bundle).unwrap();
    theirs["checkpoints"]["current"]["note"] = cosigned.to_string().into();
    let theirs = serde_json::to_vec(&theirs).unwrap();
    let caught = judged(&theirs, &trust);
    assert_eq!(reason(&caught, Axis::Logged), (State::Fails, Reason::LogFrozen));
    let new_bundle = export::bundle(&mut world.registry.store.conn().unwrap(), &third).unwrap();
    let unknown = judged(&new_bundle, &old_trust);
    assert_eq!(reason(&unknown, Axis::Logged), (State::Fails, Reason::LogUnknown));
    assert_eq!(unknown.headline().code(), "unknown-log");

    // The old key signs nothing more in this installation, wherever it comes from.
    let mark = Mark {
        size: frozen.size.unsigned_abs() + 9,
        root: Hash([1; 32]),
    };
    let sealed = HighWater::of_log(&folder, 1).raise(mark);
    assert!(matches!(sealed, Err(MarkError::Ended(_))), "{sealed:?}");
    fs::write(folder.join("log.pem"), &pem).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder.join("log.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    check::at_start(&world.registry).unwrap();
    // A keys folder of before the succession does not serve.
    let mark = folder.join("high-water-log2");
    let away = folder.join("away");
    fs::rename(&mark, &away).unwrap();
    let stopped = check::at_start(&world.registry);
    assert!(matches!(stopped, Err(CheckError::OtherLog { .. })), "{stopped:?}");
    fs::rename(&away, &mark).unwrap();
    assert_eq!(verdict(&world.registry, &third, now).outcome(), Outcome::Accepted);
}
