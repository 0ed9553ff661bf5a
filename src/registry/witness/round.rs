//! All witnesses at once: until the quorum is reached and a short wait is over, or the time-out.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use chrono::{DateTime, Utc};

use crate::log::hash::Hash;
use crate::log::note::Note;
use crate::log::policy::{AssessError, Assessed};

use super::Witnesses;
use super::ask::{Fault, ask};

/// Makes the consistency path from an older size to the head's; says why not.
pub type Proofs = dyn Fn(u64) -> Result<Vec<Hash>, String> + Send + Sync;

/// What a round came to.
#[derive(Debug)]
pub struct Round {
    /// The head with the cosignatures of this round.
    pub note: Note,
    /// Whether they are a quorum.
    pub quorum: bool,
    /// The largest time among those that count.
    pub latest: Option<DateTime<Utc>>,
    /// Who gave none that counts, by name, and why.
    pub faults: Vec<(String, Fault)>,
}

impl Witnesses {
    /// Asks all witnesses about a head that the log has signed; `now` is our time.
    ///
    /// # Errors
    /// [`AssessError`] when the head is not one of the policy's logs.
    pub fn round(&self, note: &Note, proofs: Arc<Proofs>, now: DateTime<Utc>) -> Result<Round, AssessError> {
        let size = self.policy.assess(note)?.checkpoint.size;
        let (sender, answers) = channel();
        for member in &self.members {
            let (member, agent) = (member.clone(), self.agent.clone());
            let (note, proofs, sender) = (note.clone(), proofs.clone(), sender.clone());
            // Not joined: a slow witness must not hold the round, and its own time-out ends the thread.
            thread::spawn(move || {
                let answer = ask(&agent, &member, (&note, size), proofs.as_ref(), now);
                // Nobody listens any more when the round is over.
                drop(sender.send((member.key.name().to_owned(), answer)));
            });
        }
        drop(sender);
        let mut deadline = Instant::now() + self.times.timeout();
        let mut round = Round {
            note: note.clone(),
            quorum: false,
            latest: None,
            faults: Vec::new(),
        };
        let mut silent: Vec<String> = self.members.iter().map(|m| m.key.name().to_owned()).collect();
        while let Ok((name, answer)) =
            answers.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            silent.retain(|waiting| *waiting != name);
            match answer {
                Ok((line, _)) => round.note.add(line),
                Err(fault) => round.faults.push((name, fault)),
            }
            let assessed = self.policy.assess(&round.note)?;
            if assessed.quorum && !round.quorum {
                deadline = deadline.min(Instant::now() + self.times.extra_wait());
            }
            round.quorum = assessed.quorum;
            round.latest = latest(&assessed);
        }
        let late = || Fault::Unreachable("not in time".to_owned());
        round.faults.extend(silent.into_iter().map(|name| (name, late())));
        Ok(round)
    }
}

fn latest(assessed: &Assessed) -> Option<DateTime<Utc>> {
    let times = assessed.cosignatures.iter().map(|(_, time)| *time);
    DateTime::from_timestamp(i64::try_from(times.max()?).ok()?, 0)
}
