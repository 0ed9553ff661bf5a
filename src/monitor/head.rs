//! The signed head: whose it is, who has cosigned it, and how it stands to the one that was accepted before.

use chrono::{DateTime, Utc};

use super::alarm::{Evidence, Kind};
use super::mirror::Tiles;
use super::round::{Round, Stop};
use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::log::note::Note;
use crate::log::policy::{Assessed, Policy};
use crate::log::prover::consistency_proof;

use super::MonitorError;

/// Longest checkpoint that is read, in bytes: 64 signature lines and room to spare.
pub(super) const MAX_HEAD: u64 = 64 << 10;

impl Round<'_> {
    /// The head that was accepted before.
    pub(super) fn held(&self) -> Result<Option<Checkpoint>, MonitorError> {
        let Some(note) = &self.state.head else {
            return Ok(None);
        };
        let note =
            Note::parse(note.as_bytes()).map_err(|error| self.mirror.damaged("private/state.json", error))?;
        let held = Checkpoint::of(&note).map_err(|error| self.mirror.damaged("private/state.json", error))?;
        Ok(Some(held))
    }

    /// Fetches the head, and accepts it with everything under it, or says why not.
    pub(super) fn follow_head(&mut self) -> Result<(), Stop> {
        let bytes = self.server.get("/log/checkpoint", MAX_HEAD);
        let bytes = bytes.map_err(|error| self.unfetched("checkpoint", &error, false))?;
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let evidence = Evidence::notes(self.state.head.as_deref(), &shown);
        let note = match Note::parse(&bytes) {
            Ok(note) => note,
            Err(error) => return Err(self.refuse(Kind::Head, "checkpoint", error.to_string(), evidence)),
        };
        let policy = &self.settings.trust.policy;
        let assessed = match policy.assess(&note) {
            Ok(assessed) => assessed,
            Err(error) => return Err(self.refuse(Kind::Head, "checkpoint", error.to_string(), evidence)),
        };
        let new = &assessed.checkpoint;
        let held = self.held()?;
        self.may_follow(held.as_ref(), new, &evidence)?;
        self.report.origin.clone_from(&new.origin);
        // Two histories are proved by the log's own signature, whether or not witnesses have signed too.
        self.compare(held.as_ref(), new, &evidence)?;
        if !assessed.quorum {
            let says = (
                "见证人签名少于信任策略所要求的数目",
                "fewer witnesses have cosigned it than the trust policy demands",
            );
            return Err(self.refuse(Kind::Quorum, format!("checkpoint {}", new.size), says, evidence));
        }
        let before = self.times();
        self.grow(new)?;
        self.keeps_frozen(new, &evidence)?;
        if self.state.head.as_deref() != Some(shown.as_str()) {
            self.mirror.put("checkpoint", shown.as_bytes())?;
            self.state.head = Some(shown);
            self.state.save(self.mirror)?;
        }
        self.drop_partials(self.size, new.size)?;
        self.after = before.map(|(earliest, _)| (self.size, earliest)).or(self.after);
        self.cosigned = times(&assessed, policy).map(|(_, latest)| latest);
        self.report.added = self
            .report
            .added
            .saturating_add(new.size.saturating_sub(self.size));
        (self.size, self.root, self.withdrawn) = (new.size, new.root, None);
        Ok(())
    }

    /// Earliest and latest counted cosignature of the head that was accepted before.
    fn times(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let policy = &self.settings.trust.policy;
        let note = Note::parse(self.state.head.as_deref()?.as_bytes()).ok()?;
        times(&policy.assess(&note).ok()?, policy)
    }

    /// Whether the new head can be of the same history as the held one.
    fn compare(
        &mut self,
        held: Option<&Checkpoint>,
        new: &Checkpoint,
        evidence: &Evidence,
    ) -> Result<(), Stop> {
        let (size, about) = (
            held.map_or(0, |held| held.size),
            format!("checkpoint {}", new.size),
        );
        if new.size.saturating_sub(size) > self.settings.most {
            let (claimed, more, most) = (new.size, new.size - size, self.settings.most);
            let says = (
                format!("它自称有 {claimed} 条，比镜像多 {more} 条；--most 每轮只许 {most} 条"),
                format!(
                    "it claims {claimed} entries, {more} more than are mirrored; --most allows {most} a round"
                ),
            );
            return Err(self.refuse(Kind::Oversized, about, says, evidence.clone()));
        }
        let Some(held) = held else {
            return Ok(());
        };
        if new.size > held.size {
            return self.continues(held, new, evidence);
        }
        if new.size == held.size {
            if new.root == held.root {
                return Ok(());
            }
            let size = held.size;
            let says = (
                format!("日志为 {size} 条签过另一个根"),
                format!("the log has signed another root for {size} entries"),
            );
            return Err(self.refuse(Kind::Fork, about, says, evidence.clone()));
        }
        let tiles = Tiles {
            mirror: self.mirror,
            size: held.size,
        };
        let then = Edge::load(&tiles, new.size)
            .map_err(|error| self.unread(error))?
            .root();
        if then == new.root {
            let size = held.size;
            let says = (
                format!("以前曾给出 {size} 条，这是其开头"),
                format!("{size} entries were shown before, of which it is the beginning"),
            );
            return Err(self.refuse(Kind::RolledBack, about, says, evidence.clone()));
        }
        let path = consistency_proof(&tiles, new.size, held.size).map_err(|error| self.unread(error))?;
        let evidence = evidence.clone().with_path(&then, &path);
        let (larger, smaller) = (held.size, new.size);
        let says = (
            format!("日志所签的 {larger} 条的树在 {smaller} 条时是另一个根"),
            format!(
                "the tree of {larger} entries that the log has signed had another root when it had {smaller}"
            ),
        );
        Err(self.refuse(Kind::Fork, about, says, evidence))
    }
}

fn times(assessed: &Assessed, policy: &Policy) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if !policy.demands_witnesses() || !assessed.quorum {
        return None;
    }
    let times = assessed.cosignatures.iter();
    let times = times.filter_map(|(_, time)| DateTime::from_timestamp(i64::try_from(*time).ok()?, 0));
    let times: Vec<DateTime<Utc>> = times.collect();
    times.iter().min().copied().zip(times.iter().max().copied())
}
