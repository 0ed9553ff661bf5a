//! Cuts a source into chunks of whole lines.

use std::io::{self, BufRead, Read};

use super::bulk::MAX_LINE;
use super::stream::StreamError;

/// Bytes of a chunk, more than the longest line: about a thousand lines. Many, because signatures that are
/// checked at once are cheaper; few, so that all workers end together.
const CHUNK: usize = 3 << 20;
/// Most lines of a chunk. Ours have more than a thousand bytes each; a file of nothing but newlines would
/// otherwise cost a verdict for every byte at once.
const MAX_LINES: usize = 1 << 13;

/// A source of lines and the beginning of a line that the last chunk ended in.
pub(super) struct Chunks<R> {
    source: R,
    carry: Vec<u8>,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            carry: Vec::new(),
        }
    }

    /// Reads the next whole lines into the place of older ones; none at the end of the source.
    ///
    /// # Errors
    /// [`StreamError`].
    pub(super) fn next(&mut self, chunk: &mut Vec<u8>) -> Result<(), StreamError> {
        chunk.clear();
        // Once for each buffer, and no page of it is touched before it is needed.
        chunk.reserve_exact(CHUNK);
        chunk.append(&mut self.carry);
        let room = CHUNK.saturating_sub(chunk.len());
        let read = self.source.by_ref().take(room as u64).read_to_end(chunk)?;
        let whole = if read < room {
            chunk.len()
        } else {
            let start = chunk.len().saturating_sub(MAX_LINE + 1);
            let end = chunk.iter().skip(start).rposition(|byte| *byte == b'\n');
            end.ok_or(StreamError::LineTooLong)? + start + 1
        };
        let end = end_of_lines(chunk, MAX_LINES)?.min(whole);
        self.carry.extend_from_slice(chunk.get(end..).unwrap_or_default());
        chunk.truncate(end);
        Ok(())
    }
}

/// Where the first `most` lines end. `skip_until` looks at many bytes at a time.
fn end_of_lines(chunk: &[u8], most: usize) -> io::Result<usize> {
    let mut rest = chunk;
    let mut end = 0;
    for _ in 0..most {
        match rest.skip_until(b'\n')? {
            0 => break,
            length => end += length,
        }
    }
    Ok(end)
}

/// The lines of a chunk without their newlines. `skip_until` looks at many bytes at a time.
///
/// # Errors
/// [`StreamError::LineTooLong`].
pub(super) fn split(chunk: &[u8]) -> Result<Vec<&[u8]>, StreamError> {
    let mut lines = Vec::with_capacity(chunk.len() / 1024);
    let mut rest = chunk;
    while !rest.is_empty() {
        let mut after = rest;
        let length = io::BufRead::skip_until(&mut after, b'\n')?;
        let (line, tail) = rest.split_at(length);
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() > MAX_LINE {
            return Err(StreamError::LineTooLong);
        }
        lines.push(line);
        rest = tail;
    }
    Ok(lines)
}

/// Reads the first line of a source, with its newline, but no more than `most` bytes and one.
///
/// # Errors
/// The source's own.
pub(super) fn first_line(source: &mut impl BufRead, most: usize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    source.take(most as u64 + 1).read_until(b'\n', &mut line)?;
    Ok(line)
}
