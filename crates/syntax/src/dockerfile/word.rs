//! Words: what they say literally, which variables they hold, and what they expand to.

use std::ops::Range;

use super::glob;
use super::instruction::quoted_words;
use super::lexer::{self, Malformed, Modifier, Part, Variable};
use super::lines::LogicalLine;
use super::source_map::SourceMap;
use crate::{Span, Spanned};

/// What a word expands to may have this many bytes, so that variables made of variables stay small.
const MAX_EXPANSION: usize = 1 << 20;

/// An argument in which BuildKit removes quotes and expands variables.
///
/// It may hold white space: the whole argument of `USER` or `WORKDIR` is one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it stands, with its quotes.
    pub span: Span,
    /// As it is written, with its quotes, without line continuations.
    pub raw: String,
    /// What `raw` consists of; none if it is malformed.
    parts: Option<Vec<Part>>,
    map: SourceMap,
}

impl Word {
    /// What the word says, if no variable is in it; none if it is malformed, too.
    pub fn literal(&self) -> Option<String> {
        let mut text = String::with_capacity(self.raw.len());
        for part in self.parts.as_deref()? {
            match part {
                Part::Text { span, .. } => text.push_str(span.of(&self.raw)),
                Part::Variable(_) => return None,
            }
        }
        Some(text)
    }

    /// What the word says where variables have the values that `lookup` knows.
    ///
    /// Follows BuildKit's `frontend/dockerfile/shell/lex.go`, but for this: a variable that
    /// `lookup` does not know is not empty, but unknown, unless `${name-default}` or
    /// `${name:-default}` says what it is then.
    ///
    /// # Errors
    ///
    /// The name of the first variable that makes the word unknown: `lookup` does not know it, its
    /// modifier refuses the value (`?`), is `/` (replacement, which is not evaluated), or the word
    /// would become longer than 1 MiB. The whole word as written if it is malformed.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
        let parts = self.parts.as_deref().ok_or_else(|| self.raw.clone())?;
        self.expand_parts(parts, lookup, Unset::IsUnknown)
    }

    /// What the word says where variables that `lookup` does not know are empty, as they are in a
    /// build; nothing if BuildKit refuses it, or it cannot be told here (see [`expand`](Self::expand)).
    pub fn expand_in_build(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
        let unset = |parts: &[Part]| self.expand_parts(parts, lookup, Unset::IsEmpty).ok();
        unset(self.parts.as_deref()?)
    }

    /// Whether it is still one word where quotes and escapes alone keep white space: as the value of
    /// `ENV name=value`.
    pub fn keeps_together(&self, escape: char) -> bool {
        quoted_words(&self.raw, 0..self.raw.len(), escape).len() == 1
    }

    /// A string of the exec form as a word. Its variables stand somewhere in the literal.
    pub fn of_literal(literal: &Spanned<String>, escape: char) -> Self {
        Self::of_text(literal, SourceMap::new(literal.span.start as usize), escape)
    }

    pub(super) fn of_text(text: &Spanned<String>, map: SourceMap, escape: char) -> Self {
        let lexed = lexer::lex(text, escape).ok();
        Self {
            span: text.span,
            raw: text.value.clone(),
            parts: lexed
                .filter(|lexed| !lexed.has_unsupported)
                .map(|lexed| lexed.parts),
            map,
        }
    }

    /// The variables in the word, in order, those in the defaults of others too.
    pub fn variables(&self) -> impl Iterator<Item = Spanned<&str>> {
        let mut names = Vec::new();
        collect_names(self.parts.as_deref().unwrap_or_default(), &mut names);
        names
            .into_iter()
            .map(|name| Spanned::new(name.of(&self.raw), self.map.span(name.range())))
    }

    /// Reads the word that `range` of `line` is; the second value says what is wrong with it.
    pub(super) fn read(
        line: &LogicalLine,
        range: Range<usize>,
        escape: char,
    ) -> (Self, Option<Malformed>) {
        let mut word = Self::verbatim(line, range);
        let special = |c: char| matches!(c, '$' | '\'' | '"') || c == escape;
        if !word.raw.contains(special) {
            return (word, None);
        }
        let error = match lexer::lex(&word.raw, escape) {
            Ok(lexed) if !lexed.has_unsupported => {
                word.parts = Some(lexed.parts);
                return (word, None);
            }
            Ok(_) => "a substitution has an unsupported modifier",
            Err(malformed) => malformed,
        };
        word.parts = None;
        (word, Some(error))
    }

    /// The word that `range` of `line` is, where quotes and variables have no meaning.
    pub(super) fn verbatim(line: &LogicalLine, range: Range<usize>) -> Self {
        let raw = line.text[range.clone()].to_owned();
        Self {
            span: line.span(range.clone()),
            parts: Some(vec![Part::Text {
                span: Span::new(0, raw.len()),
                bare: true,
            }]),
            raw,
            map: line.map.slice(range),
        }
    }

    fn expand_parts(
        &self,
        parts: &[Part],
        lookup: &dyn Fn(&str) -> Option<String>,
        unset: Unset,
    ) -> Result<String, String> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Text { span, .. } => text.push_str(span.of(&self.raw)),
                Part::Variable(variable) => {
                    let value = self.value(variable, lookup, unset)?;
                    if text.len() + value.len() > MAX_EXPANSION {
                        return Err(variable.name.of(&self.raw).to_owned());
                    }
                    text.push_str(&value);
                }
            }
        }
        Ok(text)
    }

    fn value(
        &self,
        variable: &Variable,
        lookup: &dyn Fn(&str) -> Option<String>,
        unset: Unset,
    ) -> Result<String, String> {
        let name = variable.name.of(&self.raw);
        let unknown = || name.to_owned();
        let value = lookup(name);
        let or_empty = |value: Option<String>| match unset {
            Unset::IsEmpty => Ok(value.unwrap_or_default()),
            Unset::IsUnknown => value.ok_or_else(unknown),
        };
        let operand = || self.expand_parts(&variable.operand, lookup, unset);
        let is_unset = |value: &str, empty_is_unset| empty_is_unset && value.is_empty();
        match variable.modifier {
            Modifier::None => or_empty(value),
            Modifier::Default { empty_is_unset } => match value {
                Some(value) if !is_unset(&value, empty_is_unset) => Ok(value),
                _ => operand(),
            },
            Modifier::Alternative { empty_is_unset } => {
                let Some(value) = value else {
                    return or_empty(None);
                };
                if is_unset(&value, empty_is_unset) {
                    return Ok(String::new());
                }
                operand()
            }
            Modifier::Required { empty_is_unset } => value
                .filter(|value| !is_unset(value, empty_is_unset))
                .ok_or_else(unknown),
            Modifier::TrimPrefix => {
                let value = or_empty(value)?;
                glob::trim_prefix(&value, &operand()?).ok_or_else(unknown)
            }
            Modifier::TrimSuffix => {
                let value = or_empty(value)?;
                glob::trim_suffix(&value, &operand()?).ok_or_else(unknown)
            }
            Modifier::Replace | Modifier::Unsupported => Err(unknown()),
        }
    }
}

/// What a variable is that has no value.
#[derive(Clone, Copy)]
enum Unset {
    IsEmpty,
    IsUnknown,
}

/// The variables of a part of `text` in which quotes have no meaning.
pub(super) fn unquoted_variables(text: &str, part: Span) -> Vec<Spanned<&str>> {
    let raw = part.of(text);
    let mut names = Vec::new();
    collect_names(&lexer::lex_unquoted(raw).unwrap_or_default(), &mut names);
    names
        .into_iter()
        .map(|name| Spanned::new(name.of(raw), name.shifted(part.range().start)))
        .collect()
}

fn collect_names(parts: &[Part], names: &mut Vec<Span>) {
    for part in parts {
        if let Part::Variable(variable) = part {
            names.push(variable.name);
            collect_names(&variable.operand, names);
        }
    }
}
