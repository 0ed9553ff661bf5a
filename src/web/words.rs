//! Words for stored values, in both languages: roles, kinds of employer, evidence, divisions, times.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Utc};

use crate::domain::authority::Roles;
use crate::domain::change::ChangeKind;
use crate::domain::division::{self, DivisionCode};
use crate::domain::employer::{EmployerKind, Industry};
use crate::domain::ruleset::{RuleSet, Text};
use crate::domain::withdrawal::Cause;
use crate::registry::decision::ChangeDecision;
use crate::verify;

use super::i18n::{Lang, grouped};
use super::standing::Standing;

/// Why a record was withdrawn.
#[must_use]
pub fn cause(lang: Lang, cause: Cause) -> &'static str {
    match (lang, cause) {
        (Lang::Chinese, cause) => cause.zh(),
        (Lang::English, Cause::Expiry) => "Withdrawn: the term has run",
        (Lang::English, Cause::EarlyRemoval) => "Withdrawn: early removal",
        (Lang::English, Cause::OrderRevoked) => "Withdrawn: the order was revoked",
        (Lang::English, Cause::Correction) => "Withdrawn: wrongly published",
        (Lang::English, Cause::Court) => "Withdrawn: by judgment or review",
    }
}

/// The text of a rule set in a language.
#[must_use]
pub fn text(lang: Lang, text: &Text) -> &str {
    match lang {
        Lang::Chinese => &text.zh,
        Lang::English => &text.en,
    }
}

/// What a limb of the listing rules is called for people: by its place in the rule set.
#[must_use]
pub fn limb(lang: Lang, rule_set: &RuleSet, id: &str) -> String {
    let place = rule_set
        .blacklist()
        .and_then(|rules| rules.limb_ids().position(|limb| limb == id))
        .map_or_else(|| id.to_owned(), |place| (place + 1).to_string());
    match lang {
        Lang::Chinese => format!("情形 {place}"),
        Lang::English => format!("ground {place}"),
    }
}

/// The verifier's name of a language.
#[must_use]
pub fn verifier(lang: Lang) -> verify::Lang {
    match lang {
        Lang::Chinese => verify::Lang::Zh,
        Lang::English => verify::Lang::En,
    }
}

/// A decimal amount with its whole yuan in groups of three digits.
#[must_use]
pub fn yuan(amount: &str) -> String {
    let (whole, rest) = amount.split_at(amount.find('.').unwrap_or(amount.len()));
    match whole.parse() {
        Ok(whole) => format!("{}{rest}", grouped(whole)),
        Err(_) => amount.to_owned(),
    }
}

/// Roles in words.
#[must_use]
pub fn roles(lang: Lang, stored: &str) -> String {
    let roles: Roles = stored.parse().unwrap_or_default();
    let names: Vec<&str> = roles
        .iter()
        .map(|role| match lang {
            Lang::Chinese => role.zh(),
            Lang::English => role.as_str(),
        })
        .collect();
    names.join(lang.list_separator())
}

/// What an employer's account is called.
#[must_use]
pub fn employer_account(lang: Lang) -> &'static str {
    match lang {
        Lang::Chinese => "单位",
        Lang::English => "employer",
    }
}

/// A kind of change.
#[must_use]
pub const fn change(lang: Lang, kind: ChangeKind) -> &'static str {
    match (lang, kind) {
        (Lang::Chinese, kind) => kind.zh(),
        (Lang::English, ChangeKind::Correction) => "Correction",
        (Lang::English, ChangeKind::Downgrade) => "Downgrade",
        (Lang::English, ChangeKind::Suspension) => "Suspension",
        (Lang::English, ChangeKind::Restoration) => "Restoration",
    }
}

/// A change with what becomes of the record: `降级 A → C`.
#[must_use]
pub fn change_of(lang: Lang, decided: &ChangeDecision) -> String {
    let kind = change(lang, decided.change);
    match &decided.replacement {
        Some(new) => format!("{kind} {} → {}", decided.record.outcome, new.grade),
        None => kind.to_owned(),
    }
}

/// How a record stands.
#[must_use]
pub fn standing(lang: Lang, standing: Standing) -> &'static str {
    match (lang, standing) {
        (Lang::Chinese, Standing::Valid) => "有效",
        (Lang::Chinese, Standing::Suspended) => "已中止（异议或复查中）",
        (Lang::Chinese, Standing::Superseded) => "已由新记录替代",
        (Lang::Chinese, Standing::Expired) => "已过有效期",
        (Lang::Chinese, Standing::NotYetValid) => "尚未生效",
        (Lang::Chinese, Standing::Withdrawn) => "已撤销",
        (Lang::English, Standing::Valid) => "in force",
        (Lang::English, Standing::Suspended) => "suspended (objection or review)",
        (Lang::English, Standing::Superseded) => "replaced by a newer record",
        (Lang::English, Standing::Expired) => "lapsed",
        (Lang::English, Standing::NotYetValid) => "not yet in force",
        (Lang::English, Standing::Withdrawn) => "withdrawn",
    }
}

/// Kind of employer.
#[must_use]
pub fn kind(lang: Lang, stored: &str) -> String {
    match (lang, stored.parse::<EmployerKind>()) {
        (Lang::Chinese, Ok(kind)) => kind.zh().to_owned(),
        (Lang::English, Ok(EmployerKind::Enterprise)) => "enterprise".to_owned(),
        (Lang::English, Ok(EmployerKind::Branch)) => "branch".to_owned(),
        (Lang::English, Ok(EmployerKind::IndividualBusiness)) => "individual business".to_owned(),
        (_, Err(_)) => stored.to_owned(),
    }
}

/// Industry without its letter.
#[must_use]
pub fn industry(lang: Lang, stored: &str) -> String {
    match stored.parse::<Industry>() {
        Ok(industry) if lang == Lang::Chinese => industry.zh().to_owned(),
        Ok(industry) => industry.en().to_owned(),
        Err(_) => stored.to_owned(),
    }
}

/// Name of a division alone: `江北区`.
#[must_use]
pub fn division(code: &str) -> String {
    let found = code.parse::<DivisionCode>().ok().and_then(division::find);
    found.map_or_else(|| code.to_owned(), |division| division.name.to_owned())
}

/// Name of a division with those above it.
#[must_use]
pub fn full_division(code: &str) -> String {
    code.parse::<DivisionCode>()
        .map_or_else(|_| code.to_owned(), division::full_name)
}

/// `2026-09-16 10:24`, Asia/Shanghai.
#[must_use]
pub fn minute(at: NaiveDateTime) -> String {
    local(at.and_utc(), "%Y-%m-%d %H:%M")
}

/// `2026-09-16`, Asia/Shanghai.
#[must_use]
pub fn day(at: DateTime<Utc>) -> String {
    local(at, "%Y-%m-%d")
}

/// A moment in Asia/Shanghai by a pattern of `chrono`.
#[must_use]
pub fn local(at: DateTime<Utc>, pattern: &str) -> String {
    const EIGHT_HOURS: i32 = 8 * 3600;
    FixedOffset::east_opt(EIGHT_HOURS).map_or_else(
        || at.format(pattern).to_string(),
        |zone| at.with_timezone(&zone).format(pattern).to_string(),
    )
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal in bytes; nothing for anything else.
#[must_use]
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits
        .filter(|digits| digits.len().is_multiple_of(2))
        .unwrap_or_default();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0_u8, |byte, digit| (byte << 4) | digit))
        .collect()
}

/// A text for a query string: all but the unreserved characters percent-encoded (RFC 3986 §2.3).
#[must_use]
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_and_escapes_go_and_come() {
        assert_eq!(unhex(&hex(&[0, 15, 255])), [0, 15, 255]);
        assert!(unhex("abc").is_empty());
        assert!(unhex("zz").is_empty());
        assert_eq!(escaped("江 a&b"), "%E6%B1%9F%20a%26b");
    }
}
