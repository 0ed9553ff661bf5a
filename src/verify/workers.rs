//! A source cut into chunks, judged on all cores, and what is found handed over in the source's order.
//!
//! Each worker takes the next chunk when it has judged the last, so that none waits for another before the
//! end; reading is one worker's turn at a time. Memory holds one chunk for each worker, and findings that are
//! ahead of a slower worker's.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::chunks::Chunks;
use super::stream::StreamError;

/// Whose turn it is: the source, and the number of its next chunk.
struct Turns<R> {
    chunks: Chunks<R>,
    next: u64,
    ended: bool,
}

/// A chunk's number and what came of it.
type Found<T> = (u64, Result<T, StreamError>);

/// Judges all chunks; `each` gets what was found, in order, on the caller's thread.
///
/// # Errors
/// The first [`StreamError`] in the source's order, after everything before it has been handed over.
pub(super) fn judge_all<R: Read + Send, T: Send>(
    source: R,
    judge: impl Fn(&[u8]) -> Result<T, StreamError> + Sync,
    mut each: impl FnMut(T),
) -> Result<(), StreamError> {
    let workers = rayon::current_num_threads();
    let turns = Mutex::new(Turns {
        chunks: Chunks::new(source),
        next: 0,
        ended: false,
    });
    let (send, receive) = sync_channel(workers);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (turns, judge, send) = (&turns, &judge, send.clone());
            scope.spawn(move || work(turns, judge, &send));
        }
        drop(send);
        let (mut early, mut next) = (BTreeMap::new(), 0_u64);
        // Returning drops the receiver, and workers that cannot send stop.
        for (number, found) in receive {
            early.insert(number, found);
            while let Some(found) = early.remove(&next) {
                each(found?);
                next += 1;
            }
        }
        Ok(())
    })
}

fn work<R: Read, T>(
    turns: &Mutex<Turns<R>>,
    judge: &impl Fn(&[u8]) -> Result<T, StreamError>,
    send: &SyncSender<Found<T>>,
) {
    let mut chunk = Vec::new();
    loop {
        // Poisoned means that another worker has panicked; the scope passes that on.
        let Ok(mut turns) = turns.lock() else { return };
        let Some(turn) = turns.take(&mut chunk) else {
            return;
        };
        drop(turns);
        let (number, read) = turn;
        let found = read.and_then(|()| judge(&chunk));
        if send.send((number, found)).is_err() {
            return;
        }
    }
}

impl<R: Read> Turns<R> {
    /// Reads the next chunk; none when the source has ended or failed.
    fn take(&mut self, chunk: &mut Vec<u8>) -> Option<(u64, Result<(), StreamError>)> {
        if self.ended {
            return None;
        }
        let read = self.chunks.next(chunk);
        self.ended = read.is_err() || chunk.is_empty();
        if read.is_ok() && chunk.is_empty() {
            return None;
        }
        let number = self.next;
        self.next += 1;
        Some((number, read))
    }
}
