//! The named steps of the publication story, so that tests can stop the process at each of them.

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

/// Told of every step as it is reached.
pub trait Stops: Send + Sync {
    /// The story is at `step`.
    fn reached(&self, step: Step);
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
        use std::io::Write as _;
        if step.name() != self.step || self.left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) != 1 {
            return;
        }
        // A failed write leaves the test waiting, which is how it fails.
        let _ = writeln!(std::io::stderr(), "STOPPED AT {}", step.name());
        loop {
            std::thread::park();
        }
    }
}
