//! Scalars: their parts around ERB tags, and the types that Psych gives them.

use std::num::IntErrorKind;

use crate::{Span, erb};

/// A scalar, decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// How it is written.
    pub style: Style,
    /// Its text without quotes, escapes, folding and indentation, and the ERB tags in it. No two
    /// texts stand side by side; an empty scalar has no parts.
    pub parts: Vec<Part>,
    /// Its tag, with `!!` as `tag:yaml.org,2002:`.
    tag: Option<String>,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes, or not at all.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// A block that begins with `|`.
    Literal,
    /// A block that begins with `>`.
    Folded,
}

/// A piece of a scalar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that is always the same.
    Text(String),
    /// An ERB tag that puts out text, or that decides about what is around it.
    Erb {
        /// The Ruby code between the delimiters.
        code: Span,
        /// The tag with its delimiters.
        tag: Span,
    },
}

/// A scalar as Psych types it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `nil`
    Null,
    /// `true` or `false`, also written `yes`, `no`, `on`, `off`.
    Bool(bool),
    /// An `Integer`.
    Integer(i64),
    /// A `Float`, or an integer that needs more than 64 bits.
    Float(f64),
    /// A `String`. Dates and times, which Psych makes a `Date` or `Time`, are kept as text as well.
    String(String),
    /// A `Symbol`, without its colon.
    Symbol(String),
}

impl Scalar {
    pub(super) fn new(style: Style, parts: Vec<Part>, tag: Option<String>) -> Self {
        Self { style, parts, tag }
    }

    /// A null of which nothing is written.
    pub(super) fn null() -> Self {
        Self::new(Style::Plain, Vec::new(), None)
    }

    /// The same with another text, in quotes or plain.
    pub(super) fn with_text(&self, text: &str, is_quoted: bool) -> Self {
        let style = if is_quoted {
            Style::DoubleQuoted
        } else {
            Style::Plain
        };
        let part = Part::Text(text.to_owned());
        Self::new(style, vec![part], self.tag.clone())
    }

    /// The decoded text; `None` if it depends on ERB.
    pub fn text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether Psych makes a `Date` or a `Time` of it, which is no `String`.
    pub fn is_timestamp(&self) -> bool {
        self.style == Style::Plain && self.tag.is_none() && self.text().is_some_and(is_timestamp)
    }

    /// The value that Psych 5 loads (`Psych::ScalarScanner#tokenize`), by the tag of the scalar,
    /// its quotes, or else its text; `None` if it depends on ERB.
    pub fn value(&self) -> Option<Value> {
        let text = self.text()?;
        let is_plain = self.style == Style::Plain;
        Some(match self.tag.as_deref() {
            Some(tag) if tag.starts_with("!ruby/sym") => Value::Symbol(text.to_owned()),
            Some(tag) if STRING_TAGS.contains(&tag) => Value::String(text.to_owned()),
            Some("tag:yaml.org,2002:float" | "!float") if is_plain => match typed(text) {
                #[expect(clippy::cast_precision_loss, reason = "as Ruby's `Float()`")]
                Value::Integer(integer) => Value::Float(integer as f64),
                other => other,
            },
            _ if is_plain => typed(text),
            _ => Value::String(text.to_owned()),
        })
    }
}

/// The tags of scalars that are strings whatever they look like.
const STRING_TAGS: [&str; 6] = [
    "tag:yaml.org,2002:str",
    "!str",
    "!ruby/string",
    "tag:yaml.org,2002:binary",
    "!binary",
    "!",
];

impl Part {
    pub(super) fn of(tag: erb::Tag) -> Self {
        Self::Erb {
            code: tag.code,
            tag: tag.span,
        }
    }
}

/// The value of a plain scalar without a tag.
pub(super) fn typed(text: &str) -> Value {
    let value = if text.is_empty() {
        Some(Value::Null)
    } else if begins_as_string(text) {
        word(text)
    } else if is_timestamp(text) {
        None
    } else {
        special_float(text)
            .or_else(|| symbol(text))
            .or_else(|| sexagesimal(text))
            .or_else(|| float(text))
            .or_else(|| integer(text))
    };
    value.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Whether Psych takes the text for a string, or one of the words, by its first characters.
fn begins_as_string(text: &str) -> bool {
    let is_stringy = |character: char| {
        character.is_alphabetic()
            || character.is_ascii_whitespace()
            || "_!@#$%^&*(){}<>|/\\~;=".contains(character)
    };
    let mut characters = text.chars();
    let first = characters.next().unwrap_or_default();
    let second = characters.next();
    text.contains('\n')
        || is_stringy(first)
        || (!first.is_ascii_digit() && !".:-".contains(first) && second.is_some_and(is_stringy))
}

fn word(text: &str) -> Option<Value> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&["~", "null"]) {
        Some(Value::Null)
    } else if is(&["yes", "true", "on"]) {
        Some(Value::Bool(true))
    } else if is(&["no", "false", "off"]) {
        Some(Value::Bool(false))
    } else {
        None
    }
}

/// Whether Psych takes the text for a date or a time: `2026-11-23`, optionally with a time of day.
pub(super) fn is_timestamp(text: &str) -> bool {
    let date = text.strip_prefix('-').unwrap_or(text);
    let (date, time) = date.split_at(date.find(['T', 't', ' ']).unwrap_or(date.len()));
    let is_number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = date.split('-');
    let is_date = parts.next().is_some_and(|year| is_number(year, 4..=4))
        && parts.next().is_some_and(|month| is_number(month, 1..=2))
        && parts.next().is_some_and(|day| is_number(day, 1..=2))
        && parts.next().is_none();
    let mut time_parts = time.get(1..).unwrap_or_default().trim_start().split(':');
    let is_time = time_parts.next().is_some_and(|hour| is_number(hour, 1..=2))
        && time_parts
            .next()
            .is_some_and(|minute| is_number(minute, 2..=2))
        && time_parts.next().is_some_and(|second| {
            second
                .get(..2)
                .is_some_and(|second| is_number(second, 2..=2))
        });
    is_date && (time.is_empty() || is_time)
}

fn special_float(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        ".inf" | "+.inf" => Some(Value::Float(f64::INFINITY)),
        "-.inf" => Some(Value::Float(f64::NEG_INFINITY)),
        ".nan" => Some(Value::Float(f64::NAN)),
        _ => None,
    }
}

fn symbol(text: &str) -> Option<Value> {
    let name = text.strip_prefix(':').filter(|name| !name.is_empty())?;
    let quoted = ['"', '\''].iter().find_map(|&quote| {
        let name = name.strip_prefix(quote)?;
        name.rfind(quote).map(|end| &name[..end])
    });
    let name = quoted.map_or(name, |name| name.strip_prefix(':').unwrap_or(name));
    Some(Value::Symbol(name.to_owned()))
}

/// `1:30` and `1:30:00` in the base 60. Psych takes the first part for hours in either, so both
/// are 5400; `1:30.5` is a float.
fn sexagesimal(text: &str) -> Option<Value> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let (sign, digits) = signed(whole);
    let parts: Vec<&str> = digits.split(':').collect();
    let [first, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let is_rest = |part: &&str| match part.as_bytes() {
        [unit] => unit.is_ascii_digit(),
        [ten, unit] => matches!(ten, b'0'..=b'5') && unit.is_ascii_digit(),
        _ => false,
    };
    let is_first = first.starts_with(|c: char| c.is_ascii_digit()) && is_digits(first, "_");
    if !is_first || !(1..=2).contains(&rest.len()) || !rest.iter().all(is_rest) {
        return None;
    }
    // The sign is only that of the first part.
    let mut total = sign * ruby_integer(first)? * 3600;
    for (part, unit) in rest.iter().zip([60, 1]) {
        total = total.checked_add(part.parse::<i64>().ok()? * unit)?;
    }
    let Some(fraction) = fraction else {
        return Some(Value::Integer(total));
    };
    if !is_digits(fraction, "_") {
        return None;
    }
    let fraction: f64 = format!("0.{}0", without(fraction, "_")).parse().ok()?;
    let unit = if rest.len() == 1 { 60.0 } else { 1.0 };
    #[expect(clippy::cast_precision_loss, reason = "as in Ruby")]
    let total = total as f64;
    Some(Value::Float(total + fraction * unit))
}

/// `1.5`, `.5`, `1_000.`, `1.5e+3`; no float without a point, and no exponent without a sign.
fn float(text: &str) -> Option<Value> {
    let (_, digits) = signed(text);
    let (whole, rest) = digits.split_once('.')?;
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let is_whole = whole.is_empty()
        || (whole.starts_with(|c: char| c.is_ascii_digit()) && is_digits(whole, "_,"));
    let is_exponent = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && is_digits(digits, ""))
    });
    if !is_whole || !is_digits(fraction, "") || !is_exponent || whole.len() + fraction.len() == 0 {
        return None;
    }
    without(text, "_,").parse().ok().map(Value::Float)
}

/// Decimal, `0b…`, `0…` (octal) and `0x…`, with `_` and `,` between digits. (`0o…` is a string.)
fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = signed(text);
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ if is_grouped_decimal(digits) => (10, digits),
        _ => return None,
    };
    let digits = without(digits, "_,");
    if digits.starts_with(['+', '-']) {
        return None;
    }
    if radix == 8 && digits.is_empty() {
        return Some(Value::Integer(0));
    }
    if let Ok(number) = i64::from_str_radix(&digits, radix) {
        return Some(Value::Integer(sign * number));
    }
    #[expect(clippy::cast_precision_loss, reason = "the precision of a float")]
    let large = match u128::from_str_radix(&digits, radix) {
        Ok(number) => number as f64,
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => f64::INFINITY,
        Err(_) => return None,
    };
    Some(Value::Float(if sign < 0 { -large } else { large }))
}

/// Whether `_` and `,` stand only between two digits.
fn is_grouped_decimal(digits: &str) -> bool {
    let is_start = digits == "0" || digits.starts_with(|c: char| matches!(c, '1'..='9'));
    is_start
        && digits
            .split(['_', ','])
            .all(|group| !group.is_empty() && is_digits(group, ""))
}

fn signed(text: &str) -> (i64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_digits(text: &str, others: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_digit() || others.contains(c))
}

/// Ruby's `to_i` of digits and `_`: it stops at two `_` in a row.
fn ruby_integer(text: &str) -> Option<i64> {
    let digits = text.split("__").next().unwrap_or_default();
    without(digits, "_").parse::<i32>().ok().map(i64::from)
}

fn without(text: &str, characters: &str) -> String {
    text.chars().filter(|&c| !characters.contains(c)).collect()
}
