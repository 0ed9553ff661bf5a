//! Notes, checkpoints, cosignatures, policies and proof files: what is accepted, what is refused, and that
//! no bytes make a parser panic.

use std::convert::Infallible;

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::super::checkpoint::{Checkpoint, CheckpointError};
use super::super::cosignature::cosign;
use super::super::edge::Edge;
use super::super::hash::empty_root;
use super::super::key::{KeyKind, VerifierKey};
use super::super::memory::MemoryTiles;
use super::super::note::{Note, NoteError, SignatureLine};
use super::super::policy::{AssessError, Policy, PolicyErrorKind as Kind};
use super::super::proof::inclusion_proof;
use super::super::tlog_proof::{TlogProof, TlogProofError};
use super::leaves;

const ORIGIN: &str = "registry.example/log";

fn key(seed: u8, name: &str, kind: KeyKind) -> (SigningKey, VerifierKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let public = VerifierKey::new(name, kind, secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

fn raw(secret: &SigningKey, message: &[u8]) -> Result<[u8; 64], Infallible> {
    Ok(secret.sign(message).to_bytes())
}

fn log_key() -> (SigningKey, VerifierKey) {
    key(1, ORIGIN, KeyKind::Ed25519)
}

fn witness(n: u8) -> (SigningKey, VerifierKey) {
    key(10 + n, &format!("witness{n}.example"), KeyKind::Cosignature)
}

fn signed(checkpoint: &Checkpoint, witnesses: &[(u8, u64)]) -> Note {
    let mut note = Note::unsigned(&checkpoint.to_string()).unwrap();
    let (secret, public) = log_key();
    note.sign(&public, |message| raw(&secret, message)).unwrap();
    for (n, time) in witnesses {
        let (secret, public) = witness(*n);
        note.add(cosign(&note, &public, *time, |message| raw(&secret, message)).unwrap());
    }
    note
}

fn tree() -> (Checkpoint, MemoryTiles) {
    let mut edge = Edge::new();
    let mut store = MemoryTiles::new();
    for (tile, bytes) in edge.grow(&leaves(20)) {
        store.put(tile, &bytes).unwrap();
    }
    (
        Checkpoint {
            origin: ORIGIN.into(),
            size: 20,
            root: edge.root(),
        },
        store,
    )
}

fn policy(rules: &str) -> Policy {
    let mut text = format!("# test\nlog {} https://registry.example/log/\n\n", log_key().1);
    for n in 1..=3 {
        text += &format!("\twitness w{n}   {} \n", witness(n).1);
    }
    Policy::parse(format!("{text}{rules}\n").as_bytes()).unwrap()
}

#[test]
fn note_splits_at_the_last_empty_line() {
    let (secret, public) = log_key();
    let mut note = Note::unsigned("a\n\nb\n\n— c\n").unwrap();
    note.sign(&public, |message| raw(&secret, message)).unwrap();
    let again = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(again, note);
    assert_eq!(again.open(std::slice::from_ref(&public)), Ok("a\n\nb\n\n— c\n"));
    assert_eq!(again.open(&[]), Err(NoteError::NoKnownSignature));
}

#[test]
fn unknown_lines_are_ignored_and_bad_known_ones_reject() {
    let (checkpoint, _) = tree();
    let (_, public) = log_key();
    let mut note = signed(&checkpoint, &[]);
    // The same name with another id, such as a future signature type.
    note.add(SignatureLine {
        name: ORIGIN.into(),
        key_id: 7,
        signature: vec![6; 2428],
    });
    note.add(SignatureLine {
        name: "other.example".into(),
        key_id: public.id(),
        signature: vec![1],
    });
    assert_eq!(note.verified_by(std::slice::from_ref(&public)).unwrap().len(), 1);
    note.add(SignatureLine {
        name: ORIGIN.into(),
        key_id: public.id(),
        signature: vec![0; 64],
    });
    assert_eq!(note.open(&[public]), Err(NoteError::BadSignature(ORIGIN.into())));
}

#[test]
fn note_limits() {
    let (checkpoint, _) = tree();
    let mut note = signed(&checkpoint, &[]);
    for n in 0..63u8 {
        note.add(SignatureLine {
            name: "x".into(),
            key_id: n.into(),
            signature: vec![n],
        });
    }
    assert!(Note::parse(note.to_string().as_bytes()).is_ok());
    note.add(SignatureLine {
        name: "x".into(),
        key_id: 99,
        signature: vec![1],
    });
    assert_eq!(
        Note::parse(note.to_string().as_bytes()),
        Err(NoteError::SignatureCount)
    );
    assert_eq!(Note::parse(&vec![b'a'; 1 << 21]), Err(NoteError::TooLong));
    assert_eq!(Note::parse(b"a\r\n\n"), Err(NoteError::Characters));
    assert_eq!(Note::parse(b"a\xff\n\n"), Err(NoteError::Characters));
    assert_eq!(Note::parse(b"a\n"), Err(NoteError::Form));
    assert_eq!(Note::parse(b"a\n\n"), Err(NoteError::SignatureCount));
    assert_eq!(Note::parse("a\n\n— x AAAAAAE=".as_bytes()), Err(NoteError::Form));
    for line in [
        "x",
        "— x",
        "— x AAAA",
        "— x AAAAAA==",
        "— x+y AAAAAAE=",
        "—  AAAAAAE=",
        "— x AAAAAAF=",
    ] {
        let note = format!("a\n\n{line}\n");
        assert_eq!(
            Note::parse(note.as_bytes()),
            Err(NoteError::SignatureLine(1)),
            "{line}"
        );
    }
}

#[test]
fn checkpoint_text() {
    let root = empty_root().to_base64();
    let parse = |text: String| Checkpoint::parse(&text);
    assert!(parse(format!("o\n0\n{root}\n")).is_ok());
    assert_eq!(parse(format!("o\n0\n{root}")), Err(CheckpointError::Lines));
    assert_eq!(
        parse(format!("o\n0\n{root}\nextension\n")),
        Err(CheckpointError::Lines)
    );
    assert_eq!(parse(format!("\n0\n{root}\n")), Err(CheckpointError::Origin));
    assert_eq!(parse(format!("o\n00\n{root}\n")), Err(CheckpointError::Size));
    assert_eq!(
        parse(format!("o\n18446744073709551616\n{root}\n")),
        Err(CheckpointError::Size)
    );
    assert_eq!(parse("o\n0\nAAAA\n".into()), Err(CheckpointError::Root));
}

#[test]
fn quorums() {
    let (checkpoint, _) = tree();
    let quorum = |rules: &str, witnesses: &[(u8, u64)]| {
        let assessed = policy(rules).assess(&signed(&checkpoint, witnesses)).unwrap();
        (assessed.quorum, assessed.cosignatures)
    };
    assert_eq!(quorum("quorum none", &[(1, 5)]), (true, vec![]));
    assert_eq!(quorum("quorum w2", &[(1, 5), (2, 6)]), (true, vec![(1, 6)]));
    assert_eq!(quorum("quorum w2", &[(1, 5)]), (false, vec![]));
    let two = "group g 2 w1 w2 w3\nquorum g";
    assert_eq!(quorum(two, &[(1, 5)]), (false, vec![(0, 5)]));
    assert_eq!(quorum(two, &[(3, 5), (1, 9)]), (true, vec![(2, 5), (0, 9)]));
    let nested = "group g any w1 w2\ngroup h all g w3\nquorum h";
    assert!(!quorum(nested, &[(1, 5), (2, 5)]).0);
    assert!(quorum(nested, &[(2, 5), (3, 5)]).0);
    // The same witness twice is one witness.
    assert!(!quorum(two, &[(1, 5), (1, 6)]).0);
}

#[test]
fn a_cosignature_of_another_time_or_text_rejects() {
    let (checkpoint, _) = tree();
    let policy = policy("quorum w1");
    let mut note = signed(&checkpoint, &[(1, 5)]);
    assert!(policy.assess(&note).unwrap().quorum);
    let mut line = note.signatures()[1].clone();
    line.signature[7] = 6;
    note.add(line);
    assert!(matches!(
        policy.assess(&note),
        Err(AssessError::Note(NoteError::BadSignature(_)))
    ));
    let mut past = signed(&checkpoint, &[]);
    let (secret, public) = witness(1);
    past.add(cosign(&past, &public, 1 << 63, |message| raw(&secret, message)).unwrap());
    assert!(matches!(
        policy.assess(&past),
        Err(AssessError::Note(NoteError::BadSignature(_)))
    ));
}

#[test]
fn a_checkpoint_needs_its_own_log() {
    let foreign = Checkpoint {
        origin: "other.example/log".into(),
        ..tree().0
    };
    let answer = policy("quorum none").assess(&signed(&foreign, &[]));
    assert_eq!(answer, Err(AssessError::UnknownLog("other.example/log".into())));
}

#[test]
fn policy_refusals() {
    let (log, one) = (log_key().1, witness(1).1);
    let parse = |text: &str| {
        let text = text
            .replace("LOG", &log.to_string())
            .replace("W1", &one.to_string());
        Policy::parse(text.as_bytes()).map_err(|error| (error.line, error.kind))
    };
    assert!(parse("quorum none\n").is_ok());
    assert_eq!(parse(""), Err((0, Kind::Quorum)));
    assert_eq!(parse("quorum none"), Err((0, Kind::Characters)));
    assert_eq!(parse("quorum none\r\n"), Err((0, Kind::Characters)));
    assert_eq!(parse("quorum none\nquorum none\n"), Err((2, Kind::Quorum)));
    assert_eq!(parse("quorum x\n"), Err((1, Kind::NameUnknown)));
    assert_eq!(parse("log W1\n"), Err((1, Kind::KeyKind)));
    assert_eq!(parse("witness x LOG\n"), Err((1, Kind::KeyKind)));
    assert_eq!(parse("log LOG\nlog LOG\n"), Err((2, Kind::DuplicateKey)));
    assert_eq!(parse("witness none W1\n"), Err((1, Kind::NameTaken)));
    assert_eq!(parse("witness x W1\ngroup x 1 x\n"), Err((2, Kind::NameTaken)));
    assert_eq!(parse("witness x W1\ngroup g 2 x\n"), Err((2, Kind::Threshold)));
    assert_eq!(parse("witness x W1\ngroup g 0 x\n"), Err((2, Kind::Threshold)));
    assert_eq!(parse("witness x W1\ngroup g 01 x\n"), Err((2, Kind::Threshold)));
    assert_eq!(
        parse("witness x W1\ngroup g any x x\n"),
        Err((2, Kind::MemberTwice))
    );
    assert_eq!(parse("group g any none\n"), Err((1, Kind::NameUnknown)));
    assert_eq!(parse("group g any\n"), Err((1, Kind::Form)));
    assert_eq!(parse("\n \t\n # x\nfoo\n"), Err((4, Kind::Form)));
}

#[test]
fn proof_file() {
    let (checkpoint, store) = tree();
    let path = inclusion_proof(&store, 7, 20).unwrap();
    let note = signed(&checkpoint, &[(1, 5)]);
    let mut proof = TlogProof {
        extra: Some(b"x".to_vec()),
        index: 7,
        path,
        checkpoint: note,
    };
    assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof.clone()));
    let leaf = leaves(20)[7];
    assert!(proof.verify(&leaf, &policy("quorum w1")).is_ok());
    assert_eq!(
        proof.verify(&leaf, &policy("quorum w2")),
        Err(TlogProofError::Quorum)
    );
    proof.index = 8;
    assert!(matches!(
        proof.verify(&leaf, &policy("quorum w1")),
        Err(TlogProofError::Proof(_))
    ));
    let text = proof.to_string().replace("index 8", "index 08");
    assert!(matches!(
        TlogProof::parse(text.as_bytes()),
        Err(TlogProofError::Form("index"))
    ));
}

/// A byte of a valid text replaced, or the text cut: the parsers answer, and accept nothing that they
/// would not write themselves.
fn hostile(mut text: Vec<u8>, at: prop::sample::Index, byte: u8, cut: bool) {
    let place = at.index(text.len());
    match cut {
        true => text.truncate(place),
        false => text[place] = byte,
    }
    if let Ok(note) = Note::parse(&text) {
        assert_eq!(note.to_string().as_bytes(), text);
        if let Ok(checkpoint) = Checkpoint::of(&note) {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
    if let Ok(proof) = TlogProof::parse(&text) {
        assert_eq!(proof.to_string().as_bytes(), text);
    }
    let _ = Policy::parse(&text);
}

proptest! {
    #[test]
    fn mutated_texts(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let (checkpoint, store) = tree();
        let note = signed(&checkpoint, &[(1, 5), (2, 6)]);
        let path = inclusion_proof(&store, 3, 20).unwrap();
        hostile(note.to_string().into_bytes(), at, byte, cut);
        let proof = TlogProof { extra: None, index: 3, path, checkpoint: note };
        hostile(proof.to_string().into_bytes(), at, byte, cut);
        let policy = format!("log {}\nwitness a {}\ngroup g all a\nquorum g\n", log_key().1, witness(1).1);
        hostile(policy.into_bytes(), at, byte, cut);
    }

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = (Note::parse(&bytes), TlogProof::parse(&bytes), Policy::parse(&bytes));
        let _ = (SignatureLine::parse(&String::from_utf8_lossy(&bytes)), Checkpoint::parse(&String::from_utf8_lossy(&bytes)));
    }
}
