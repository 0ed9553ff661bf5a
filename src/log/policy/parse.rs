//! The policy file's text (C2SP tlog-policy): lines of `log`, `witness`, `group`, `quorum`. Names are opaque
//! octets; order matters only in that names are defined before they are used.

use std::collections::{HashMap, HashSet};

use super::super::key::{KeyError, KeyKind, VerifierKey};
use super::{Policy, Rule};

/// Longest policy file that is read, in bytes.
const MAX_BYTES: usize = 1 << 18;
/// Most logs, witnesses and groups each; the specification asks for 32.
const MAX_ITEMS: usize = 256;

/// A line of a policy file that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {kind}")]
pub struct PolicyError {
    /// Number of the line from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub kind: PolicyErrorKind,
}

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyErrorKind {
    /// The file is too long or defines too much.
    #[error("too long")]
    TooLong,
    /// A control character other than tab and newline, or a last line without newline.
    #[error("a line ends with a newline and has no control characters but tabs")]
    Characters,
    /// Neither log, witness, group nor quorum, or with too few or too many items.
    #[error("expected “log KEY [URL]”, “witness NAME KEY [URL]”, “group NAME K NAME…” or “quorum NAME”")]
    Form,
    /// A key that cannot be used.
    #[error("key: {0}")]
    Key(#[from] KeyError),
    /// A witness's key for a log or the reverse.
    #[error("a log's key has type 1, a witness's type 4")]
    KeyKind,
    /// The same public key twice among the logs or among the witnesses.
    #[error("the key is there already")]
    DuplicateKey,
    /// A name is defined twice, or is `none`.
    #[error("the name is taken")]
    NameTaken,
    /// A name is not defined on a preceding line.
    #[error("the name is not defined above")]
    NameUnknown,
    /// A name is a member of two groups, or twice of one.
    #[error("a name can be a member only once")]
    MemberTwice,
    /// Not `any`, `all` or a number from 1 to the number of members.
    #[error("the threshold is “any”, “all” or from 1 to the number of members")]
    Threshold,
    /// Not exactly one quorum line.
    #[error("exactly one quorum line is required")]
    Quorum,
}

use PolicyErrorKind as Kind;

#[derive(Default)]
struct Parser<'a> {
    logs: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    rules: Vec<Rule>,
    names: HashMap<&'a [u8], usize>,
    members: HashSet<usize>,
    quorum: Option<Option<usize>>,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Policy, PolicyError> {
    let whole = |kind| PolicyError { line: 0, kind };
    if bytes.len() > MAX_BYTES {
        return Err(whole(Kind::TooLong));
    }
    if bytes
        .iter()
        .any(|b| (*b < 0x20 && *b != b'\t' && *b != b'\n') || *b == 0x7f)
    {
        return Err(whole(Kind::Characters));
    }
    let lines = match bytes.strip_suffix(b"\n") {
        Some(lines) => lines,
        None if bytes.is_empty() => bytes,
        None => return Err(whole(Kind::Characters)),
    };
    let mut parser = Parser::default();
    for (number, line) in lines.split(|b| *b == b'\n').enumerate() {
        let items: Vec<&[u8]> = line
            .split(|b| *b == b' ' || *b == b'\t')
            .filter(|item| !item.is_empty())
            .collect();
        parser.line(&items).map_err(|kind| PolicyError {
            line: number + 1,
            kind,
        })?;
    }
    let quorum = parser.quorum.ok_or_else(|| whole(Kind::Quorum))?;
    Ok(Policy {
        logs: parser.logs,
        witnesses: parser.witnesses,
        rules: parser.rules,
        quorum,
    })
}

impl<'a> Parser<'a> {
    fn line(&mut self, items: &[&'a [u8]]) -> Result<(), Kind> {
        match items {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] | [b"log", key, _] => add_key(&mut self.logs, key, KeyKind::Ed25519),
            [b"witness", name, key] | [b"witness", name, key, _] => {
                self.check_free(name)?;
                add_key(&mut self.witnesses, key, KeyKind::Cosignature)?;
                self.define(name, Rule::Witness(self.witnesses.len() - 1))
            }
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.check_free(name)?;
                let members = members
                    .iter()
                    .map(|m| self.member(m))
                    .collect::<Result<Vec<_>, _>>()?;
                let threshold = threshold_of(threshold, members.len()).ok_or(Kind::Threshold)?;
                self.define(name, Rule::Group { threshold, members })
            }
            [b"quorum", name] => {
                let rule = match *name {
                    b"none" => None,
                    name => Some(self.find(name)?),
                };
                if self.quorum.replace(rule).is_some() {
                    Err(Kind::Quorum)
                } else {
                    Ok(())
                }
            }
            _ => Err(Kind::Form),
        }
    }

    fn check_free(&self, name: &[u8]) -> Result<(), Kind> {
        if name == b"none" || self.names.contains_key(name) {
            Err(Kind::NameTaken)
        } else {
            Ok(())
        }
    }

    fn define(&mut self, name: &'a [u8], rule: Rule) -> Result<(), Kind> {
        if self.rules.len() >= 2 * MAX_ITEMS {
            return Err(Kind::TooLong);
        }
        self.names.insert(name, self.rules.len());
        self.rules.push(rule);
        Ok(())
    }

    fn find(&self, name: &[u8]) -> Result<usize, Kind> {
        self.names.get(name).copied().ok_or(Kind::NameUnknown)
    }

    fn member(&mut self, name: &[u8]) -> Result<usize, Kind> {
        let rule = self.find(name)?;
        if self.members.insert(rule) {
            Ok(rule)
        } else {
            Err(Kind::MemberTwice)
        }
    }
}

fn add_key(keys: &mut Vec<VerifierKey>, vkey: &[u8], kind: KeyKind) -> Result<(), Kind> {
    let key = VerifierKey::parse(std::str::from_utf8(vkey).map_err(|_| Kind::Key(KeyError::Form))?)?;
    if key.kind() != kind {
        return Err(Kind::KeyKind);
    }
    if keys.iter().any(|known| known.public_key() == key.public_key()) {
        return Err(Kind::DuplicateKey);
    }
    if keys.len() >= MAX_ITEMS {
        return Err(Kind::TooLong);
    }
    keys.push(key);
    Ok(())
}

fn threshold_of(text: &[u8], members: usize) -> Option<usize> {
    match text {
        b"any" => Some(1),
        b"all" => Some(members),
        _ => {
            let digits = std::str::from_utf8(text).ok()?;
            let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
            plain.then(|| digits.parse().ok())?.filter(|k| *k <= members)
        }
    }
}
