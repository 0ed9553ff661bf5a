//! One conversation with one witness: a request from the size that it is thought to hold, and again from
//! the one that its 409 names.

use chrono::{DateTime, TimeDelta, Utc};

use crate::log::note::{Note, SignatureLine};
use crate::log::witness::{
    AddCheckpoint, AnswerError, MAX_ANSWER, MAX_REQUEST, SIZE_MEDIA, cosignatures, stale_size,
};

use super::Member;
use super::round::Proofs;

/// Requests of one conversation: a wrong guess, another log writer in between, and one more.
const ATTEMPTS: usize = 3;
/// How far a witness's clock may be from ours. A cosignature of another time would stand in bundles for
/// ever and make what it says about times worthless.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why a witness gave no cosignature that counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No answer.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// An answer that the protocol does not know.
    #[error("it answered {0}: {1}")]
    Status(u16, String),
    /// It has cosigned a larger tree than the one it was asked about.
    #[error("it has cosigned {0} entries, more than it was asked about")]
    Ahead(u64),
    /// It says that the tree is of another history.
    #[error("{0}")]
    OtherHistory(String),
    /// What it sent is no cosignature.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Its clock, or ours, is wrong.
    #[error("its clock differs from ours by {0} s")]
    Clock(i64),
    /// The proof could not be made here.
    #[error("no proof could be made: {0}")]
    Proof(String),
}

/// Asks one witness about a head of `size`; `now` is our time. Gives its newest cosignature.
pub(super) fn ask(
    agent: &ureq::Agent,
    member: &Member,
    (note, size): (&Note, u64),
    proofs: &Proofs,
    now: DateTime<Utc>,
) -> Result<(SignatureLine, u64), Fault> {
    let mut old = member.known().unwrap_or(0).min(size);
    for _ in 0..ATTEMPTS {
        let request = AddCheckpoint {
            old,
            proof: proofs(old).map_err(Fault::Proof)?,
            checkpoint: note.clone(),
        };
        let answer = post(agent, member, &request.to_string())?;
        match (answer.status, answer.size) {
            (200, _) => {
                let lines = cosignatures(&answer.body, note, &member.key)?;
                let newest = lines.into_iter().max_by_key(|(_, time)| *time);
                let (line, time) = newest.ok_or(AnswerError::Missing)?;
                member.learn(size);
                let apart = i64::try_from(time)
                    .unwrap_or(i64::MAX)
                    .saturating_sub(now.timestamp());
                if apart.abs() > SKEW.num_seconds() {
                    return Err(Fault::Clock(apart));
                }
                return Ok((line, time));
            }
            (409, Some(held)) if held > size => {
                member.learn(held);
                return Err(Fault::Ahead(held));
            }
            (409, Some(held)) if held != old => {
                member.learn(held);
                old = held;
            }
            (409 | 422, _) => return Err(Fault::OtherHistory(answer.text())),
            (status, _) => return Err(Fault::Status(status, answer.text())),
        }
    }
    Err(Fault::Status(
        409,
        "its size changed with every request".to_owned(),
    ))
}

struct Answer {
    status: u16,
    /// The size in a 409 of the protocol's own media type.
    size: Option<u64>,
    body: Vec<u8>,
}

impl Answer {
    /// Its first line, for people: bounded and without control characters.
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body)
            .chars()
            .take_while(|c| !c.is_control())
            .take(200)
            .collect()
    }
}

fn post(agent: &ureq::Agent, member: &Member, body: &str) -> Result<Answer, Fault> {
    debug_assert!(body.len() <= MAX_REQUEST, "a proof and a head are small");
    let unreachable = |error: ureq::Error| Fault::Unreachable(error.to_string());
    let mut response = agent
        .post(format!("{}/add-checkpoint", member.url))
        .content_type("text/plain; charset=utf-8")
        .send(body)
        .map_err(unreachable)?;
    let status = response.status().as_u16();
    let media = response.headers().get("content-type");
    let sized = media
        .and_then(|media| media.to_str().ok())
        .is_some_and(|media| media.split(';').next().map(str::trim) == Some(SIZE_MEDIA));
    let limit = u64::try_from(MAX_ANSWER).unwrap_or(u64::MAX);
    let body = response
        .body_mut()
        .with_config()
        .limit(limit)
        .read_to_vec()
        .map_err(unreachable)?;
    Ok(Answer {
        status,
        size: sized.then(|| stale_size(&body)).flatten(),
        body,
    })
}
