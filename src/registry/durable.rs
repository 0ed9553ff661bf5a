//! Files that must be whole whenever the machine stops: the signer's memory, the trust folder.
//!
//! It knows nothing of what they hold and never makes a folder.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts bytes in a file's place: it is read as it was or as it is to be, and what was returned from lasts.
///
/// # Errors
/// The system's; after a failed flush nothing is known of what is on the disk.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("new");
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The rename itself is durable only once the folder is.
    File::open(path.parent().unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever holds the old file keeps reading it whole: it was replaced, never cut short and filled anew.
    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = std::env::temp_dir().join(format!("chengxin-durable-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (path, held) = (folder.join("policy.txt"), folder.join("held"));
        replace(&path, b"quorum none").unwrap();
        fs::hard_link(&path, &held).unwrap();
        replace(&path, b"quorum all").unwrap();
        assert_eq!(fs::read_to_string(&held).unwrap(), "quorum none");
        assert_eq!(fs::read_to_string(&path).unwrap(), "quorum all");
        assert_eq!(
            fs::read_dir(&folder).unwrap().count(),
            2,
            "no half-made file stays"
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
