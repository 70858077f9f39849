//! Labels of images, and what the Open Container Initiative says of their values.
//!
//! Upstream: OCI image specification 1.1, `annotations.md`; Docker's guidelines for label keys.

use syntax::Spanned;
use syntax::dockerfile::Keyword;

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::dockerfile::{Image, Stage, pairs};
use crate::facts::setting::{Member, Setting};
use crate::plan::{FILE, LABEL_SCHEMA, STRICT_LABELS};

/// What the value of a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Anything.
    Text,
    /// An address with its scheme.
    Url,
    /// A time as RFC 3339 writes it.
    Time,
    /// An expression of SPDX's.
    License,
    /// A commit of git's, whole or its first seven digits.
    Commit,
    /// A version as semver.org has it.
    Version,
    /// An address of mail, as RFC 5322 has it, without a name.
    Mail,
}

impl Form {
    /// The names of all forms, which are those that hadolint's `label-schema` takes.
    pub const NAMES: [&str; 8] = [
        "text", "rawtext", "url", "rfc3339", "spdx", "hash", "semver", "email",
    ];

    /// The form of a name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "rawtext" => Self::Text,
            "url" => Self::Url,
            "rfc3339" => Self::Time,
            "spdx" => Self::License,
            "hash" => Self::Commit,
            "semver" => Self::Version,
            "email" => Self::Mail,
            _ => return None,
        })
    }

    /// Whether a value has it.
    pub fn fits(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Url => is_url(value),
            Self::Time => is_rfc_3339(value),
            Self::License => is_spdx(value),
            Self::Commit => is_commit(value),
            Self::Version => is_version(value),
            Self::Mail => is_mail(value),
        }
    }

    /// The last part of the OCI's keys whose values have this form.
    fn of_oci(self) -> &'static [&'static str] {
        match self {
            Self::Url => &["url", "source", "documentation"],
            Self::Time => &["created"],
            Self::License => &["licenses"],
            _ => &[],
        }
    }
}

impl App<'_> {
    /// The labels that images are to have, by `label_schema` in `config/seaworthy.yml`, each with the form of
    /// its value.
    pub fn label_schema(&self) -> Vec<(Fact<String>, Form)> {
        let forms = self.label_forms().into_iter();
        forms
            .filter_map(|(name, form)| Some((name, Form::named(&form)?)))
            .collect()
    }

    /// What stands there for a form and is none.
    pub fn unknown_label_forms(&self) -> Vec<Fact<String>> {
        let forms = self.label_forms().into_iter().map(|(_, form)| form);
        forms.filter(|form| Form::named(form).is_none()).collect()
    }

    /// Whether images may have no other labels: `strict_labels`.
    pub fn forbids_other_labels(&self) -> bool {
        let strict = self.seaworthy().and_then(|root| {
            root.get(STRICT_LABELS)
                .and_then(|strict| strict.boolean())
                .known()
        });
        strict.is_some_and(|strict| *strict)
    }

    fn label_forms(&self) -> Vec<(Fact<String>, Fact<String>)> {
        let schema = self
            .seaworthy()
            .and_then(|root| root.get(LABEL_SCHEMA).known());
        let members = schema.map(|schema| schema.members()).unwrap_or_default();
        let form = |Member { name, value, .. }: Member<'_>| Some((name, value.text().known()?));
        members.into_iter().filter_map(form).collect()
    }

    fn seaworthy(&self) -> Option<Setting<'_>> {
        Setting::root([self.tree().source(FILE)?])
    }
}

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
        let stages = self.stages().into_iter();
        stages.flat_map(Stage::own_labels).collect()
    }

    /// The values of labels that are to have a form and have not, each with its key: of those that the app's
    /// schema names, and of the OCI's own. What a variable says is not known.
    pub fn labels_without(self, form: Form, app: &App<'_>) -> Vec<(&'a str, Fact<String>)> {
        let schema = app.label_schema();
        let is_meant = |key: &str| {
            let own = schema.iter().find(|(name, _)| name.value == key);
            let of_oci = || {
                let name = key.strip_prefix("org.opencontainers.image.");
                name.is_some_and(|name| form.of_oci().contains(&name))
            };
            own.map_or_else(of_oci, |(_, own)| *own == form)
        };
        let labels = self.labels().into_iter();
        labels
            .filter(|label| is_meant(label.key))
            .filter_map(|label| Some((label.key.value.as_str(), label.value?)))
            .filter(|(_, value)| !form.fits(value))
            .collect()
    }
}

impl<'a> Stage<'a> {
    /// The labels that it sets itself.
    fn own_labels(self) -> impl Iterator<Item = Label<'a>> {
        let labels = self.instructions().iter();
        labels
            .filter(|instruction| instruction.keyword.value == Keyword::Label)
            .flat_map(pairs)
            .map(move |pair| Label {
                key: &pair.key,
                value: pair.value.as_ref().and_then(|value| {
                    let text = value.literal()?;
                    Some(self.image().fact(text, value.span, "the label's value"))
                }),
            })
    }

    /// Whether its image has a label: its own, or one of a stage that it starts from.
    pub fn has_label(self, key: &str) -> bool {
        let mut labels = self.lineage().into_iter().flat_map(Stage::own_labels);
        labels.any(|label| label.key.value == key)
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
fn is_url(text: &str) -> bool {
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
fn is_rfc_3339(text: &str) -> bool {
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
fn is_spdx(text: &str) -> bool {
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

/// Whether it is the name of a commit: forty digits of git's, or the seven that it abbreviates them to.
fn is_commit(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    [7, 40].contains(&text.len()) && text.bytes().all(is_digit)
}

/// Whether it is a version as semver.org has it: three numbers, and what may follow `-` and `+`.
fn is_version(text: &str) -> bool {
    let is_plain = |part: &str| {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !part.is_empty() && part.bytes().all(is_known)
    };
    let is_number = |part: &str| {
        let is_digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_digits && (part == "0" || !part.starts_with('0'))
    };
    let is_of_release = |part: &str| {
        let is_digits = part.bytes().all(|byte| byte.is_ascii_digit());
        is_plain(part) && (!is_digits || is_number(part))
    };
    let (rest, build) = text.split_once('+').unwrap_or((text, "0"));
    let (numbers, release) = rest.split_once('-').unwrap_or((rest, "0"));
    numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && release.split('.').all(is_of_release)
        && build.split('.').all(is_plain)
}

/// Whether it is an address of mail: something, an `@`, and a domain without empty parts.
fn is_mail(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(name, domain)| {
        let is_quoted = name.len() > 2 && name.starts_with('"') && name.ends_with('"');
        let is_atom = |part: &str| {
            let is_known =
                |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
            !part.is_empty() && part.bytes().all(is_known)
        };
        let is_literal = domain.starts_with('[') && domain.ends_with(']');
        (is_quoted || name.split('.').all(is_atom))
            && (is_literal || domain.split('.').all(is_atom))
    })
}

#[cfg(test)]
mod tests {
    use super::Form;

    #[test]
    fn values_have_the_form_that_their_label_asks_for() {
        let cases = [
            (Form::Commit, "abcdef0", "ABCDEF0"),
            (
                Form::Commit,
                "0123456789012345678901234567890123456789",
                "main",
            ),
            (Form::Version, "1.0.0-rc.1+20261201", "1.0"),
            (Form::Version, "1.0.0", "v1.0.0"),
            (Form::Version, "10.20.30", "01.0.0"),
            (Form::Version, "1.0.0-alpha", "1.0.0-rc..1"),
            (
                Form::Mail,
                "harbour@example.org",
                "Harbour <harbour@example.org>",
            ),
            (Form::Mail, "\"the harbour\"@example.org", "harbour@"),
            (Form::Mail, "harbour@[203.0.113.10]", "harbour@example..org"),
        ];
        for (form, good, bad) in cases {
            assert!(form.fits(good), "{good} is {form:?}");
            assert!(!form.fits(bad), "{bad} is no {form:?}");
        }
    }
}
