//! Answers as they were typed, and what they mean.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::definition::{Field, FieldKind, Form};
use super::issue::Problem;
use crate::domain::employer::fold_full_width;
use crate::domain::money::Fen;

/// The most people of one employer that a field takes.
const MOST_PEOPLE: u64 = 10_000_000;

/// Typed texts by field; an empty one is as none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, String>);

/// An answer that was understood. Numbers are kept in the smallest unit, so that sums are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// People, fen, or tenths of an hour.
    Number(u64),
    /// Yes or no.
    YesNo(bool),
    /// Text, or the stored value of a choice.
    Text(String),
}

impl Answers {
    /// Takes an answer as it was typed, trimmed.
    pub fn set(&mut self, field: &str, typed: &str) {
        let typed = typed.trim();
        if typed.is_empty() {
            self.0.remove(field);
        } else {
            self.0.insert(field.to_owned(), typed.to_owned());
        }
    }

    /// What was typed.
    #[must_use]
    pub fn typed(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Every answer, by field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(field, typed)| (field.as_str(), typed.as_str()))
    }

    /// Whether a field is asked: its condition is answered yes, or it has none.
    #[must_use]
    pub fn asks(&self, form: &Form, field: &Field) -> bool {
        let Some(when) = field.when.as_deref() else {
            return true;
        };
        let condition = form.field(when);
        condition.is_some_and(|on| self.asks(form, on) && self.value(on) == Ok(Some(Value::YesNo(true))))
    }

    /// What an answer means; `None` where nothing was typed.
    ///
    /// # Errors
    /// [`Problem`] where it cannot be read.
    pub fn value(&self, field: &Field) -> Result<Option<Value>, Problem> {
        let typed: String = self.typed(&field.id).chars().map(fold_full_width).collect();
        if typed.is_empty() {
            return Ok(None);
        }
        read(&field.kind, &typed).map(Some)
    }

    /// The number of a field; `None` where there is none that can be read.
    pub(super) fn number(&self, form: &Form, field: &str) -> Option<u64> {
        let field = form.field(field).filter(|field| self.asks(form, field))?;
        match self.value(field) {
            Ok(Some(Value::Number(number))) => Some(number),
            _ => None,
        }
    }
}

fn read(kind: &FieldKind, typed: &str) -> Result<Value, Problem> {
    match kind {
        FieldKind::Count => count(typed).map(Value::Number),
        FieldKind::Money => money(typed).map(Value::Number),
        FieldKind::Hours => hours(typed).map(Value::Number).ok_or(Problem::NoHours),
        FieldKind::YesNo => match typed {
            "yes" | "是" => Ok(Value::YesNo(true)),
            "no" | "否" => Ok(Value::YesNo(false)),
            _ => Err(Problem::NoChoice),
        },
        FieldKind::Text { longest } => {
            if typed.chars().any(char::is_control) {
                Err(Problem::Character)
            } else if typed.chars().count() > *longest {
                Err(Problem::TooLong { longest: *longest })
            } else {
                Ok(Value::Text(typed.to_owned()))
            }
        }
        FieldKind::Phone => {
            let digits = typed.bytes().filter(u8::is_ascii_digit).count();
            let plain = typed
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ' '));
            if plain && (5..=20).contains(&digits) {
                Ok(Value::Text(typed.to_owned()))
            } else {
                Err(Problem::NoPhone)
            }
        }
        FieldKind::Choice { choices } => {
            let known = choices.iter().any(|choice| choice.value == typed);
            known
                .then(|| Value::Text(typed.to_owned()))
                .ok_or(Problem::NoChoice)
        }
    }
}

/// `156`, `1,560`, `156人`.
fn count(typed: &str) -> Result<u64, Problem> {
    let digits = typed.trim_end_matches('人').trim().replace(',', "");
    let number = digits.parse::<u64>().map_err(|_| Problem::NoCount)?;
    if number > MOST_PEOPLE {
        Err(Problem::TooMany)
    } else {
        Ok(number)
    }
}

fn money(typed: &str) -> Result<u64, Problem> {
    let plain = typed
        .trim_start_matches('¥')
        .trim_end_matches('元')
        .trim()
        .replace(',', "");
    let fen = Fen::parse(&plain).map_err(|_| Problem::NoMoney)?;
    u64::try_from(fen.fen()).map_err(|_| Problem::NoMoney)
}

/// Tenths of an hour.
fn hours(typed: &str) -> Option<u64> {
    let plain = typed.trim_end_matches("小时").trim();
    let (whole, tenth) = plain.split_once('.').unwrap_or((plain, "0"));
    if tenth.len() != 1 {
        return None;
    }
    let hours = whole.parse::<u64>().ok().filter(|hours| *hours < 1000)?;
    Some(hours * 10 + tenth.parse::<u64>().ok()?)
}
