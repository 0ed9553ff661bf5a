//! Signed notes (C2SP signed-note 1.0): text, an empty line, signature lines.
//!
//! Lines of unknown keys are carried and ignored; a line of a known key that does not verify rejects the
//! whole note. Nothing of a note means anything before [`Note::open`] or [`Note::verified_by`] was asked.

use std::fmt;

use super::base64;
use super::key::{VerifierKey, is_key_name};

/// Longest note that is read, in bytes: a key document with room to spare.
pub const MAX_NOTE: usize = 1 << 20;
/// Most signature lines that are read; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;

const DASH: &str = "\u{2014} ";

/// A note: not yet believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureLine {
    /// Name of the key that is said to have signed.
    pub name: String,
    /// Id of that key.
    pub key_id: u32,
    /// What the key's algorithm calls a signature; not empty.
    pub signature: Vec<u8>,
}

/// A signature that verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Position of the key in the list of known keys.
    pub key: usize,
    /// The witness's time in POSIX seconds, for a cosignature.
    pub time: Option<u64>,
}

/// Why a note was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes than [`MAX_NOTE`].
    #[error("the note is longer than {MAX_NOTE} bytes")]
    TooLong,
    /// Not UTF-8, or with a control character other than newline.
    #[error("a note is UTF-8 text without control characters other than newline")]
    Characters,
    /// The text does not end with a newline, or no empty line sets the signatures apart.
    #[error("the note has no text that ends before an empty line")]
    Form,
    /// A signature line is malformed.
    #[error("signature line {0} is malformed")]
    SignatureLine(usize),
    /// No signature line, or more than [`MAX_SIGNATURES`].
    #[error("a note carries 1 to {MAX_SIGNATURES} signatures")]
    SignatureCount,
    /// A key that is known did not sign this text.
    #[error("the signature of {0} does not verify")]
    BadSignature(String),
    /// No known key signed.
    #[error("no known key has signed the note")]
    NoKnownSignature,
}

impl Note {
    /// A text that awaits signatures.
    ///
    /// # Errors
    /// [`NoteError::Form`] unless it ends with a newline; [`NoteError::Characters`]; [`NoteError::TooLong`].
    pub fn unsigned(text: &str) -> Result<Self, NoteError> {
        check_characters(text.as_bytes())?;
        if !text.ends_with('\n') {
            return Err(NoteError::Form);
        }
        Ok(Self {
            text: text.to_owned(),
            signatures: Vec::new(),
        })
    }

    /// Reads a note, its signatures unverified.
    ///
    /// # Errors
    /// [`NoteError`], all but the last two.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let note = check_characters(bytes)?;
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let lines = match lines.strip_suffix('\n') {
            Some(lines) => lines,
            None if lines.is_empty() => return Err(NoteError::SignatureCount),
            None => return Err(NoteError::Form),
        };
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == MAX_SIGNATURES {
                return Err(NoteError::SignatureCount);
            }
            signatures.push(SignatureLine::parse(line).ok_or(NoteError::SignatureLine(number + 1))?);
        }
        Ok(Self {
            text: format!("{text}\n"),
            signatures,
        })
    }

    /// Reads what [`Display`](fmt::Display) writes of a note that may await its first signature.
    ///
    /// # Errors
    /// [`NoteError`], all but the last two.
    pub fn parse_prepared(bytes: &[u8]) -> Result<Self, NoteError> {
        match check_characters(bytes)?.strip_suffix("\n\n") {
            Some(text) if !text.contains("\n\n") => Self::unsigned(&format!("{text}\n")),
            _ => Self::parse(bytes),
        }
    }

    /// The text with its last newline: what is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines, known or not.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a line; one that is there already is not added twice.
    pub fn add(&mut self, signature: SignatureLine) {
        if !self.signatures.contains(&signature) {
            self.signatures.push(signature);
        }
    }

    /// Signs the text with a key of type Ed25519; `sign` turns the message into a raw signature.
    ///
    /// # Errors
    /// Whatever `sign` says.
    pub fn sign<E>(
        &mut self,
        key: &VerifierKey,
        sign: impl FnOnce(&[u8]) -> Result<[u8; 64], E>,
    ) -> Result<(), E> {
        let signature = sign(self.text.as_bytes())?.to_vec();
        self.add(SignatureLine {
            name: key.name().to_owned(),
            key_id: key.id(),
            signature,
        });
        Ok(())
    }

    /// Which of the known keys have signed, in the order of the lines.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] when a line of a known key does not verify.
    pub fn verified_by(&self, known: &[VerifierKey]) -> Result<Vec<Verified>, NoteError> {
        let mut verified = Vec::new();
        for line in &self.signatures {
            let of_line = |key: &VerifierKey| key.id() == line.key_id && key.name() == line.name;
            for (position, key) in known.iter().enumerate().filter(|(_, key)| of_line(key)) {
                let time = key
                    .verify(&self.text, &line.signature)
                    .ok_or_else(|| NoteError::BadSignature(line.name.clone()))?;
                verified.push(Verified { key: position, time });
            }
        }
        Ok(verified)
    }

    /// The text, if at least one known key has signed it.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`], [`NoteError::NoKnownSignature`].
    pub fn open(&self, known: &[VerifierKey]) -> Result<&str, NoteError> {
        match self.verified_by(known)?.is_empty() {
            true => Err(NoteError::NoKnownSignature),
            false => Ok(&self.text),
        }
    }
}

/// The whole note as it is stored and served.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl SignatureLine {
    /// Reads `— name base64(id ‖ signature)`, without a newline.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = base64::decode(encoded)?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        let line = Self {
            name: name.to_owned(),
            key_id: u32::from_be_bytes(*id),
            signature: signature.to_vec(),
        };
        (is_key_name(name) && !signature.is_empty()).then_some(line)
    }
}

/// The line without a newline.
impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.key_id.to_be_bytes(), self.signature.as_slice()].concat();
        write!(f, "{DASH}{} {}", self.name, base64::encode(&bytes))
    }
}

fn check_characters(bytes: &[u8]) -> Result<&str, NoteError> {
    if bytes.len() > MAX_NOTE {
        return Err(NoteError::TooLong);
    }
    if bytes.iter().any(|byte| *byte < 0x20 && *byte != b'\n') {
        return Err(NoteError::Characters);
    }
    std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)
}
