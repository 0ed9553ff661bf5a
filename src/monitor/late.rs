//! Bodies that were owed: asked for again in every round, until they come or an erasure explains them.

use super::alarm::{Evidence, Kind};
use super::bodies::Pending;
use super::feed::PageError;
use super::fetch::FetchError;
use super::judge::{Fault, judge};
use super::round::{Round, Stop};
use super::segment::WIDTH;
use super::state::Open;
use crate::record::entry::Entry;

impl Round<'_> {
    /// Asks for each body that is owed.
    pub(super) fn ask_again(&mut self) -> Result<(), Stop> {
        for open in self.state.open.clone() {
            let page = match self.page(open.index, open.index.saturating_add(1)) {
                Ok(page) => page,
                // It is owed still; whether the server is well, the other steps say.
                Err(PageError::Fetch(FetchError::Status(_, 500..))) => continue,
                Err(PageError::Fetch(error)) => {
                    return Err(self.unfetched(&format!("entry {}", open.index), &error, false));
                }
                Err(PageError::Malformed(why)) => return Err(Stop::Undecided(why)),
            };
            if let Some(body) = page.get(&open.index) {
                self.came_late(&open, body.clone())?;
            }
        }
        Ok(self.state.save(self.mirror)?)
    }

    fn came_late(&mut self, open: &Open, body: Vec<u8>) -> Result<(), Stop> {
        let index = open.index;
        let entries = self.mirror.entries(index, index.saturating_add(1), self.size)?;
        let Some(entry) = entries.first().and_then(|entry| Entry::decode(entry).ok()) else {
            return Ok(());
        };
        let judged = judge(index, &entry, &body, &self.known());
        if judged == Err(Fault::Changed) {
            return Ok(());
        }
        let mut pending = Pending::new();
        self.settle(index, &entry, Some(body), Some(judged), &mut pending)?;
        let mut bodies = self.mirror.segment(index / WIDTH)?;
        let place = usize::try_from(index % WIDTH).unwrap_or(0);
        if let Some(held) = bodies.get_mut(place) {
            *held = pending.remove(&index);
            self.mirror.put_segment(index / WIDTH, &bodies)?;
        }
        self.state.open.retain(|other| other.index != index);
        Ok(())
    }

    /// What is still owed is an alarm.
    pub(super) fn report_owed(&mut self) -> Result<(), Stop> {
        for open in self.state.open.clone() {
            let (kind, says) = match open.changed {
                true => (
                    Kind::BodyChanged,
                    (
                        "给出的字节与入日志的摘要不符",
                        "other bytes are given than those whose digest was logged",
                    ),
                ),
                false => (
                    Kind::BodyMissing,
                    (
                        "无处提供，也没有删除条目说明已撤回",
                        "it is given by nobody, and no erasure says that it was withdrawn",
                    ),
                ),
            };
            let about = format!("entry {}, digest {}", open.index, open.digest);
            self.raise(kind, about, says, Evidence::default())?;
        }
        Ok(())
    }
}
