//! Published vectors, read from where `CHENGXIN_VECTORS` says or `../shared/vectors`; never copied.
//! Where they are missing, tests say what was not run; with `CI=true` that is a failure.

use std::path::PathBuf;

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};

use super::did::DidKey;
use super::json::{JsonError, Limits, parse};
use super::proof::{self, secure_document, verify_document};
use super::signer::{Signer, SoftwareSigner};
use super::{canonical, multikey};

/// The folder of that name, or a printed skip of `count` vectors.
pub(crate) fn folder(name: &str, count: usize) -> Option<PathBuf> {
    let default = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let path = std::env::var_os("CHENGXIN_VECTORS")
        .map_or_else(default, PathBuf::from)
        .join(name);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "published vectors are missing: {name}"
    );
    println!("SKIPPED published vectors: {name} ({count} not run)");
    None
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks_exact(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

#[test]
fn eddsa_jcs_2022_step_by_step() {
    let Some(folder) = folder("eddsa-jcs-2022", 1) else {
        return;
    };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let value = |name: &str| parse(read(name).as_bytes(), Limits::default()).unwrap();
    let text = |value: &Value| String::from_utf8(canonical::to_vec(value).unwrap()).unwrap();
    let sha = |text: &str| crate::record::digest::Digest::of(text.as_bytes());

    let (unsigned, config) = (value("unsigned.json"), value("proofConfigJCS.json"));
    assert_eq!(text(&unsigned), read("canonDocJCS.txt").trim());
    assert_eq!(text(&config), read("proofCanonJCS.txt").trim());
    let (document_hash, proof_hash) = (sha(&text(&unsigned)), sha(&text(&config)));
    assert_eq!(document_hash.hex(), read("docHashJCS.txt").trim());
    assert_eq!(proof_hash.hex(), read("proofHashJCS.txt").trim());
    let message = proof::message(proof_hash.as_bytes(), document_hash.as_bytes());
    assert_eq!(message.to_vec(), hex(&read("combinedHashJCS.txt")));

    let pair = value("keyPair.json");
    let secret = bs58::decode(&pair["privateKeyMultibase"].as_str().unwrap()[1..])
        .into_vec()
        .unwrap();
    // 0x80 0x26: multicodec ed25519-priv.
    let mut seed: [u8; 32] = secret.strip_prefix(&[0x80, 0x26]).unwrap().try_into().unwrap();
    let method = config["verificationMethod"].as_str().unwrap();
    let signer = SoftwareSigner::generate(&mut seed, method);
    assert_eq!(
        multikey::encode(&signer.public_key()),
        pair["publicKeyMultibase"].as_str().unwrap()
    );
    let signature = signer.sign(&message).unwrap();
    assert_eq!(signature.to_vec(), hex(&read("sigHexJCS.txt")));
    let mut encoded = Vec::new();
    proof::push_signature(&mut encoded, &signature);
    assert_eq!(
        String::from_utf8(encoded).unwrap(),
        read("sigBTC58JCS.txt").trim()
    );

    let signed = value("signedJCS.json");
    assert_eq!(
        secure_document(&unsigned, config["created"].as_str().unwrap(), &signer).unwrap(),
        signed
    );
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    assert_eq!(verify_document(&signed, &DidKey, now), Ok(()));

    // The fast path agrees on the same document's canonical bytes.
    let bytes = canonical::to_vec(&signed).unwrap();
    let secured = proof::Secured::open(canonical::scan(&bytes).unwrap()).unwrap();
    assert_eq!(secured.message(), message);
    assert_eq!(
        secured.verify(&multikey::usable(&signer.public_key()).unwrap()),
        Ok(())
    );

    let mut changed = signed;
    changed["credentialSubject"]["alumniOf"] = json!("Another School");
    assert_eq!(
        verify_document(&changed, &DidKey, now),
        Err(proof::ProofError::Signature)
    );
}

#[test]
fn a_second_document_of_the_suite_round_trips() {
    let Some(folder) = folder("eddsa-jcs-2022", 1) else {
        return;
    };
    let bytes = std::fs::read(folder.join("employmentAuth.json")).unwrap();
    let document = parse(&bytes, Limits::default()).unwrap();
    let signer = SoftwareSigner::generate(&mut [3; 32], "");
    let key = multikey::encode(&signer.public_key());
    let signer = signer.named(format!("did:key:{key}#{key}"));
    let secured = secure_document(&document, "2026-10-09T08:30:00Z", &signer).unwrap();
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    assert_eq!(verify_document(&secured, &DidKey, now), Ok(()));
}

#[test]
fn jcs_input_output_and_hex() {
    let Some(folder) = folder("jcs", 6) else { return };
    let mut count = 0;
    for file in std::fs::read_dir(folder.join("input")).unwrap() {
        let path = file.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let input = std::fs::read(&path).unwrap();
        let output = std::fs::read(folder.join(format!("output/{stem}.json"))).unwrap();
        let bytes = canonical::to_vec(&serde_json::from_slice::<Value>(&input).unwrap()).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            String::from_utf8_lossy(&output),
            "{stem}"
        );
        assert_eq!(
            bytes,
            hex(&std::fs::read_to_string(folder.join(format!("outhex/{stem}.txt"))).unwrap())
        );
        // Two inputs hold floats, which canonicalise but are refused from outside.
        let floats = matches!(stem, "values" | "structures");
        match parse(&input, Limits::default()) {
            Ok(value) => {
                assert!(!floats, "{stem}");
                assert_eq!(canonical::to_vec(&value).unwrap(), output);
            }
            Err(error) => assert!(
                floats && matches!(error, JsonError::Float | JsonError::IntegerRange),
                "{stem}"
            ),
        }
        // The scanner agrees, on objects.
        if !floats || stem == "structures" {
            assert_eq!(
                canonical::scan(&output).is_ok(),
                output.starts_with(b"{"),
                "{stem}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 6);
}

/// Strict verification accepts exactly the cases whose only oddity is a low-order component in A or
/// R, which no verifier without cofactor can see.
#[test]
fn ed25519_edge_cases() {
    let Some(folder) = folder("ed25519", 914) else {
        return;
    };
    let text = std::fs::read(folder.join("ed25519vectors.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
    assert_eq!(cases.len(), 914);
    let (mut strict, mut lenient) = (0, 0);
    for case in &cases {
        let key: [u8; 32] = hex(case["key"].as_str().unwrap()).try_into().unwrap();
        let signature: [u8; 64] = hex(case["sig"].as_str().unwrap()).try_into().unwrap();
        let message = case["msg"].as_str().unwrap().as_bytes();
        let flags: Vec<&str> = case["flags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let expected = flags
            .iter()
            .all(|flag| matches!(*flag, "low_order_component_A" | "low_order_component_R"));
        let accepted =
            multikey::usable(&key).is_ok_and(|key| proof::check(&key, message, &signature).is_ok());
        let signature = Signature::from_bytes(&signature);
        assert_eq!(accepted, expected, "case {} {flags:?}", case["number"]);
        strict += u32::from(accepted);
        let plain = VerifyingKey::from_bytes(&key)
            .is_ok_and(|key| ed25519_dalek::Verifier::verify(&key, message, &signature).is_ok());
        lenient += u32::from(plain);
    }
    assert!(
        strict < lenient,
        "the cases tell verify from verify_strict: {strict} < {lenient}"
    );
}

#[test]
fn rfc_8032_signatures() {
    let Some(folder) = folder("ed25519", 128) else {
        return;
    };
    let text = std::fs::read_to_string(folder.join("rfc8032-sign-input.txt")).unwrap();
    let mut count = 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<Vec<u8>> = line.split(':').map(hex).collect();
        let (secret, public, message, signed) = (&parts[0], &parts[1], &parts[2], &parts[3]);
        let mut seed: [u8; 32] = secret[..32].try_into().unwrap();
        let signer = SoftwareSigner::generate(&mut seed, "");
        assert_eq!(signer.public_key().to_vec(), *public);
        let signature = signer.sign(message).unwrap();
        assert_eq!(signature[..], signed[..64]);
        let key = multikey::usable(&signer.public_key()).unwrap();
        assert_eq!(proof::check(&key, message, &signature), Ok(()));
        count += 1;
    }
    assert!(count >= 100, "{count} cases");
}
