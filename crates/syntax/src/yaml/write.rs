//! YAML for new values, in the style of a document.

use crate::yaml::scalar::{Style, Value, is_timestamp, typed};

/// A new value for [`Document::insert`](crate::yaml::Document::insert).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Insert {
    /// Written as given where it is then loaded as the same text or number, otherwise in quotes.
    Scalar(String),
    /// A sequence of scalars.
    Sequence(Vec<String>),
    /// A mapping, in this order.
    Mapping(Vec<(String, Insert)>),
}

/// Where a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A value or item of a block collection.
    Block,
    /// Within `[]` or `{}`, or a key.
    Narrow,
}

/// How a document is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Spaces by which a mapping is deeper than the one around it.
    pub(super) step: usize,
    /// Whether the dashes of a sequence are deeper than its key.
    pub(super) indents_sequences: bool,
}

impl Layout {
    /// `key: value` as lines at `indent`.
    pub(super) fn entry(self, key: &str, value: &Insert, indent: usize) -> Vec<String> {
        let key = scalar(key, Place::Narrow);
        let margin = " ".repeat(indent);
        if let Some(value) = inline(value) {
            return vec![format!("{margin}{key}: {value}")];
        }
        let mut lines = vec![format!("{margin}{key}:")];
        lines.extend(self.lines_under(value, indent));
        lines
    }

    /// The lines of a value that do not fit on that of its key, which is at `indent`.
    pub(super) fn lines_under(self, value: &Insert, indent: usize) -> Vec<String> {
        match value {
            Insert::Scalar(_) => Vec::new(),
            Insert::Sequence(items) => {
                let step = if self.indents_sequences { self.step } else { 0 };
                items.iter().map(|text| item(text, indent + step)).collect()
            }
            Insert::Mapping(entries) => self.entries(entries, indent + self.step),
        }
    }

    /// The entries of a mapping as lines at `indent`.
    pub(super) fn entries(self, entries: &[(String, Insert)], indent: usize) -> Vec<String> {
        entries
            .iter()
            .flat_map(|(key, value)| self.entry(key, value, indent))
            .collect()
    }
}

/// `- text` as a line at `indent`.
pub(super) fn item(text: &str, indent: usize) -> String {
    format!("{}- {}", " ".repeat(indent), scalar(text, Place::Block))
}

/// `key: value` in a flow mapping.
pub(super) fn flow_entry(key: &str, value: &Insert) -> String {
    format!("{}: {}", scalar(key, Place::Narrow), flow(value))
}

/// A value in a flow collection.
pub(super) fn flow(value: &Insert) -> String {
    match value {
        Insert::Scalar(text) => scalar(text, Place::Narrow),
        Insert::Sequence(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|text| scalar(text, Place::Narrow))
                .collect();
            format!("[{}]", items.join(", "))
        }
        Insert::Mapping(entries) => {
            let entries: Vec<_> = entries
                .iter()
                .map(|(key, value)| flow_entry(key, value))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// A value as it is written behind its key, if it is: scalars and empty collections.
pub(super) fn inline(value: &Insert) -> Option<String> {
    let is_empty = match value {
        Insert::Scalar(text) => return Some(scalar(text, Place::Block)),
        Insert::Sequence(items) => items.is_empty(),
        Insert::Mapping(entries) => entries.is_empty(),
    };
    is_empty.then(|| flow(value))
}

/// A scalar that is loaded as what `text` says: plain if possible.
pub(super) fn scalar(text: &str, place: Place) -> String {
    if is_plain(text, place) && loads_as_written(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// `text` in the quotes of `style`, if they can hold it, or in double quotes.
pub(super) fn in_style(text: &str, style: Style) -> String {
    let fits_single = !text.chars().any(needs_escape);
    if style == Style::SingleQuoted && fits_single {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let prefers_single = text.contains(['"', '\\']) && !text.contains('\'');
    if prefers_single {
        in_style(text, Style::SingleQuoted)
    } else {
        double_quoted(text)
    }
}

/// Whether a plain scalar is loaded as the string `text`, or as a value that is written so.
/// `3.10` is not (it is 3.1), nor `yes` (it is `true`), nor `22:22`. What other loaders than Psych
/// take for a number or a truth value is quoted as well.
fn loads_as_written(text: &str) -> bool {
    match typed(text) {
        Value::Null => text == "null",
        Value::Bool(_) => matches!(text, "true" | "false"),
        Value::Integer(number) => number.to_string() == text,
        Value::Float(number) => format!("{number:?}") == text,
        Value::Symbol(_) => true,
        Value::String(_) => {
            let is_number_elsewhere = text.parse::<f64>().is_ok() || text.starts_with("0o");
            !is_number_elsewhere && !is_timestamp(text) && !matches!(text, "y" | "Y" | "n" | "N")
        }
    }
}

/// Whether `text` can stand without quotes. Stricter than YAML, so that every parser agrees.
fn is_plain(text: &str, place: Place) -> bool {
    let mut characters = text.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else {
        return false;
    };
    let is_start = match first {
        '-' | ':' | '?' => {
            place == Place::Block && second.is_some_and(|c| !c.is_whitespace())
                || first == '-' && second.is_some_and(char::is_alphanumeric)
        }
        _ => !",[]{}#&*!|>'\"%@`=<".contains(first),
    };
    let is_narrow = || !text.contains([',', '[', ']', '{', '}', ':', '?', '#']);
    is_start
        && (place == Place::Block || is_narrow())
        && text.trim() == text
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.chars().any(needs_escape)
}

fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ if needs_escape(character) => {
                let code = u32::from(character);
                let escape = if code > 0xffff {
                    format!("\\U{code:08x}")
                } else {
                    format!("\\u{code:04x}")
                };
                quoted.push_str(&escape);
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Line breaks, and what YAML calls not printable: these stand only in double quotes, escaped.
fn needs_escape(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}
