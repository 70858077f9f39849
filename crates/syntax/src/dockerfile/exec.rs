//! The exec form: a JSON array of strings.

use std::ops::Range;

use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// What the arguments of an instruction are to a JSON reader.
pub(super) enum ExecForm {
    /// The decoded strings, and where their literals stand, with the quotes.
    Strings(Vec<(String, Range<usize>)>),
    /// A JSON array with something else in it, which BuildKit refuses.
    NotStrings,
    /// Anything else, which BuildKit takes for the shell form.
    NotJson,
}

/// Reads `text` as Go's `encoding/json` would.
pub(super) fn read(text: &str) -> ExecForm {
    array(text).unwrap_or(ExecForm::NotJson)
}

fn array(text: &str) -> Option<ExecForm> {
    let mut strings = Vec::new();
    let mut at = skip_blanks(text, 0);
    if !text[at..].starts_with('[') {
        return None;
    }
    at = skip_blanks(text, at + 1);
    loop {
        match text.as_bytes().get(at)? {
            b']' if strings.is_empty() => break,
            b'"' => {}
            _ => return is_json(text).then_some(ExecForm::NotStrings),
        }
        let (string, end) = string(text, at)?;
        strings.push((string, at..end));
        at = skip_blanks(text, end);
        match text.as_bytes().get(at)? {
            b',' => at = skip_blanks(text, at + 1),
            b']' => break,
            _ => return None,
        }
    }
    let is_end = skip_blanks(text, at + 1) == text.len();
    is_end.then_some(ExecForm::Strings(strings))
}

/// The string literal at `at`, decoded, and its end.
fn string(text: &str, at: usize) -> Option<(String, usize)> {
    let mut rest = text[at..].strip_prefix('"')?;
    let mut decoded = String::new();
    loop {
        let special = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ')?;
        decoded.push_str(&rest[..special]);
        rest = &rest[special..];
        if let Some(after) = rest.strip_prefix('"') {
            return Some((decoded, text.len() - after.len()));
        }
        rest = escape(rest.strip_prefix('\\')?, &mut decoded)?;
    }
}

/// Decodes the escape sequence that `rest` begins with, after its backslash; gives what follows.
fn escape<'t>(rest: &'t str, decoded: &mut String) -> Option<&'t str> {
    let kind = rest.chars().next()?;
    let after = &rest[kind.len_utf8()..];
    decoded.push(match kind {
        '"' | '\\' | '/' => kind,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode_escape(after, decoded),
        _ => return None,
    });
    Some(after)
}

/// Half of a surrogate pair alone reads as U+FFFD, as in Go.
fn unicode_escape<'t>(rest: &'t str, decoded: &mut String) -> Option<&'t str> {
    let first = hex(rest)?;
    let after = &rest[4..];
    if let Some(c) = char::from_u32(first) {
        decoded.push(c);
        return Some(after);
    }
    let second = after.strip_prefix("\\u").and_then(hex);
    if let (0xD800..0xDC00, Some(second @ 0xDC00..0xE000)) = (first, second) {
        let pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        decoded.extend(char::from_u32(pair));
        return Some(&after[6..]);
    }
    decoded.push(char::REPLACEMENT_CHARACTER);
    Some(after)
}

fn hex(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok())?
}

fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len()
}

fn is_json(text: &str) -> bool {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse_to_ast(text, &CollectOptions::default(), &strict).is_ok()
}
