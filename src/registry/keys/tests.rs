use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;

use super::pem::PemError;
use super::*;
use crate::record::did::Method;
use crate::record::multikey;
use crate::registry::random::SystemRandom;

/// `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 10000`, passphrase `openssl-says`.
const BY_OPENSSL: &str = "\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj/oODO7XnNRQICJxAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJt3ZWXwFf0ZYhm2LMk7OJoEQE0o
8rMd6ONvFmg+aUbZ/0rxD1CYLsim4818I1p6oFQW/tQCav2IlvTord0I/ZiiMLrW
M38EXkpL4FnrWkPtMns=
-----END ENCRYPTED PRIVATE KEY-----
";
const ITS_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIOYAlpKmDJzoUoAHz11xOralljTmstoqgab85DGGsFZx
-----END PRIVATE KEY-----
";

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("chengxin-keys-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn keys(&self, unlock: &Unlock) -> KeyFolder {
        KeyFolder::new(&self.0, &Host::parse("registry.example").unwrap()).unlocked_by(unlock)
    }

    fn all(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let entries = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = entries
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        all.sort();
        all
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn random() -> SystemRandom {
    SystemRandom::new().unwrap()
}

fn knows(passphrase: &str) -> Unlock {
    Unlock::with(Zeroizing::new(passphrase.to_owned()))
}

#[test]
fn a_file_of_openssl_opens() {
    assert!(pem::is_encrypted(BY_OPENSSL) && !pem::is_encrypted(ITS_KEY));
    let opened = pem::open(BY_OPENSSL, "openssl-says").unwrap();
    let same = |text: &str| SoftwareSigner::from_pkcs8_pem(text, "").unwrap().public_key();
    assert_eq!(same(&opened), same(ITS_KEY));
    assert_eq!(pem::open(BY_OPENSSL, "openssl-say"), Err(PemError::Passphrase));
    assert_eq!(pem::open(ITS_KEY, "openssl-says"), Err(PemError::Form));
    assert_eq!(
        pem::open(&BY_OPENSSL.replace("MI", "MJ"), "openssl-says"),
        Err(PemError::Form)
    );
}

#[test]
fn encrypted_keys_open_with_their_passphrase_only() {
    let folder = Folder::new();
    folder.keys(&knows("correct horse")).generate(&random()).unwrap();
    let before = folder.all();
    for name in names() {
        let text = fs::read_to_string(folder.0.join(format!("{name}.pem"))).unwrap();
        assert!(pem::is_encrypted(&text), "{name}");
    }
    let right = folder.keys(&knows("correct horse"));
    let signer = right.issuers().unwrap();
    assert_eq!(right.unencrypted().unwrap(), Vec::<PathBuf>::new());
    assert_eq!(right.issuers().unwrap()[0].public_key(), signer[0].public_key());

    let wrong = folder.keys(&knows("correct hearse"));
    assert!(matches!(wrong.issuers(), Err(KeysError::Passphrase(_))));
    assert!(matches!(wrong.log().err(), Some(KeysError::Passphrase(_))));
    assert!(matches!(
        wrong.add_issuer(&random()),
        Err(KeysError::Passphrase(_))
    ));
    let locked = folder.keys(&Unlock::default());
    let refused = locked.issuers().err().unwrap().to_string();
    assert!(refused.contains("--passphrase-file"), "{refused}");
    assert_eq!(folder.all(), before, "nothing was written");
}

#[test]
fn the_archives_key_is_protected_like_the_others() {
    let folder = Folder::new();
    let file = folder.0.join("archive.key");
    let text = || fs::read_to_string(&file).unwrap();
    let plain = folder.keys(&Unlock::default());
    plain.generate(&random()).unwrap();
    let key = plain.archive().unwrap();
    assert_eq!(text().len(), 64);
    assert_eq!(plain.plain_archive().unwrap(), Some(file.clone()));
    // Nobody knows a passphrase: it stays as it is.
    assert!(!plain.protect_archive(&random()).unwrap());
    assert_eq!(text().len(), 64);
    // What a run that was stopped has left is in nobody's way.
    fs::write(folder.0.join("archive.new"), "half").unwrap();
    let right = folder.keys(&knows("correct horse"));
    assert!(right.protect_archive(&random()).unwrap());
    assert!(pem::is_encrypted(&text()) && !right.protect_archive(&random()).unwrap());
    assert_eq!(right.archive().unwrap(), key);
    assert_eq!(right.plain_archive().unwrap(), None);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let wrong = folder.keys(&knows("correct hearse"));
    assert!(matches!(wrong.archive(), Err(KeysError::Passphrase(_))));
    assert!(matches!(
        folder.keys(&Unlock::default()).archive(),
        Err(KeysError::Locked(_))
    ));
    change_passphrase(&file, &knows("correct horse"), "second of all", &random()).unwrap();
    assert_eq!(folder.keys(&knows("second of all")).archive().unwrap(), key);
    // Another kind of key is not taken for it.
    fs::copy(folder.0.join("root-1.pem"), &file).unwrap();
    assert!(matches!(plain.archive(), Err(KeysError::Archive(_))));

    let folder = Folder::new();
    folder.keys(&knows("from the start")).generate(&random()).unwrap();
    let made = fs::read_to_string(folder.0.join("archive.key")).unwrap();
    assert!(pem::is_encrypted(&made));
    // A plain one gets its passphrase by hand, too.
    let folder = Folder::new();
    let plain = folder.keys(&Unlock::default());
    plain.generate(&random()).unwrap();
    let key = plain.archive().unwrap();
    let file = folder.0.join("archive.key");
    change_passphrase(&file, &Unlock::default(), "by hand", &random()).unwrap();
    assert_eq!(folder.keys(&knows("by hand")).archive().unwrap(), key);
}

#[test]
fn a_passphrase_can_be_set_and_changed() {
    let folder = Folder::new();
    folder.keys(&Unlock::default()).generate(&random()).unwrap();
    let file = folder.0.join("root-1.pem");
    let key = |unlock: &Unlock| read_private(&file, "", unlock).map(|signer| signer.public_key());
    let before = key(&Unlock::default()).unwrap();
    change_passphrase(&file, &Unlock::default(), "first of all", &random()).unwrap();
    assert_eq!(key(&knows("first of all")).unwrap(), before);
    let sealed = fs::read(&file).unwrap();
    let refused = change_passphrase(&file, &knows("another"), "second of all", &random());
    assert!(matches!(refused, Err(KeysError::Passphrase(_))));
    assert_eq!(fs::read(&file).unwrap(), sealed);
    change_passphrase(&file, &knows("first of all"), "second of all", &random()).unwrap();
    assert_eq!(key(&knows("second of all")).unwrap(), before);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(key(&knows("second of all")), Err(KeysError::Exposed(_))));
}

#[test]
fn a_key_made_later_is_protected_like_the_others() {
    let folder = Folder::new();
    folder.keys(&knows("correct horse")).generate(&random()).unwrap();
    let keys = folder.keys(&Unlock::asking(Box::new(Once)));
    let made = keys.add_issuer(&random()).unwrap();
    assert_eq!(made, folder.0.join("issuer-2.pem"));
    assert!(pem::is_encrypted(&fs::read_to_string(made).unwrap()));
    assert_eq!(keys.issuers().unwrap().len(), 2);

    struct Once;
    impl AskPassphrase for Once {
        fn ask(&self, _: &Path) -> io::Result<Zeroizing<String>> {
            Ok(Zeroizing::new("correct horse".into()))
        }
    }
}

#[test]
fn the_document_decides_which_key_signs() {
    let folder = Folder::new();
    let keys = folder.keys(&Unlock::default());
    keys.generate(&random()).unwrap();
    keys.add_issuer(&random()).unwrap();
    let now: DateTime<Utc> = "2026-10-09T01:00:00Z".parse().unwrap();
    let signers = keys.issuers().unwrap();
    let method = |signer: &SoftwareSigner| Method {
        id: signer.verification_method().to_owned(),
        key: multikey::usable(&signer.public_key()).unwrap(),
        expires: None,
        revoked: None,
    };
    let methods: Vec<Method> = signers.iter().map(method).collect();
    let signer = |change: &dyn Fn(&mut Vec<Method>)| {
        let mut methods = methods.clone();
        change(&mut methods);
        let document = KeyDocument {
            host: Host::parse("registry.example").unwrap(),
            updated: now,
            next_update: None,
            methods,
        };
        let found = keys.signer_under(&document, now);
        found.map(|signer| signer.verification_method().to_owned()).ok()
    };
    let (one, two) = (Some(methods[0].id.clone()), Some(methods[1].id.clone()));
    assert_eq!(signer(&|_| ()), two);
    assert_eq!(
        signer(&|methods| drop(methods.pop())),
        one,
        "an unlisted key never signs"
    );
    assert_eq!(signer(&|methods| methods[1].revoked = Some(now)), one);
    assert_eq!(signer(&|methods| methods[1].expires = Some(now)), one);
    assert_eq!(
        signer(&|methods| methods[1].expires = Some(now + TimeDelta::days(1))),
        two
    );
    assert_eq!(
        signer(&|methods| methods.iter_mut().for_each(|method| method.revoked = Some(now))),
        None
    );
}

#[test]
fn log_keys_follow_one_another() {
    let folder = Folder::new();
    let keys = folder.keys(&Unlock::default());
    keys.generate(&random()).unwrap();
    let first = keys.log().unwrap().verifier().clone();
    assert!(matches!(keys.retire_log(), Err(KeysError::OnlyOne)));
    keys.add_log(&random()).unwrap();
    let both = keys.log().unwrap().verifiers();
    assert_eq!(both[0], first);
    assert_eq!((both.len(), both[1].name()), (2, first.name()));
    assert!(matches!(keys.add_log(&random()), Err(KeysError::Overlap)));
    assert_eq!(keys.retire_log().unwrap(), folder.0.join("retired/log.pem"));
    assert_eq!(keys.log().unwrap().verifiers(), both[1..]);
    assert_eq!(keys.add_log(&random()).unwrap(), folder.0.join("log-3.pem"));
    fs::remove_dir_all(folder.0.join("retired")).unwrap();
    for odd in [
        "log-1.pem",
        "log-02.pem",
        "log-x.pem",
        "logs.pem",
        "log-2.pem.new",
    ] {
        fs::write(folder.0.join(odd), "").unwrap();
    }
    assert_eq!(keys.log().unwrap().verifiers().len(), 2);
}
