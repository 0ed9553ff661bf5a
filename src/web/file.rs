//! A stretch of a file as a response's body: read as it is sent, on a thread only while a piece is read.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::task::{JoinHandle, spawn_blocking};
use actix_web::web::Bytes;

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

/// A part of an open file. Whoever has it open keeps reading it though it was removed meanwhile.
#[derive(Debug)]
pub struct Part {
    state: State,
    length: u64,
    left: u64,
}

#[derive(Debug)]
enum State {
    Idle(File),
    Reading(JoinHandle<io::Result<(File, Vec<u8>)>>),
    Ended,
}

impl Part {
    /// Bytes `range` of a file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path, range: &Range<u64>) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(range.start))?;
        let length = range.end.saturating_sub(range.start);
        Ok(Self {
            state: State::Idle(file),
            length,
            left: length,
        })
    }
}

fn piece(mut file: File, length: usize) -> io::Result<(File, Vec<u8>)> {
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok((file, bytes))
}

impl MessageBody for Part {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Idle(_) if self.left == 0 => return Poll::Ready(None),
                State::Idle(file) => {
                    let length = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
                    self.state = State::Reading(spawn_blocking(move || piece(file, length)));
                }
                State::Reading(mut handle) => match Pin::new(&mut handle).poll(cx) {
                    Poll::Pending => {
                        self.state = State::Reading(handle);
                        return Poll::Pending;
                    }
                    Poll::Ready(Ok(Ok((file, bytes)))) => {
                        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                        self.left = self.left.saturating_sub(length);
                        self.state = State::Idle(file);
                        return Poll::Ready(Some(Ok(bytes.into())));
                    }
                    Poll::Ready(Ok(Err(error))) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                },
            }
        }
    }
}
