//! Strict intake of JSON from outside, before anything is canonicalised or hashed.
//!
//! Ordinary parsers lose information silently: the last of two equal keys wins, a large integer is
//! rounded, a float gets another spelling. A signature over what is left would not be over what was
//! sent. So this intake refuses, each with its reason: duplicate keys, lone surrogates, floats
//! (including exponents and negative zero), integers of 2^53 or more, deep nesting, over-long input,
//! trailing bytes and text that is not UTF-8.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The first integer that IEEE 754 doubles (hence RFC 8785) cannot tell from its neighbour.
pub const INTEGER_LIMIT: u64 = 1 << 53;

/// Most values (of any kind, member or item) in one text: each takes tens of bytes of memory where its text
/// takes two, so length alone does not bound the cost. The largest of ours is the header of a bulk file:
/// 65,536 heads of some twenty values each.
pub const MAX_VALUES: usize = 2 << 20;

/// How much is read at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Length of the text in bytes.
    pub bytes: usize,
    /// Objects and arrays inside each other.
    pub depth: usize,
}

impl Default for Limits {
    /// 4 MiB (a bundle with three incompressible status lists is under 200 KiB) and 32 levels (our
    /// own documents use at most 12, inside a rule set).
    fn default() -> Self {
        Self {
            bytes: 4 << 20,
            depth: 32,
        }
    }
}

/// Why a text was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`Limits::bytes`].
    #[error("the JSON text is {length} bytes long; at most {limit} are accepted")]
    TooLong {
        /// Length found, in bytes.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// More than [`MAX_VALUES`].
    #[error("the JSON text holds more than {MAX_VALUES} values")]
    TooMany,
    /// Not UTF-8.
    #[error("the text is not UTF-8 (at byte {0})")]
    NotUtf8(usize),
    /// Deeper than [`Limits::depth`].
    #[error("the JSON is nested deeper than {0} levels")]
    TooDeep(usize),
    /// The same key twice in one object.
    #[error("the key \"{0}\" occurs twice in one object")]
    DuplicateKey(String),
    /// Half of a surrogate pair in an escape.
    #[error("a string holds half of a surrogate pair (line {line}, column {column})")]
    LoneSurrogate {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A number with a fraction or an exponent, or negative zero.
    #[error("numbers must be plain integers: fractions, exponents and -0 are refused")]
    Float,
    /// An integer of 2^53 or more, or −2^53 or less.
    #[error("integers must lie strictly between -2^53 and 2^53")]
    IntegerRange,
    /// Something after the value.
    #[error("there are characters after the JSON value (line {line}, column {column})")]
    Trailing {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Syntax(String),
}

/// Parses `bytes` strictly.
///
/// # Errors
/// A [`JsonError`] for every refusal listed in the module's head.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Value, JsonError> {
    if bytes.len() > limits.bytes {
        return Err(JsonError::TooLong {
            length: bytes.len(),
            limit: limits.bytes,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8(error.valid_up_to()))?;
    let reason = Cell::new(None);
    let left = Cell::new(MAX_VALUES);
    let mut source = serde_json::Deserializer::from_str(text);
    // serde_json's own recursion limit (128) stays on beneath ours.
    let seed = Strict {
        reason: &reason,
        left: &left,
        depth: limits.depth,
        limit: limits.depth,
    };
    let value = seed
        .deserialize(&mut source)
        .map_err(|error| reason.take().unwrap_or_else(|| syntax(&error)))?;
    source.end().map_err(|error| JsonError::Trailing {
        line: error.line(),
        column: error.column(),
    })?;
    Ok(value)
}

/// serde_json has no public code for a lone surrogate, only a message; a test pins it.
fn syntax(error: &serde_json::Error) -> JsonError {
    let message = error.to_string();
    if message.starts_with("lone ") || message.starts_with("unexpected end of hex escape") {
        return JsonError::LoneSurrogate {
            line: error.line(),
            column: error.column(),
        };
    }
    JsonError::Syntax(message)
}

/// Builds a [`Value`], leaving the typed reason in `reason` where it refuses.
#[derive(Clone, Copy)]
struct Strict<'a> {
    reason: &'a Cell<Option<JsonError>>,
    /// How many more values are accepted.
    left: &'a Cell<usize>,
    depth: usize,
    limit: usize,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(&self, reason: JsonError) -> E {
        self.reason.set(Some(reason));
        E::custom("refused")
    }

    /// The builder for what lies inside one more object or array.
    fn inside<E: serde::de::Error>(&self) -> Result<Self, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Self { depth, ..*self }),
            None => Err(self.refuse(JsonError::TooDeep(self.limit))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return Err(self.refuse(JsonError::TooMany)),
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value >= INTEGER_LIMIT {
            return Err(self.refuse(JsonError::IntegerRange));
        }
        Ok(value.into())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() >= INTEGER_LIMIT {
            return Err(self.refuse(JsonError::IntegerRange));
        }
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // Integers past 64 bits arrive here too; whatever the spelling, they are out of range.
        let far = value.abs() >= 9_007_199_254_740_992.0;
        Err(self.refuse(if far {
            JsonError::IntegerRange
        } else {
            JsonError::Float
        }))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inside = self.inside::<A::Error>()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inside = self.inside::<A::Error>()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(inside)?;
            if members.contains_key(&key) {
                return Err(self.refuse(JsonError::DuplicateKey(key)));
            }
            members.insert(key, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> JsonError {
        parse(text.as_bytes(), Limits { bytes: 200, depth: 4 }).unwrap_err()
    }

    #[test]
    fn ordinary_documents_pass() {
        let text = r#" {"a":[1,-2,null,true],"b":{"c":"\ud83d\ude02"},"n":9007199254740991} "#;
        let value = parse(text.as_bytes(), Limits::default()).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn duplicate_keys_are_refused_at_every_level() {
        assert_eq!(refusal(r#"{"a":1,"a":1}"#), JsonError::DuplicateKey("a".into()));
        assert_eq!(
            refusal(r#"[{"x":{"\u0061":1,"a":2}}]"#),
            JsonError::DuplicateKey("a".into())
        );
    }

    #[test]
    fn numbers_that_a_double_would_change_are_refused() {
        for text in ["1.0", "0.5", "1e3", "1E-2", "-0", "[-0.0]"] {
            assert_eq!(refusal(text), JsonError::Float, "{text}");
        }
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551616",
            "1e30",
        ] {
            assert_eq!(refusal(text), JsonError::IntegerRange, "{text}");
        }
    }

    #[test]
    fn lone_surrogates_are_refused() {
        for text in [
            r#""\ud83d""#,
            r#""\ude02""#,
            r#""\ud83d\u0041""#,
            r#"{"\ud83d x":1}"#,
        ] {
            assert!(matches!(refusal(text), JsonError::LoneSurrogate { .. }), "{text}");
        }
    }

    #[test]
    fn depth_length_trailing_bytes_and_encoding_are_limits() {
        assert!(parse(b"[[[[1]]]]", Limits { bytes: 200, depth: 4 }).is_ok());
        assert_eq!(refusal("[[[[[1]]]]]"), JsonError::TooDeep(4));
        assert_eq!(
            refusal(&format!("[{}]", " ".repeat(199))),
            JsonError::TooLong {
                length: 201,
                limit: 200
            }
        );
        let many = |count: usize| {
            let limits = Limits {
                bytes: 8 << 20,
                depth: 4,
            };
            parse(format!("[{}0]", "0,".repeat(count - 2)).as_bytes(), limits).map(|_| ())
        };
        assert_eq!(many(MAX_VALUES), Ok(()));
        assert_eq!(many(MAX_VALUES + 1), Err(JsonError::TooMany));
        assert!(matches!(refusal("{} x"), JsonError::Trailing { .. }));
        assert!(matches!(refusal("{}{}"), JsonError::Trailing { .. }));
        assert_eq!(parse(b"\"\xff\"", Limits::default()), Err(JsonError::NotUtf8(1)));
        assert!(matches!(refusal("\u{feff}{}"), JsonError::Syntax(_)));
        assert!(matches!(refusal("{'a':1}"), JsonError::Syntax(_)));
        assert!(matches!(refusal(""), JsonError::Syntax(_)));
    }
}
