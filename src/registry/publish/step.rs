//! The named steps of the publication story and of the making of a registry, so that tests can stop the
//! process at each of them.

/// A place in the story where a crash leaves something particular behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The intent is in the journal; nothing is signed.
    IntentJournalled,
    /// A chunk's records are signed, in memory only.
    RecordsSigned,
    /// Transaction 1 has written everything and not committed.
    Storing,
    /// Transaction 1 is committed: the log indices are irrevocable.
    Stored,
    /// What was stored was read back and found right.
    ReadBack,
    /// The signer's high-water mark is durable; the signature has not left the signer.
    MarkRaised,
    /// The head is signed and nowhere stored.
    HeadSigned,
    /// Transaction 2 has written everything and not committed.
    MovingHead,
    /// Transaction 2 is committed.
    HeadMoved,
}

impl Step {
    /// All steps, in the order in which a chunk passes them.
    pub const ALL: [Self; 9] = [
        Self::IntentJournalled,
        Self::RecordsSigned,
        Self::Storing,
        Self::Stored,
        Self::ReadBack,
        Self::MarkRaised,
        Self::HeadSigned,
        Self::MovingHead,
        Self::HeadMoved,
    ];

    /// The step's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::IntentJournalled => "intent-journalled",
            Self::RecordsSigned => "records-signed",
            Self::Storing => "storing",
            Self::Stored => "stored",
            Self::ReadBack => "read-back",
            Self::MarkRaised => "mark-raised",
            Self::HeadSigned => "head-signed",
            Self::MovingHead => "moving-head",
            Self::HeadMoved => "head-moved",
        }
    }
}

/// A place in the making of a registry where a crash leaves something particular behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// The database has its tables, its name and its authorities.
    DatabaseFilled,
    /// All keys are in their files.
    KeysMade,
    /// The trust folder is written.
    TrustWritten,
    /// The head of size 0 is signed and stored.
    LogBegun,
    /// The key document is logged.
    KeysLogged,
    /// A rule set is logged.
    RuleSetLogged,
    /// The administrator has an account.
    AdministratorMade,
    /// The database says that the registry is made.
    Finished,
    /// The settings file is written.
    SettingsWritten,
    /// The log's own first entries are at a step of publication.
    Publishing(Step),
}

impl Making {
    /// All steps but those of publication, in order.
    pub const ALL: [Self; 9] = [
        Self::DatabaseFilled,
        Self::KeysMade,
        Self::TrustWritten,
        Self::LogBegun,
        Self::KeysLogged,
        Self::RuleSetLogged,
        Self::AdministratorMade,
        Self::Finished,
        Self::SettingsWritten,
    ];

    /// The step's name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::DatabaseFilled => "init-database-filled".to_owned(),
            Self::KeysMade => "init-keys-made".to_owned(),
            Self::TrustWritten => "init-trust-written".to_owned(),
            Self::LogBegun => "init-log-begun".to_owned(),
            Self::KeysLogged => "init-keys-logged".to_owned(),
            Self::RuleSetLogged => "init-rule-set-logged".to_owned(),
            Self::AdministratorMade => "init-administrator-made".to_owned(),
            Self::Finished => "init-finished".to_owned(),
            Self::SettingsWritten => "init-settings-written".to_owned(),
            Self::Publishing(step) => format!("init-{}", step.name()),
        }
    }
}

/// A place in the succession of one log by another where a crash leaves something particular behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The old key is sealed: the successor has a mark.
    Sealed,
    /// The trust folder names the successor.
    TrustWritten,
    /// The old key's file is out of use.
    Retired,
}

impl Ending {
    /// The step's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sealed => "succession-sealed",
            Self::TrustWritten => "succession-trust-written",
            Self::Retired => "succession-retired",
        }
    }
}

/// Told of every step as it is reached.
pub trait Stops: Send + Sync {
    /// The story is at `step`.
    fn reached(&self, step: Step);

    /// The making of a registry is at `step`.
    fn making(&self, _step: Making) {}

    /// The succession of a log is at `step`.
    fn ending(&self, _step: Ending) {}
}

/// The steps of publication inside the making of a registry, under names of their own.
pub(in crate::registry) struct InMaking<'s>(pub(in crate::registry) &'s dyn Stops);

impl Stops for InMaking<'_> {
    fn reached(&self, step: Step) {
        self.0.making(Making::Publishing(step));
    }
}

/// Nobody listens.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoStops;

impl Stops for NoStops {
    fn reached(&self, _: Step) {}
}

/// Stops for good at the n-th time that a step is reached, so that a test can kill the process
/// there. Only in builds with the feature `failpoints`.
#[cfg(feature = "failpoints")]
#[derive(Debug)]
pub struct StopAt {
    step: String,
    left: std::sync::atomic::AtomicU64,
}

#[cfg(feature = "failpoints")]
impl StopAt {
    /// From `CHENGXIN_STOP_AT=step[:n]`, if set.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        let wanted = std::env::var("CHENGXIN_STOP_AT").ok()?;
        let (step, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
        let left = std::sync::atomic::AtomicU64::new(count.parse().unwrap_or(1));
        Some(Self {
            step: step.to_owned(),
            left,
        })
    }
}

#[cfg(feature = "failpoints")]
impl Stops for StopAt {
    fn reached(&self, step: Step) {
        self.at(step.name());
    }

    fn making(&self, step: Making) {
        self.at(&step.name());
    }

    fn ending(&self, step: Ending) {
        self.at(step.name());
    }
}

#[cfg(feature = "failpoints")]
impl StopAt {
    fn at(&self, name: &str) {
        use std::io::Write as _;
        if name != self.step || self.left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) != 1 {
            return;
        }
        // A failed write leaves the test waiting, which is how it fails.
        let _ = writeln!(std::io::stderr(), "STOPPED AT {name}");
        loop {
            std::thread::park();
        }
    }
}
