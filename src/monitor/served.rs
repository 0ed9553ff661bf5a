//! Whether what the server hands out now is as new as what it has logged, and whether that is new enough: a
//! server that stands still hides revocations.

use super::alarm::{Evidence, Kind};
use super::head::MAX_HEAD;
use super::round::{Round, Stop};
use super::segment::MAX_BODY;
use super::state::KnownList;
use crate::log::checkpoint::Checkpoint;
use crate::log::note::Note;
use crate::record::digest::Digest;
use crate::record::status::read_list;
use crate::verify::key_document;

/// Longest status list that is read, in bytes.
const MAX_LIST: u64 = 64 << 10;
/// Lists that are asked for in a round, the newest first.
const MOST: usize = 300;

impl Round<'_> {
    /// Compares the status lists and the key document that are handed out with those that were logged. One
    /// that is newer than the accepted head is looked at in the next round, when it must be in the log.
    pub(super) fn check_served(&mut self) -> Result<(), Stop> {
        let lists: Vec<KnownList> = self.state.lists.iter().rev().take(MOST).cloned().collect();
        for known in lists {
            self.check_list(&known)?;
        }
        let Some((index, logged)) = self.state.keys.zip(self.keys.clone()) else {
            return Ok(());
        };
        let limit = MAX_BODY as u64;
        let bytes = self.server.get("/log/keys", limit);
        let bytes = bytes.map_err(|error| self.unfetched("/log/keys", &error, false))?;
        let wrong = match key_document(&bytes, &self.settings.trust.issuer) {
            Err(finding) => Some(finding.text(crate::verify::Lang::En)),
            Ok(served) if served.updated < logged.updated => Some(format!(
                "it is of {}, and entry {index} of {}",
                served.updated, logged.updated
            )),
            Ok(served) if served.updated == logged.updated && served != logged => {
                Some(format!("it is not the one that was logged at {index}"))
            }
            Ok(_) => None,
        };
        match wrong {
            Some(says) => self.raise_for_now(Kind::Keys, "/log/keys", says),
            None => Ok(()),
        }
    }

    fn check_list(&mut self, known: &KnownList) -> Result<(), Stop> {
        let path = format!("/status/{}/{}", known.purpose, known.list);
        let bytes = self.server.get(&path, MAX_LIST);
        let bytes = bytes.map_err(|error| self.unfetched(&path, &error, false))?;
        let list = match read_list(&bytes) {
            Ok(list) => list,
            Err(error) => return self.raise_for_now(Kind::ListMalformed, &path, error),
        };
        let (from, index) = (list.credential.valid_from, known.index);
        if from < known.valid_from {
            let says = format!(
                "it is dated {from}, and entry {index} holds a version of {}",
                known.valid_from
            );
            return self.raise_for_now(Kind::ListTime, &path, says);
        }
        let logged = self.mirror.body(index)?;
        let same = logged.is_none_or(|logged| Digest::of(&logged) == Digest::of(&bytes));
        if from == known.valid_from && !same {
            let says = format!("it is not the version that was logged at {index}");
            return self.raise_for_now(Kind::Record, &path, says);
        }
        // A newer one must be under a newer head.
        if from > known.valid_from && self.state.bodies == self.size && !self.has_grown()? {
            let says = format!(
                "it is dated {from}, and the log holds none after {}",
                known.valid_from
            );
            return self.raise_for_now(Kind::Record, &path, says);
        }
        Ok(())
    }

    /// Whether the server shows another head by now.
    fn has_grown(&mut self) -> Result<bool, Stop> {
        let bytes = self.server.get("/log/checkpoint", MAX_HEAD);
        let bytes = bytes.map_err(|error| self.unfetched("checkpoint", &error, false))?;
        let note = Note::parse(&bytes).ok();
        let head = note.and_then(|note| Checkpoint::of(&note).ok());
        Ok(head.is_none_or(|head| head.size != self.size))
    }

    /// Whether head, lists and key document are young enough.
    pub(super) fn check_age(&mut self) -> Result<(), Stop> {
        let max_age = self.settings.max_age;
        let old = self.cosigned.filter(|at| self.now - *at > max_age);
        if let Some(at) = old {
            self.raise(Kind::Stale, "the head was last cosigned", at, Evidence::default())?;
        }
        // What is not looked at yet may be newer.
        if self.state.bodies < self.size {
            return Ok(());
        }
        // A list that is not signed any more is as bad as all of them.
        let oldest = self
            .state
            .lists
            .iter()
            .min_by_key(|list| list.valid_from)
            .cloned();
        if let Some(oldest) = oldest.filter(|list| self.now - list.valid_from > max_age) {
            let about = format!(
                "the newest status list {}/{} is dated",
                oldest.purpose, oldest.list
            );
            self.raise(Kind::Stale, about, oldest.valid_from, Evidence::default())?;
        }
        if let Some(keys) = self.keys.clone().filter(|keys| keys.is_stale(self.now, max_age)) {
            self.raise(
                Kind::Stale,
                "the newest key document is dated",
                keys.updated,
                Evidence::default(),
            )?;
        }
        if self.state.lists.is_empty() {
            self.raise(
                Kind::Stale,
                "status lists",
                "none was ever logged",
                Evidence::default(),
            )?;
        }
        Ok(())
    }
}
