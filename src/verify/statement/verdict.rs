//! The verdict on a statement: the ten axes about its snapshot, and two about its answer.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::record::credential::Audience;
use crate::record::digest::Digest;

use super::super::verdict::{Axis, AxisFinding, Finding, Outcome, State, Verdict};

/// What a statement says, in short. Means nothing unless the outcome is [`Outcome::Accepted`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Says {
    /// Whom it is about: `uscc:CODE` or `reg:DIVISION:NUMBER`.
    pub about: String,
    /// Whose view it is.
    pub audience: Audience,
    /// As of when, UTC: the snapshot's own `validFrom`.
    pub as_of: DateTime<Utc>,
    /// How many entries of the log it describes.
    pub log_size: u64,
    /// Digests of the current records, ascending; none for “nothing”.
    pub digests: Vec<Digest>,
}

/// The answer about one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementVerdict {
    /// The ten axes about the snapshot.
    pub snapshot: Verdict,
    /// Does the snapshot's tree say what the statement says?
    pub answer: Finding,
    /// Has a monitor rebuilt the tree?
    pub monitored: Finding,
    /// What it says, where it could be read.
    pub says: Option<Says>,
}

impl StatementVerdict {
    /// All findings, in order.
    pub fn findings(&self) -> impl Iterator<Item = (Axis, &Finding)> {
        let own = [(Axis::Answer, &self.answer), (Axis::Monitored, &self.monitored)];
        self.snapshot.findings().chain(own)
    }

    /// The finding on one axis.
    pub fn finding(&self, axis: Axis) -> &Finding {
        match axis {
            Axis::Answer => &self.answer,
            Axis::Monitored => &self.monitored,
            other => self.snapshot.finding(other),
        }
    }

    /// What it amounts to.
    pub fn outcome(&self) -> Outcome {
        let any = |state| self.findings().any(|(_, finding)| finding.state == state);
        match (any(State::Fails), any(State::Undecided)) {
            (true, _) => Outcome::Rejected,
            (false, true) => Outcome::Undecided,
            (false, false) => Outcome::Accepted,
        }
    }
}

impl Serialize for StatementVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("StatementVerdict", 8)?;
        out.serialize_field("id", &self.snapshot.id)?;
        out.serialize_field("statement", &self.says)?;
        out.serialize_field("outcome", self.outcome().code())?;
        out.serialize_field("headline", self.headline().code())?;
        out.serialize_field("exitCode", &self.outcome().exit_code())?;
        out.serialize_field("signatureCheck", self.snapshot.signature_check.code())?;
        let axes: Vec<AxisFinding<'_>> = self.findings().map(|(axis, f)| AxisFinding(axis, f)).collect();
        out.serialize_field("axes", &axes)?;
        out.serialize_field("warnings", &self.snapshot.warnings)?;
        out.end()
    }
}

impl Serialize for Says {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Says", 6)?;
        out.serialize_field("about", &self.about)?;
        out.serialize_field("audience", self.audience.as_str())?;
        out.serialize_field("asOf", &self.as_of.to_rfc3339_opts(SecondsFormat::Secs, true))?;
        out.serialize_field("logSize", &self.log_size)?;
        out.serialize_field("nothing", &self.digests.is_empty())?;
        let digests: Vec<String> = self.digests.iter().map(Digest::hex).collect();
        out.serialize_field("digests", &digests)?;
        out.end()
    }
}
