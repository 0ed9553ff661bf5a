//! Conversations with a witness, written from the specification line by line, and hostile bytes.

use std::convert::Infallible;

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::super::checkpoint::Checkpoint;
use super::super::cosignature::cosign;
use super::super::hash::{Hash, empty_root};
use super::super::key::{KeyKind, VerifierKey};
use super::super::note::{Note, SignatureLine};
use super::super::proof::ProofError;
use super::super::witness::*;
use super::{leaves, naive_consistency, naive_root};

const ORIGIN: &str = "registry.example/log";
/// The request of the specification, word for word.
const EXAMPLE: &str = "old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";
/// The answer of the specification: three lines of two witnesses.
const EXAMPLE_ANSWER: &str = "— witness.example/w1 CMp+6LWBU0anHGH5aNDTJkH/gj79sG+T6+iP2ThYN5krrDJbR1HDnucjL39QsZTSvVjyQLrdk3DXDqI5G2HgLatVs0pWh6Up69HVOw==
— witness.example/w1 I7rEps0pvK2UqkS2gSpVUDhrhVtQV9lgF6pRrWAvjJHjyWpW7VcE3SiOlVlbQNt64vWhO+DlkL0+UfzuOBMh9ChdMkP1vi/lCAsmlw==
— witness.example/w2 AWui8Sk55XjYLOijihBjhqEH6nS1ndDymE0a+6idX7pLcnoB+dhnz0854aLZgrrKbYKA7nC3HNJhm/kWl7oJlqU3rXXvpysAdyP3wQ==
";

fn secret(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn key(seed: u8, name: &str, kind: KeyKind) -> VerifierKey {
    VerifierKey::new(name, kind, secret(seed).verifying_key().as_bytes()).unwrap()
}

fn log_key() -> VerifierKey {
    key(1, ORIGIN, KeyKind::Ed25519)
}

fn sign(seed: u8) -> impl Fn(&[u8]) -> Result<[u8; 64], Infallible> {
    move |message| Ok(secret(seed).sign(message).to_bytes())
}

/// A signed head over the first `size` leaves.
fn head(size: u64, root: Hash, seed: u8) -> Note {
    let text = format!("{ORIGIN}\n{size}\n{}\n", root.to_base64());
    let mut note = Note::unsigned(&text).unwrap();
    note.sign(&key(seed, ORIGIN, KeyKind::Ed25519), sign(seed))
        .unwrap();
    note
}

fn root(size: u64) -> Hash {
    naive_root(&leaves(size))
}

fn proof(old: u64, new: u64) -> Vec<Hash> {
    match old {
        0 => Vec::new(),
        _ => naive_consistency(old as usize, &leaves(new), true),
    }
}

fn seen(size: u64) -> Seen {
    Seen {
        size,
        root: root(size),
    }
}

/// A request as a client writes it by hand.
fn request(old: u64, proof: &[Hash], note: &Note) -> AddCheckpoint {
    let mut text = format!("old {old}\n");
    for hash in proof {
        text += &format!("{}\n", hash.to_base64());
    }
    text += &format!("\n{note}");
    let request = AddCheckpoint::parse(text.as_bytes()).unwrap();
    assert_eq!(request.to_string(), text);
    request
}

fn answer(old: u64, proof: &[Hash], note: &Note, seen: &Seen) -> Result<u64, Refusal> {
    let judged = judge(&request(old, proof, note), &[log_key()], seen);
    judged.map(|checkpoint: Checkpoint| checkpoint.size)
}

#[test]
fn the_specifications_example_is_read_and_written_alike() {
    let request = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
    assert_eq!(checkpoint_of(&request.checkpoint).unwrap().size, 20_852_163);
    assert_eq!(request.to_string(), EXAMPLE);
    // No key is known for its origin, then one that has not signed.
    let nobody = judge(&request, &[log_key()], &Seen::nothing());
    assert_eq!(
        nobody,
        Err(Refusal::UnknownLog("example.com/behind-the-sofa".into()))
    );
    let other = key(9, "example.com/behind-the-sofa", KeyKind::Ed25519);
    assert_eq!(
        judge(&request, &[other], &Seen::nothing()),
        Err(Refusal::BadSignature)
    );
    for line in EXAMPLE_ANSWER.lines() {
        assert_eq!(SignatureLine::parse(line).unwrap().to_string(), line);
    }
    let stranger = key(9, "witness.example/w1", KeyKind::Cosignature);
    assert_eq!(
        cosignatures(EXAMPLE_ANSWER.as_bytes(), &request.checkpoint, &stranger),
        Err(AnswerError::Missing),
        "lines of other keys are ignored"
    );
}

#[test]
fn a_log_grows_from_nothing_to_nothing_to_something() {
    // Size 0 is cosigned, again and again, and then what follows.
    assert_eq!(answer(0, &[], &head(0, empty_root(), 1), &Seen::nothing()), Ok(0));
    assert_eq!(answer(0, &[], &head(7, root(7), 1), &Seen::nothing()), Ok(7));
    assert_eq!(answer(7, &proof(7, 12), &head(12, root(12), 1), &seen(7)), Ok(12));
    assert_eq!(answer(12, &[], &head(12, root(12), 1), &seen(12)), Ok(12));
    // An old tree that is one whole subtree has no start in its proof.
    assert_eq!(answer(8, &proof(8, 20), &head(20, root(20), 1), &seen(8)), Ok(20));
}

#[test]
fn every_refusal_with_its_status() {
    let grown = head(12, root(12), 1);
    let status = |refused: Result<u64, Refusal>| {
        let refusal = refused.unwrap_err();
        (refusal.status(), refusal)
    };
    let (code, refusal) = status(answer(13, &[], &grown, &seen(7)));
    assert_eq!((code, refusal), (400, Refusal::OldTooLarge { old: 13, size: 12 }));
    assert_eq!(
        status(answer(6, &proof(6, 12), &grown, &seen(7))),
        (409, Refusal::Stale(7))
    );
    // Who knows nothing asks from 0 and is told.
    assert_eq!(status(answer(0, &[], &grown, &seen(7))), (409, Refusal::Stale(7)));
    // A log that went back.
    assert_eq!(
        status(answer(7, &[], &head(7, root(7), 1), &seen(9))),
        (409, Refusal::Stale(9))
    );
    // The same size with another root, with or without leaves.
    let fork = head(7, root(8), 1);
    assert_eq!(
        status(answer(7, &[], &fork, &seen(7))),
        (409, Refusal::OtherRoot(7))
    );
    let odd = head(0, root(1), 1);
    assert_eq!(
        status(answer(0, &[], &odd, &Seen::nothing())),
        (409, Refusal::OtherRoot(0))
    );
    for wrong in [proof(6, 12), proof(7, 11), Vec::new(), vec![root(1); 63]] {
        assert_eq!(status(answer(7, &wrong, &grown, &seen(7))).0, 422);
    }
    // A proof from nothing must be empty, and one to the same size too.
    let long = Refusal::NotGrown(ProofError::Length);
    assert_eq!(
        status(answer(0, &[root(1)], &grown, &Seen::nothing())),
        (422, long.clone())
    );
    assert_eq!(status(answer(12, &[root(1)], &grown, &seen(12))), (422, long));
    // Signed by another key under the log's name, and by nobody known.
    assert_eq!(
        status(answer(7, &proof(7, 12), &head(12, root(12), 2), &seen(7))),
        (403, Refusal::BadSignature)
    );
    let mut forged = head(12, root(12), 2);
    let mut line = head(11, root(11), 1).signatures()[0].clone();
    forged.add(line.clone());
    assert_eq!(
        status(answer(7, &proof(7, 12), &forged, &seen(7))),
        (403, Refusal::BadSignature)
    );
    line.name = "other.example/log".into();
    let other = Note::unsigned(&forged.text().replace(ORIGIN, "other.example/log")).unwrap();
    let mut other = other;
    other.add(line);
    assert_eq!(status(answer(7, &[], &other, &seen(7))).0, 404);
}

/// During a change of keys both are trusted; extension lines are carried and signed.
#[test]
fn two_keys_and_extension_lines() {
    let keys = [log_key(), key(2, ORIGIN, KeyKind::Ed25519)];
    let judged = |note: &Note| judge(&request(0, &[], note), &keys, &Seen::nothing());
    assert!(judged(&head(3, root(3), 2)).is_ok());
    let mut both = head(3, root(3), 2);
    both.sign(&log_key(), sign(1)).unwrap();
    assert!(judged(&both).is_ok());
    let text = format!("{ORIGIN}\n3\n{}\nextension\n", root(3).to_base64());
    let mut extended = Note::unsigned(&text).unwrap();
    extended.sign(&log_key(), sign(1)).unwrap();
    assert_eq!(judged(&extended).unwrap().size, 3);
    let witness = key(5, "bank.example/witness", KeyKind::Cosignature);
    let line = cosign(&extended, &witness, 1_800_000_000, sign(5)).unwrap();
    let body = format!("{line}\n");
    assert_eq!(
        cosignatures(body.as_bytes(), &extended, &witness).unwrap(),
        [(line, 1_800_000_000)]
    );
}

#[test]
fn requests_that_are_none() {
    let note = head(7, root(7), 1).to_string();
    let parse = |text: String| AddCheckpoint::parse(text.as_bytes());
    for first in [
        "old",
        "old ",
        "old 07",
        "old -1",
        "Old 7",
        "old 18446744073709551616",
        "old 7 ",
    ] {
        assert_eq!(
            parse(format!("{first}\n\n{note}")),
            Err(RequestError::Old),
            "{first}"
        );
    }
    assert_eq!(
        parse(format!("old 7\nAAAA\n\n{note}")),
        Err(RequestError::Hash(1))
    );
    assert_eq!(parse(format!("old 7\r\n\r\n{note}")), Err(RequestError::Old));
    assert_eq!(parse("old 7\n".to_owned()), Err(RequestError::Form));
    assert!(matches!(
        parse("old 7\n\n".to_owned()),
        Err(RequestError::Note(_))
    ));
    let hash = root(1).to_base64();
    let lines = |count: usize| format!("old 7\n{}\n{note}", format!("{hash}\n").repeat(count));
    assert_eq!(parse(lines(63)).unwrap().proof.len(), 63);
    assert_eq!(parse(lines(64)), Err(RequestError::ProofLength));
    assert_eq!(
        AddCheckpoint::parse(&vec![b'a'; MAX_REQUEST + 1]),
        Err(RequestError::TooLong)
    );
    assert_eq!(AddCheckpoint::parse(b"old 7\xff\n\n"), Err(RequestError::Form));
}

#[test]
fn answers_that_bring_nothing() {
    let note = head(7, root(7), 1);
    let witness = key(5, "bank.example/witness", KeyKind::Cosignature);
    let read = |body: &str| cosignatures(body.as_bytes(), &note, &witness);
    let line = cosign(&note, &witness, 5, sign(5)).unwrap().to_string();
    assert_eq!(read(&format!("{line}\n")).unwrap()[0].1, 5);
    assert_eq!(read(&line), Err(AnswerError::Form), "the last line ends");
    assert_eq!(read(""), Err(AnswerError::Form));
    assert_eq!(read("\n"), Err(AnswerError::Form));
    assert_eq!(read(&"x".repeat(MAX_ANSWER + 1)), Err(AnswerError::Form));
    let other = cosign(&head(8, root(8), 1), &witness, 5, sign(5)).unwrap();
    assert_eq!(read(&format!("{other}\n")), Err(AnswerError::BadSignature));
    // A cosignature of no other key may stand for the witness's.
    let log = cosignatures(format!("{line}\n").as_bytes(), &note, &log_key());
    assert_eq!(log, Err(AnswerError::Form));
    assert_eq!(stale_size(b"7\n"), Some(7));
    for body in ["7", "07\n", "7\n\n", "\n", "-7\n", "18446744073709551616\n"] {
        assert_eq!(stale_size(body.as_bytes()), None, "{body:?}");
    }
}

proptest! {
    /// Whatever a caller sends: the parser answers, accepts nothing that it would not write, and a request
    /// that was changed in any byte is cosigned only when it says the same.
    #[test]
    fn hostile_requests(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let good = request(7, &proof(7, 12), &head(12, root(12), 1)).to_string().into_bytes();
        let mut text = good.clone();
        let place = at.index(text.len());
        match cut {
            true => text.truncate(place),
            false => text[place] = byte,
        }
        if let Ok(request) = AddCheckpoint::parse(&text) {
            prop_assert_eq!(request.to_string().into_bytes(), text.clone());
            if judge(&request, &[log_key()], &seen(7)).is_ok() {
                prop_assert_eq!(text, good);
            }
        }
    }

    #[test]
    fn random_bodies(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let witness = key(5, "bank.example/witness", KeyKind::Cosignature);
        let _ = AddCheckpoint::parse(&bytes);
        prop_assert!(cosignatures(&bytes, &head(7, root(7), 1), &witness).is_err());
        let _ = stale_size(&bytes);
    }

    /// From any tree to any later one, and to none that is smaller or not of this history.
    #[test]
    fn sizes(old in 0_u64..40, new in 0_u64..40, lie in 0_u64..40) {
        let note = head(new, root(new), 1);
        let judged = answer(old, &proof(old, new.max(old)), &note, &seen(old));
        prop_assert_eq!(judged.is_ok(), old <= new, "{:?}", judged);
        if lie != old && old <= new && old > 0 {
            let other = Seen { size: old, root: root(lie) };
            prop_assert!(answer(old, &proof(old, new), &note, &other).is_err());
        }
    }
}
