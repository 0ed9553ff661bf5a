use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::record::did::DidKey;
use crate::record::multikey;
use crate::record::signer::{SignError, Signer, SoftwareSigner};

fn did_key() -> SoftwareSigner {
    let signer = SoftwareSigner::generate(&mut [9; 32], "");
    let key = multikey::encode(&signer.public_key());
    signer.named(format!("did:key:{key}#{key}"))
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 0, 0, 0).unwrap()
}

fn document() -> Value {
    json!({"@context": ["https://a.example/1", "https://a.example/2"], "id": "urn:x", "issuer": "did:key:x"})
}

fn secured() -> Value {
    secure_document(&document(), "2026-10-09T08:30:00Z", &did_key()).unwrap()
}

/// Signs `document` with proof options that `change` has altered: only the options are at fault.
fn signed_with(document: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut options = secured()["proof"].clone();
    options.as_object_mut().unwrap().remove("proofValue");
    change(&mut options);
    let text = |value: &Value| String::from_utf8(crate::record::canonical::to_vec(value).unwrap()).unwrap();
    let mut hashed = document.clone();
    if let Some(context) = options.get("@context") {
        hashed["@context"] = context.clone();
    }
    let message = message(&hash([&*text(&options)]), &hash([&*text(&hashed)]));
    let mut value = Vec::new();
    push_signature(&mut value, &did_key().sign(&message).unwrap());
    options["proofValue"] = String::from_utf8(value).unwrap().into();
    let mut secured = document.clone();
    secured["proof"] = options;
    secured
}

fn refusal(document: &Value) -> ProofError {
    verify_document(document, &DidKey, now()).unwrap_err()
}

#[test]
fn a_foreign_credential_verifies_with_and_without_a_context_in_its_proof() {
    assert_eq!(verify_document(&secured(), &DidKey, now()), Ok(()));
    let without = signed_with(&document(), |p| {
        drop(p.as_object_mut().unwrap().remove("@context"))
    });
    assert_eq!(verify_document(&without, &DidKey, now()), Ok(()));
    // The document may have gained a context behind those that were signed.
    let shorter = signed_with(&document(), |p| p["@context"] = json!(["https://a.example/1"]));
    assert_eq!(verify_document(&shorter, &DidKey, now()), Ok(()));
    let text = signed_with(&document(), |p| p["@context"] = json!("https://a.example/1"));
    assert_eq!(verify_document(&text, &DidKey, now()), Ok(()));
}

#[test]
fn contexts_that_do_not_begin_alike_are_refused() {
    for context in [
        json!(["https://a.example/2"]),
        json!("https://b.example"),
        json!({}),
        json!([
            "https://a.example/1",
            "https://a.example/2",
            "https://a.example/3"
        ]),
    ] {
        let bad = signed_with(&document(), |p| p["@context"] = context.clone());
        assert_eq!(refusal(&bad), ProofError::Context, "{context}");
    }
    let mut none = document();
    none.as_object_mut().unwrap().remove("@context");
    let mut bad = secured();
    bad.as_object_mut().unwrap().remove("@context");
    assert_eq!(refusal(&bad), ProofError::Context);
    let plain = secure_document(&none, "2026-10-09T08:30:00Z", &did_key()).unwrap();
    assert_eq!(verify_document(&plain, &DidKey, now()), Ok(()));
}

#[test]
fn missing_members_other_suites_and_expired_proofs_are_refused() {
    for name in ["type", "cryptosuite", "proofPurpose", "verificationMethod"] {
        let bad = signed_with(&document(), |p| drop(p.as_object_mut().unwrap().remove(name)));
        assert_eq!(refusal(&bad), ProofError::Missing(name));
    }
    for (name, wrong) in [
        ("type", "Other"),
        ("cryptosuite", "eddsa-rdfc-2022"),
        ("proofPurpose", "authentication"),
        ("created", "yesterday"),
        ("expires", "never"),
        ("challenge", "c"),
        ("domain", "d"),
        ("previousProof", "p"),
    ] {
        let bad = signed_with(&document(), |p| p[name] = wrong.into());
        assert_eq!(refusal(&bad), ProofError::Value(name));
    }
    let expired = signed_with(&document(), |p| p["expires"] = "2026-11-01T08:00:00+08:00".into());
    assert_eq!(refusal(&expired), ProofError::Expired);
    let valid = signed_with(&document(), |p| p["expires"] = "2026-11-01T00:00:01Z".into());
    assert_eq!(verify_document(&valid, &DidKey, now()), Ok(()));
    assert_eq!(refusal(&document()), ProofError::NoProof);
    assert_eq!(refusal(&json!([])), ProofError::NoProof);
    assert_eq!(refusal(&json!({"proof": []})), ProofError::NoProof);
}

#[test]
fn every_proof_of_a_set_must_verify() {
    let mut set = secured();
    set["proof"] = json!([set["proof"], set["proof"]]);
    assert_eq!(verify_document(&set, &DidKey, now()), Ok(()));
    set["proof"][1]["created"] = "2026-10-09T08:30:01Z".into();
    assert_eq!(refusal(&set), ProofError::Signature);
}

#[test]
fn other_signature_encodings_are_refused() {
    let good = secured();
    let value = good["proof"]["proofValue"].as_str().unwrap();
    let bytes = parse_signature(value).unwrap();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for wrong in [
        format!("f{hex}"),
        value[1..].to_owned(),
        format!("{value}1"),
        format!("z1{}", &value[1..]),
        value.replace('z', "Z"),
        "z".to_owned(),
    ] {
        let mut bad = good.clone();
        bad["proof"]["proofValue"] = wrong.as_str().into();
        assert_eq!(refusal(&bad), ProofError::Encoding, "{wrong}");
    }
    let mut bad = good.clone();
    bad["proof"]["proofValue"] = json!(1);
    assert_eq!(refusal(&bad), ProofError::Missing("proofValue"));
    let mut flipped = bytes;
    flipped[0] ^= 1;
    let mut text = Vec::new();
    push_signature(&mut text, &flipped);
    bad["proof"]["proofValue"] = String::from_utf8(text).unwrap().into();
    assert_eq!(refusal(&bad), ProofError::Signature);
}

/// A key as its document states it, with one thing changed.
struct Stated(Resolved);

impl Resolve for Stated {
    fn resolve(&self, method: &str) -> Option<Resolved> {
        (method == did_key().verification_method()).then(|| self.0.clone())
    }
}

#[test]
fn keys_that_may_not_assert_are_refused() {
    let good = DidKey.resolve(did_key().verification_method()).unwrap();
    let refusal = |change: &dyn Fn(&mut Resolved)| {
        let mut stated = good.clone();
        change(&mut stated);
        verify_document(&secured(), &Stated(stated), now()).unwrap_err()
    };
    assert_eq!(refusal(&|k| k.assertion = false), ProofError::MethodPurpose);
    assert_eq!(
        refusal(&|k| k.controller = "did:key:other".into()),
        ProofError::Controller
    );
    let both = |k: &mut Resolved| (k.controller, k.document) = ("did:x:y".into(), "did:x:y".into());
    assert_eq!(refusal(&both), ProofError::Controller);
    assert_eq!(refusal(&|k| k.revoked = Some(now())), ProofError::MethodEnded);
    assert_eq!(refusal(&|k| k.expires = Some(now())), ProofError::MethodEnded);
    // 0xe7 0x01 is a secp256k1 key.
    let other = |k: &mut Resolved| {
        k.public_key = format!(
            "z{}",
            bs58::encode([&[0xe7, 1][..], &[1; 32]].concat()).into_string()
        )
    };
    assert_eq!(refusal(&other), ProofError::Key(MultikeyError::Prefix));
    let wrong = |k: &mut Resolved| {
        k.public_key = multikey::encode(&SoftwareSigner::generate(&mut [1; 32], "").public_key())
    };
    assert_eq!(refusal(&wrong), ProofError::Signature);
    let unknown = signed_with(&document(), |p| {
        p["verificationMethod"] = "did:web:a.example#k".into()
    });
    assert!(matches!(
        super::tests::refusal(&unknown),
        ProofError::MethodUnknown(_)
    ));
}

#[test]
fn documents_with_a_proof_are_not_signed_again() {
    assert!(matches!(
        secure_document(&secured(), "x", &did_key()),
        Err(SignError(_))
    ));
    assert!(matches!(
        secure_document(&json!(1), "x", &did_key()),
        Err(SignError(_))
    ));
}

proptest! {
    #[test]
    fn signatures_are_spelled_like_bs58(bytes in prop::array::uniform32(any::<u8>()), zeros in 0usize..40) {
        let mut signature = [0; 64];
        signature[32..].copy_from_slice(&bytes);
        signature[..32].copy_from_slice(&bytes);
        signature[..zeros].fill(0);
        let mut text = Vec::new();
        push_signature(&mut text, &signature);
        let text = String::from_utf8(text).unwrap();
        prop_assert_eq!(&text, &format!("z{}", bs58::encode(signature).into_string()));
        prop_assert_eq!(parse_signature(&text), Ok(signature));
    }

    /// Exactly the texts that bs58 decodes to 64 bytes are accepted.
    #[test]
    fn base58_reading_agrees_with_bs58(text in "[1-9A-HJ-NP-Za-km-z]{60,90}", ones in 0usize..4) {
        let text = format!("{}{text}", "1".repeat(ones));
        let other = bs58::decode(&text).into_vec().ok().and_then(|bytes| <[u8; 64]>::try_from(bytes).ok());
        prop_assert_eq!(parse_signature(&format!("z{text}")).ok(), other);
    }
}
