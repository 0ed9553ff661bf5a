//! One round: the head, the tree, the bodies, what was owed, what is served, how old it is, the snapshots.
//! Whatever it was stopped at, the next round goes on from the last state that was saved.

use chrono::{DateTime, Utc};

use super::alarm::{Alarm, Evidence, Kind, Says};
use super::fetch::{FetchError, Server};
use super::mirror::Mirror;
use super::recheck::damage_of;
use super::report::Report;
use super::state::State;
use super::{MonitorError, Now, Settings};
use crate::log::hash::{Hash, empty_root};
use crate::log::reader::ReadError;
use crate::record::did::KeyDocument;
use crate::record::digest::Digest;

/// How often a round looks for a newer head that would explain what is missing: a withdrawal under way.
const LOOKS: u8 = 3;

/// Why a step of a round ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// By an alarm, which is in the report.
    Alarmed,
    /// Something could not be had.
    Undecided(String),
    /// The monitor's own fault, or its disk's.
    Broken(MonitorError),
}

impl From<MonitorError> for Stop {
    fn from(error: MonitorError) -> Self {
        Self::Broken(error)
    }
}

/// A round under way.
pub(super) struct Round<'r> {
    pub(super) settings: &'r Settings<'r>,
    pub(super) mirror: &'r Mirror,
    pub(super) server: Server,
    pub(super) state: State,
    pub(super) report: Report,
    pub(super) now: DateTime<Utc>,
    /// The accepted head.
    pub(super) size: u64,
    pub(super) root: Hash,
    /// Entries from this index on were logged after this time, by the witnesses.
    pub(super) after: Option<(u64, DateTime<Utc>)>,
    /// The newest counted cosignature of the accepted head.
    pub(super) cosigned: Option<DateTime<Utc>>,
    /// Bodies from this index on were given by the server in this round.
    pub(super) fresh_from: u64,
    /// The newest key document.
    pub(super) keys: Option<KeyDocument>,
    /// What erasures under the accepted head name, sorted; found when it is needed first.
    pub(super) withdrawn: Option<Vec<Digest>>,
}

/// Looks once at everything that is new, and again at what was owed.
///
/// # Errors
/// [`MonitorError`] when the monitor itself cannot go on; whatever is wrong with the registry is in the report.
pub fn run(mirror: &Mirror, settings: &Settings<'_>, now: Now<'_>) -> Result<Report, MonitorError> {
    let at = now();
    if settings.trust.issuer.valid_until <= at {
        return Err(MonitorError::TrustExpired(settings.trust.issuer.valid_until));
    }
    let mut round = Round::begin(mirror, settings, at)?;
    match round.look(now) {
        // What was found before the damage stays in the report.
        Err(error @ MonitorError::Damaged(..)) => round.damaged(damage_of(mirror, error)?)?,
        looked => looked?,
    }
    round.finish()
}

impl<'r> Round<'r> {
    /// All steps, on a mirror that is sound.
    fn look(&mut self, now: Now<'_>) -> Result<(), MonitorError> {
        if !self.stands()? {
            return Ok(());
        }
        self.load_keys()?;
        if self.head_and_bodies()? {
            let owed = self.report_owed();
            self.end(owed)?;
            let unproved = self.report_unproved();
            self.end(unproved)?;
            let served = self.check_served();
            self.end(served)?;
            let fresh = self.check_age();
            self.end(fresh)?;
            let rebuilt = self.rebuild(now);
            self.end(rebuilt)?;
        }
        Ok(())
    }

    fn begin(
        mirror: &'r Mirror,
        settings: &'r Settings<'r>,
        now: DateTime<Utc>,
    ) -> Result<Self, MonitorError> {
        let partners = settings.partner.is_some();
        let state = State::load(mirror, partners)?;
        if state.partners != partners {
            let begun = if state.partners { "with" } else { "without" };
            return Err(MonitorError::OtherView(mirror.private(), begun));
        }
        let mut round = Self {
            settings,
            mirror,
            server: Server::new(&settings.address, settings.partner.clone(), settings.longest),
            report: Report {
                url: settings.address.to_string(),
                first: state.head.is_none(),
                ..Report::default()
            },
            now,
            size: 0,
            root: empty_root(),
            after: None,
            cosigned: None,
            fresh_from: state.bodies,
            keys: None,
            withdrawn: None,
            state,
        };
        if let Some(held) = round.held()? {
            (round.size, round.root) = (held.size, held.root);
            round.report.origin = held.origin;
        }
        for alarm in mirror.standing()? {
            round.report.add(alarm);
        }
        Ok(round)
    }

    /// Whether the head was accepted, so that the rest can be looked at.
    fn head_and_bodies(&mut self) -> Result<bool, MonitorError> {
        for look in 0..LOOKS {
            let before = self.size;
            let head = self.follow_head();
            if !self.end(head)? {
                return Ok(look > 0);
            }
            if look > 0 && self.size == before {
                break;
            }
            let bodies = self.follow_bodies();
            self.end(bodies)?;
            let erased = self.erase();
            self.end(erased)?;
            let owed = self.ask_again();
            self.end(owed)?;
            // What came late may bear an erasure out.
            let erased = self.erase();
            self.end(erased)?;
            if self.state.open.is_empty() {
                break;
            }
        }
        Ok(true)
    }

    /// Takes a step's end into the report; whether it came to its end.
    fn end(&mut self, step: Result<(), Stop>) -> Result<bool, MonitorError> {
        match step {
            Ok(()) => return Ok(true),
            Err(Stop::Alarmed) => {}
            Err(Stop::Undecided(why)) => {
                if !self.report.undecided.contains(&why) {
                    self.report.undecided.push(why);
                }
            }
            Err(Stop::Broken(error)) => return Err(error),
        }
        Ok(false)
    }

    fn finish(self) -> Result<Report, MonitorError> {
        let Self {
            state,
            mut report,
            size,
            root,
            ..
        } = self;
        (report.size, report.root) = (size, root.to_base64());
        let checked = if report.is_damaged() { 0 } else { state.bodies };
        (report.checked, report.hidden, report.erased) = (checked, state.hidden, state.erased);
        Ok(report)
    }

    /// Raises an alarm and goes on.
    pub(super) fn raise(
        &mut self,
        kind: Kind,
        about: impl Into<String>,
        says: impl Into<Says>,
        evidence: Evidence,
    ) -> Result<(), Stop> {
        self.take_in(Alarm::new(kind, about.into(), says.into(), self.now, evidence))
    }

    /// Raises an alarm over what is handed out now, which may be put right, and goes on.
    pub(super) fn raise_for_now(
        &mut self,
        kind: Kind,
        about: &str,
        says: impl Into<Says>,
    ) -> Result<(), Stop> {
        let alarm = Alarm::new(kind, about.to_owned(), says.into(), self.now, Evidence::default());
        self.take_in(Alarm {
            stands: false,
            ..alarm
        })
    }

    fn take_in(&mut self, alarm: Alarm) -> Result<(), Stop> {
        if self.report.is_full() {
            return Ok(());
        }
        let alarm = self.mirror.keep(alarm)?;
        self.report.add(alarm);
        Ok(())
    }

    /// Raises an alarm that ends the step.
    pub(super) fn refuse(
        &mut self,
        kind: Kind,
        about: impl Into<String>,
        says: impl Into<Says>,
        evidence: Evidence,
    ) -> Stop {
        match self.raise(kind, about, says, evidence) {
            Ok(()) => Stop::Alarmed,
            Err(stop) => stop,
        }
    }

    /// A failed fetch: an alarm where the answer was too long, or where what must be there is not.
    pub(super) fn unfetched(&mut self, about: &str, error: &FetchError, owed: bool) -> Stop {
        match error {
            FetchError::TooLong(_, limit) => {
                let says = (format!("超过 {limit} 字节"), error.to_string());
                self.refuse(Kind::Oversized, about, says, Evidence::default())
            }
            _ if owed && error.is_not_found() => {
                let en = format!("the signed head covers it, and it is withheld ({error})");
                let says = ("已签名的日志头包含它，而服务器不予提供", en);
                self.refuse(Kind::Tree, about, says, Evidence::default())
            }
            _ => Stop::Undecided(error.to_string()),
        }
    }

    /// The mirror's own tiles could not be read.
    pub(super) fn unread(&self, error: ReadError<MonitorError>) -> Stop {
        Stop::Broken(match error {
            ReadError::Source(error) => error,
            other => self.mirror.damaged("tile", other),
        })
    }
}
