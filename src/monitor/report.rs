//! What a round came to.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::alarm::{Alarm, Kind};
use super::recheck::Rechecked;
use crate::verify::Lang;

/// Alarms listed; a wrecked log would otherwise fill the memory with them.
pub(super) const MOST: usize = 1000;
/// Exit code where nothing was found but not everything could be looked at.
const UNDECIDED: u8 = 3;

/// A snapshot, rebuilt or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilt {
    /// Whose view.
    pub audience: &'static str,
    /// Where it stands in the log.
    pub log_index: u64,
    /// Entries described.
    pub log_size: u64,
    /// `equal`, `differs` or `not-rebuilt`.
    pub result: &'static str,
    /// File of the signed note, in the mirror.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why it could not be rebuilt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What a round came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Where the registry was looked at.
    pub url: String,
    /// Which log.
    pub origin: String,
    /// Entries under the newest head that was accepted.
    pub size: u64,
    /// Its root, base64.
    pub root: String,
    /// Whether nothing was remembered before, so that nothing could be compared.
    pub first: bool,
    /// Entries that this round added.
    pub added: u64,
    /// Entries whose bodies were looked at when they came, or are not for this monitor; 0 while the mirror is
    /// damaged, for then nothing that it holds is vouched for.
    pub checked: u64,
    /// When the mirror was last checked whole and found sound, and how many entries it had.
    pub(super) rechecked: Option<Rechecked>,
    /// Entries for partners only, whose bodies are not for this monitor.
    pub hidden: u64,
    /// Bodies that were withdrawn.
    pub erased: u64,
    /// Snapshots that were tried in this round.
    pub snapshots: Vec<Rebuilt>,
    /// What may not be, the gravest first; at most a thousand.
    pub alarms: Vec<Alarm>,
    /// What could not be looked at.
    pub undecided: Vec<String>,
}

impl Report {
    /// The smallest exit code of an alarm; 3 when something could not be looked at; 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let gravest = self.alarms.iter().map(|alarm| alarm.kind).min();
        match (gravest, self.undecided.is_empty()) {
            (Some(kind), _) => kind.exit_code(),
            (None, false) => UNDECIDED,
            (None, true) => 0,
        }
    }

    /// The outcome's word for programs.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        match self.exit_code() {
            0 => "clean",
            UNDECIDED => "undecided",
            _ => "alarm",
        }
    }

    /// How many entries the last whole check of the mirror covered that found it sound, and when (RFC 3339, UTC).
    #[must_use]
    pub fn rechecked(&self) -> Option<(u64, String)> {
        let done = self.rechecked?;
        Some((
            done.entries,
            done.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        ))
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.alarms.iter().any(|alarm| alarm.kind == Kind::MirrorDamaged)
    }

    pub(super) fn is_full(&self) -> bool {
        self.alarms.len() >= MOST
    }

    pub(super) fn add(&mut self, alarm: Alarm) {
        let known = self.alarms.iter().any(|other| other.name() == alarm.name());
        if !known && !self.is_full() {
            self.alarms.push(alarm);
            self.alarms.sort_by_key(|alarm| alarm.kind);
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    kind: Kind,
    exit_code: u8,
    about: String,
    zh: String,
    en: String,
    says: String,
    since: String,
    stands: bool,
    file: String,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = |alarm: &Alarm| Line {
            kind: alarm.kind,
            exit_code: alarm.kind.exit_code(),
            about: alarm.about.clone(),
            zh: alarm.text(Lang::Zh),
            en: alarm.text(Lang::En),
            says: alarm.says.clone(),
            since: alarm.since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            stands: alarm.stands,
            file: format!("alarms/{}.json", alarm.name()),
        };
        let alarms: Vec<Line> = self.alarms.iter().map(line).collect();
        let mut out = serializer.serialize_struct("Report", 16)?;
        out.serialize_field("url", &self.url)?;
        out.serialize_field("outcome", self.outcome())?;
        out.serialize_field("exitCode", &self.exit_code())?;
        out.serialize_field("origin", &self.origin)?;
        out.serialize_field("size", &self.size)?;
        out.serialize_field("root", &self.root)?;
        out.serialize_field("first", &self.first)?;
        out.serialize_field("added", &self.added)?;
        out.serialize_field("checked", &self.checked)?;
        out.serialize_field("rechecked", &self.rechecked().map_or(0, |(entries, _)| entries))?;
        out.serialize_field("recheckedAt", &self.rechecked().map(|(_, at)| at))?;
        out.serialize_field("hidden", &self.hidden)?;
        out.serialize_field("erased", &self.erased)?;
        out.serialize_field("snapshots", &self.snapshots)?;
        out.serialize_field("alarms", &alarms)?;
        out.serialize_field("undecided", &self.undecided)?;
        out.end()
    }
}
