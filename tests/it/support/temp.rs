//! Temporary folders, gone with their owner.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder of one test, removed on drop; `CHENGXIN_KEEP=1` keeps it and says where it is.
pub struct TempDir(PathBuf);

impl TempDir {
    /// An empty folder; `label` appears in its name.
    pub fn new(label: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("chengxin-{label}-{}-{number}", process::id()));
        fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file inside it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(name);
        fs::write(&path, bytes).expect("a temporary file");
        path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if env::var_os("CHENGXIN_KEEP").is_some() {
            println!("kept {}", self.0.display());
        } else {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}
