//! The shape of a form's file.

use std::collections::BTreeSet;

use serde::Deserialize;
use thiserror::Error;

use crate::domain::ruleset::Text;

/// Why a file is not a form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FormError {
    /// Not JSON of the right shape.
    #[error("the form cannot be read: {0}")]
    Shape(String),
    /// The shape is right, the content contradicts itself.
    #[error("the form is inconsistent: {0}")]
    Content(String),
}

/// A form, read and checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its version, which a campaign names.
    pub version: String,
    /// Its title.
    pub title: Text,
    /// One page each, in order.
    pub topics: Vec<Topic>,
    /// What must hold between fields.
    pub checks: Vec<Check>,
}

/// A topic: one page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name in addresses: lower-case letters and hyphens.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What the page says above the fields.
    pub intro: Text,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name: lower-case letters, digits and underscores.
    pub id: String,
    /// Its label.
    pub label: Text,
    /// What helps to fill it in.
    #[serde(default)]
    pub hint: Option<Text>,
    /// What it holds.
    #[serde(rename = "holds")]
    pub kind: FieldKind,
    /// Whether the form can be handed in without it.
    #[serde(default)]
    pub optional: bool,
    /// Asked only where this field, of yes or no, is yes.
    #[serde(default)]
    pub when: Option<String>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FieldKind {
    /// People, from 0.
    Count,
    /// Yuan with at most two decimals.
    Money,
    /// Hours with at most one decimal.
    Hours,
    /// Yes or no.
    YesNo,
    /// A line of text.
    Text {
        /// The longest, in characters.
        longest: usize,
    },
    /// A telephone number.
    Phone,
    /// One of these.
    Choice {
        /// Stored value and words.
        choices: Vec<Choice>,
    },
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: Text,
}

/// What becomes of a check that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The form cannot be handed in.
    Mend,
    /// It can, and an officer sees the remark.
    Confirm,
}

/// What must hold between fields.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name.
    pub id: String,
    /// What.
    pub rule: Rule,
    /// What becomes of it.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub text: Text,
    /// The provision behind it.
    #[serde(default)]
    pub basis: Option<String>,
}

/// A relation between numbers. Fields without an answer take part as nothing: a check with one is not made,
/// but in a sum an empty part counts as 0 once the total is there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The parts add up to the total.
    Sum {
        /// Fields.
        parts: Vec<String>,
        /// A field.
        total: String,
    },
    /// One is at most the other.
    AtMost {
        /// The smaller.
        small: String,
        /// The larger.
        large: String,
    },
    /// At most a figure of the law.
    AtMostFigure {
        /// The field.
        field: String,
        /// The figure.
        figure: u32,
    },
    /// At most so many hundredths of the whole.
    Share {
        /// The part.
        part: String,
        /// Fields that add up to the whole.
        whole: Vec<String>,
        /// Hundredths.
        percent: u32,
    },
    /// Both or neither are more than zero.
    Together {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// Nobody: more than zero is a remark.
    Zero {
        /// The field.
        field: String,
    },
}

impl Rule {
    /// The fields that it looks at; an error is shown at the first.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        match self {
            Self::Sum { parts, total } => std::iter::once(total).chain(parts).map(String::as_str).collect(),
            Self::AtMost { small, large } => vec![small, large],
            Self::AtMostFigure { field, .. } | Self::Zero { field } => vec![field],
            Self::Share { part, whole, .. } => {
                std::iter::once(part).chain(whole).map(String::as_str).collect()
            }
            Self::Together { one, other } => vec![one, other],
        }
    }
}

impl Form {
    /// Reads and checks a form's file.
    ///
    /// # Errors
    /// [`FormError`] with what is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, FormError> {
        let form: Self = serde_json::from_slice(json).map_err(|error| FormError::Shape(error.to_string()))?;
        form.consistent().map_err(FormError::Content)?;
        Ok(form)
    }

    /// Every field, in the order of the pages.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.topics.iter().flat_map(|topic| &topic.fields)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields().find(|field| field.id == id)
    }

    /// The topic of this name.
    #[must_use]
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.topics.iter().find(|topic| topic.id == id)
    }

    fn consistent(&self) -> Result<(), String> {
        let name = |text: &str| {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
            !text.is_empty() && text.bytes().all(plain)
        };
        let mut seen = BTreeSet::new();
        for topic in &self.topics {
            if !name(&topic.id) || topic.fields.is_empty() {
                return Err(format!("topic {:?} has no name or no fields", topic.id));
            }
            for field in &topic.fields {
                if !name(&field.id) || !seen.insert(field.id.as_str()) {
                    return Err(format!("field {:?} has no name, or is there twice", field.id));
                }
                // A condition is asked before what depends on it.
                if field
                    .when
                    .as_deref()
                    .is_some_and(|when| !seen.contains(when) || !self.is_yes_no(when))
                {
                    return Err(format!("field {} depends on no earlier yes or no", field.id));
                }
            }
        }
        let mut checks = BTreeSet::new();
        for check in &self.checks {
            if !checks.insert(&check.id) {
                return Err(format!("check {} is there twice", check.id));
            }
            if let Some(missing) = check.rule.fields().into_iter().find(|id| !self.is_number(id)) {
                return Err(format!(
                    "check {} looks at {missing}, which is no number",
                    check.id
                ));
            }
        }
        Ok(())
    }

    fn is_yes_no(&self, id: &str) -> bool {
        self.field(id).is_some_and(|field| field.kind == FieldKind::YesNo)
    }

    fn is_number(&self, id: &str) -> bool {
        let number =
            |kind: &FieldKind| matches!(kind, FieldKind::Count | FieldKind::Money | FieldKind::Hours);
        self.field(id).is_some_and(|field| number(&field.kind))
    }
}
