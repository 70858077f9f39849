//! Labels of images, and what the Open Container Initiative says of their values.
//!
//! Upstream: OCI image specification 1.1, `annotations.md`; Docker's guidelines for label keys.

use syntax::Spanned;
use syntax::dockerfile::Keyword;

use crate::fact::Fact;
use crate::facts::dockerfile::{Image, pairs};

/// A label.
#[derive(Clone, Debug)]
pub struct Label<'a> {
    /// Its key.
    pub key: &'a Spanned<String>,
    /// Its value, where it is no variable.
    pub value: Option<Fact<String>>,
}

impl<'a> Image<'a> {
    /// The labels that it sets, those that `ONBUILD` keeps for later left out.
    pub fn labels(self) -> Vec<Label<'a>> {
        let labels = self.instructions().iter();
        labels
            .filter(|instruction| instruction.keyword.value == Keyword::Label)
            .flat_map(pairs)
            .map(|pair| Label {
                key: &pair.key,
                value: pair.value.as_ref().and_then(|value| {
                    Some(self.fact(value.literal()?, value.span, "the label's value"))
                }),
            })
            .collect()
    }

    /// The values of labels with these names of the OCI's, each with its key.
    pub fn oci_labels(self, names: &[&str]) -> Vec<(&'a str, Fact<String>)> {
        let labels = self.labels().into_iter();
        labels
            .filter_map(|label| {
                let name = label.key.value.strip_prefix("org.opencontainers.image.")?;
                names
                    .contains(&name)
                    .then_some((label.key.value.as_str(), label.value?))
            })
            .collect()
    }
}

/// Whether a key of a label is in the form that Docker asks for: lower case, parts between single dots,
/// dashes, underscores or slashes, and none of Docker's own names.
pub fn is_label_key(key: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase();
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = key.as_bytes();
    let is_known = |byte: &u8| is_end(byte) || b".-_/".contains(byte);
    let reserved = ["com.docker.", "io.docker.", "org.dockerproject."];
    bytes.first().is_some_and(is_letter)
        && bytes.last().is_some_and(is_end)
        && bytes.iter().all(is_known)
        && !key.contains("..")
        && !key.contains("--")
        && !reserved.iter().any(|prefix| key.starts_with(prefix))
}

/// Whether it is an address with a scheme.
pub fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
            && !rest.is_empty()
            && !rest.contains(char::is_whitespace)
    })
}

/// Whether it is a time as RFC 3339 writes it.
pub fn is_rfc_3339(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_digit() {
                '0'
            } else {
                c.to_ascii_uppercase()
            }
        })
        .collect();
    let Some(rest) = shape.strip_prefix("0000-00-00") else {
        return false;
    };
    let Some(rest) = rest.get(1..).filter(|_| rest.starts_with(['T', ' '])) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix("00:00:00") else {
        return false;
    };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches('0'),
        None => rest,
    };
    ["Z", "+00:00", "-00:00"].contains(&rest)
}

/// Whether it is an expression of SPDX's: names of licenses, which have no blanks, between `AND`, `OR`
/// and `WITH`.
pub fn is_spdx(text: &str) -> bool {
    let flat = text.replace(['(', ')'], " ");
    let words: Vec<&str> = flat.split_whitespace().collect();
    let is_operator = |word: &str| ["AND", "OR", "WITH"].contains(&word);
    let is_name = |word: &str| {
        !is_operator(word)
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-+:".contains(&byte))
    };
    words.len() % 2 == 1
        && words.iter().enumerate().all(|(number, word)| {
            if number % 2 == 0 {
                is_name(word)
            } else {
                is_operator(word)
            }
        })
}
