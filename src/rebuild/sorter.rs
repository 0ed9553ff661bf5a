//! Sorting more items than fit into memory: sorted runs of a fixed size go to files, and come back merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of one run in memory: 16 MiB.
const RUN: usize = 16 << 20;

/// Takes items of `W` bytes in any order.
#[derive(Debug)]
pub struct Sorter<const W: usize> {
    folder: PathBuf,
    most: usize,
    run: Vec<[u8; W]>,
    spilled: Vec<File>,
}

impl<const W: usize> Sorter<W> {
    /// Sorts with scratch files in `folder`, which nobody else can open by name.
    pub fn new(folder: &Path) -> Self {
        Self::with_run(folder, RUN / W)
    }

    fn with_run(folder: &Path, most: usize) -> Self {
        Self {
            folder: folder.to_path_buf(),
            most,
            run: Vec::new(),
            spilled: Vec::new(),
        }
    }

    /// Takes an item.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn push(&mut self, item: [u8; W]) -> io::Result<()> {
        self.run.push(item);
        if self.run.len() < self.most {
            return Ok(());
        }
        self.run.sort_unstable();
        let mut file = BufWriter::new(scratch(&self.folder)?);
        self.run.iter().try_for_each(|item| file.write_all(item))?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.spilled.push(file);
        self.run.clear();
        Ok(())
    }

    /// All items in ascending order.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub fn sorted(mut self) -> io::Result<Sorted<W>> {
        self.run.sort_unstable();
        let mut runs: Vec<Run<W>> = vec![Run::Memory(self.run.into_iter())];
        runs.extend(
            self.spilled
                .into_iter()
                .map(|file| Run::File(BufReader::new(file))),
        );
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            if let Some(item) = run.next()? {
                heads.push(Reverse((item, number)));
            }
        }
        Ok(Sorted { runs, heads })
    }
}

/// A file that vanishes with its handle.
fn scratch(folder: &Path) -> io::Result<File> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".snapshot-{}-{number}", std::process::id()));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

#[derive(Debug)]
enum Run<const W: usize> {
    Memory(std::vec::IntoIter<[u8; W]>),
    File(BufReader<File>),
}

impl<const W: usize> Run<W> {
    fn next(&mut self) -> io::Result<Option<[u8; W]>> {
        match self {
            Self::Memory(items) => Ok(items.next()),
            Self::File(file) => {
                let mut item = [0; W];
                match file.read_exact(&mut item) {
                    Ok(()) => Ok(Some(item)),
                    // Runs hold whole items, so the end always comes between two.
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }
}

/// Items in ascending order.
#[derive(Debug)]
pub struct Sorted<const W: usize> {
    runs: Vec<Run<W>>,
    heads: BinaryHeap<Reverse<([u8; W], usize)>>,
}

impl<const W: usize> Iterator for Sorted<W> {
    type Item = io::Result<[u8; W]>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((item, number)) = self.heads.pop()?;
        match self.runs.get_mut(number).map(Run::next).transpose() {
            Ok(following) => {
                if let Some(following) = following.flatten() {
                    self.heads.push(Reverse((following, number)));
                }
                Some(Ok(item))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_on_disk_come_back_in_order() {
        let mut state = 7_u32;
        for count in [0, 1, 9, 10, 11, 1000] {
            let mut sorter = Sorter::<4>::with_run(&std::env::temp_dir(), 10);
            let mut all = Vec::new();
            for _ in 0..count {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let item = state.to_be_bytes();
                sorter.push(item).unwrap();
                all.push(item);
            }
            assert_eq!(sorter.spilled.len(), count / 10);
            all.sort_unstable();
            let sorted: Vec<[u8; 4]> = sorter.sorted().unwrap().map(Result::unwrap).collect();
            assert_eq!(sorted, all);
        }
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let mut sorter = Sorter::<1>::with_run(Path::new("/nonexistent"), 1);
        assert!(sorter.push([0]).is_err());
    }
}
