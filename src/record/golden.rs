//! Our own golden files, `tests/vectors/record/`: bytes that must never change by accident. They are
//! rewritten only when `CHENGXIN_REGENERATE=1` is set, and then the test says so and fails.

use std::path::PathBuf;

/// Where a golden file lies.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors/record")
        .join(name)
}

/// Compares `bytes` with the golden file of that name.
pub(crate) fn check(name: &str, bytes: &[u8]) {
    let path = path(name);
    if std::env::var("CHENGXIN_REGENERATE").is_ok_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        panic!("regenerated {name}; unset CHENGXIN_REGENERATE and look at the difference");
    }
    let golden = std::fs::read(&path).unwrap();
    assert_eq!(
        String::from_utf8_lossy(bytes),
        String::from_utf8_lossy(&golden),
        "{name}"
    );
}
