//! A log that was followed by another after the theft of its key: the mirror goes on with the successor, whose
//! tree is the same, as far as the trust folder's root-signed documents say so (`verify::succession`).

use super::alarm::{Evidence, Kind, Says};
use super::mirror::Tiles;
use super::round::{Round, Stop};
use crate::log::checkpoint::Checkpoint;
use crate::log::edge::Edge;
use crate::verify::Succession;
use crate::verify::trust::Standing;

impl Round<'_> {
    /// Whether a head may be of the log that it names, and follow the one that was accepted before.
    pub(super) fn may_follow(
        &mut self,
        held: Option<&Checkpoint>,
        new: &Checkpoint,
        evidence: &Evidence,
    ) -> Result<(), Stop> {
        let trust = self.settings.trust;
        let said = match trust.standing(&new.origin) {
            Standing::Unknown => Some((Kind::Head, unknown(&new.origin))),
            Standing::Frozen(end) if past(new, end) => Some((Kind::Fork, frozen(end))),
            Standing::Newest | Standing::Frozen(_) => None,
        };
        let said = said.or_else(|| {
            let held = held.filter(|held| held.origin != new.origin)?;
            if !trust.follows(&held.origin, &new.origin) {
                return Some((Kind::Head, other(&held.origin, &new.origin)));
            }
            match trust.standing(&held.origin) {
                // What was accepted then was by the thief, and so is what the mirror holds past that.
                Standing::Frozen(end) if past(held, end) => Some((Kind::Fork, frozen(end))),
                _ => None,
            }
        });
        match said {
            Some((kind, says)) => {
                let about = format!("checkpoint {}", new.size);
                Err(self.refuse(kind, about, says, evidence.clone()))
            }
            None => Ok(()),
        }
    }

    /// Whether the tree of a head, in the mirror already, had the frozen roots where the logs before it ended.
    pub(super) fn keeps_frozen(&mut self, new: &Checkpoint, evidence: &Evidence) -> Result<(), Stop> {
        let trust = self.settings.trust;
        let tiles = Tiles {
            mirror: self.mirror,
            size: new.size,
        };
        for end in &trust.successions {
            if !trust.follows(end.old_origin(), &new.origin) {
                continue;
            }
            let then = match end.size <= new.size {
                true => Some(
                    Edge::load(&tiles, end.size)
                        .map_err(|error| self.unread(error))?
                        .root(),
                ),
                false => None,
            };
            if then != Some(end.root) {
                let (old, size) = (end.old_origin(), end.size);
                let says = (
                    format!("它的树在 {size} 条时不是 {old} 被冻结时的树"),
                    format!("its tree of {size} entries is not the one at which {old} was frozen"),
                );
                let about = format!("checkpoint {}", new.size);
                return Err(self.refuse(Kind::Fork, about, says, evidence.clone()));
            }
        }
        Ok(())
    }
}

/// Whether a head of a log that ended lies past the frozen one, or contradicts it.
fn past(head: &Checkpoint, end: &Succession) -> bool {
    head.size > end.size || (head.size == end.size && head.root != end.root)
}

fn frozen(end: &Succession) -> Says {
    let (old, size) = (end.old_origin(), end.size);
    let says = (
        format!(
            "{old} 已由根密钥冻结在 {size} 条，而所签的日志头在其之后或与其不符：可能出自盗得日志密钥的人"
        ),
        format!(
            "the roots froze {old} at {size} entries, and a head that its key has signed lies past that or contradicts it: it may be by whoever stole the key"
        ),
    );
    says.into()
}

fn unknown(origin: &str) -> Says {
    let says = (
        format!("信任文件夹另有更新的日志，却没有文件说明 {origin} 止于何处"),
        format!("the trust folder names a newer log, and no document says where {origin} ended"),
    );
    says.into()
}

fn other(held: &str, new: &str) -> Says {
    let says = (
        format!("它属于 {new}，而本镜像属于 {held}，信任文件夹中没有由前者接续后者的文件"),
        format!(
            "it is of {new}, and this mirror of {held}: no document in the trust folder says that the one follows the other"
        ),
    );
    says.into()
}
