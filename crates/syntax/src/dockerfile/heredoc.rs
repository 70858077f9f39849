//! Here-documents: which words of a line open one, and where their bodies are, after
//! `heredocsFromLine` and `heredocFromMatch` of BuildKit's `frontend/dockerfile/parser/parser.go`.

use std::ops::Range;

use super::lexer::{self, Part};
use super::lines::{Line, Lines, LogicalLine};
use super::{Heredoc, Keyword};
use crate::{Span, Spanned, SyntaxError};

/// Looking for a missing terminator reads the rest of the text, so it is not done forever.
const MAX_UNTERMINATED: u32 = 8;

/// A word like `3<<-"EOF"`.
struct Opener {
    word: Range<usize>,
    /// The name as it is written, with its quotes.
    written: Range<usize>,
    name: String,
    strip_tabs: bool,
    expand: bool,
    file_descriptor: u32,
}

/// Reads the bodies of the here-documents that an instruction opens.
#[derive(Default)]
pub(super) struct Bodies {
    unterminated: u32,
}

impl Bodies {
    /// The here-documents that `line` opens; their bodies are taken from `lines`.
    pub(super) fn read(
        &mut self,
        line: &LogicalLine,
        lines: &mut Lines,
        errors: &mut Vec<SyntaxError>,
    ) -> Vec<Heredoc> {
        let mut is_terminated = true;
        let mut heredocs = Vec::new();
        for opener in openers(line) {
            let heredoc = self.body(line, opener, lines, is_terminated);
            if is_terminated && !heredoc.terminated {
                let message = format!("the here-document `{}` is not terminated", *heredoc.name);
                errors.push(SyntaxError::new(heredoc.word, message));
            }
            is_terminated = heredoc.terminated;
            heredocs.push(heredoc);
        }
        heredocs
    }

    /// `follows` tells that the here-document before this one, if any, has an end.
    fn body(
        &mut self,
        line: &LogicalLine,
        opener: Opener,
        lines: &mut Lines,
        follows: bool,
    ) -> Heredoc {
        let start = lines.offset();
        let end = if follows {
            find_terminator(&opener, lines)
        } else {
            None
        };
        if end.is_none() && follows {
            self.recover(start, lines);
        }
        Heredoc {
            word: line.span(opener.word),
            name: Spanned::new(opener.name, line.span(opener.written)),
            strip_tabs: opener.strip_tabs,
            expand: opener.expand,
            file_descriptor: opener.file_descriptor,
            body: Span::new(start, end.unwrap_or(lines.offset())),
            terminated: end.is_some(),
        }
    }

    /// BuildKit gives up on a here-document without end. Here its body ends before the next line
    /// that looks like an instruction, so that one missing line does not hide the rest of the file.
    fn recover(&mut self, start: usize, lines: &mut Lines) {
        self.unterminated += 1;
        if self.unterminated > MAX_UNTERMINATED {
            return;
        }
        lines.rewind(start);
        while let Some(line) = lines.next() {
            if looks_like_instruction(&line) {
                lines.rewind(line.start);
                return;
            }
        }
    }
}

/// Moves `lines` past the terminator and gives the place where that begins.
fn find_terminator(opener: &Opener, lines: &mut Lines) -> Option<usize> {
    lines
        .find(|line| {
            let text = if opener.strip_tabs {
                line.text.trim_start_matches('\t')
            } else {
                line.text
            };
            text == opener.name
        })
        .map(|line| line.start)
}

fn looks_like_instruction(line: &Line) -> bool {
    let word = line.text.split([' ', '\t']).next().unwrap_or_default();
    Keyword::known(word).is_some_and(|keyword| keyword.name() == word)
}

fn openers(line: &LogicalLine) -> Vec<Opener> {
    words(&line.text)
        .into_iter()
        .filter_map(|word| opener(&line.text, word))
        .collect()
}

/// The words of a line as the shell would split it, quotes and all; none if it cannot be lexed.
///
/// BuildKit lexes with a backslash here, whatever the escape character of the file is.
fn words(text: &str) -> Vec<Range<usize>> {
    if !text.contains("<<") {
        return Vec::new();
    }
    let Ok(lexed) = lexer::lex(text, '\\') else {
        return Vec::new();
    };
    let mut separators = Vec::new();
    for part in &lexed.parts {
        match part {
            Part::Text { span, bare: true } => separate(text, *span, &mut separators),
            Part::Variable(variable) if !variable.quoted => {
                separate_all(text, variable.span, &mut separators);
            }
            _ => {}
        }
    }
    let mut words = Vec::new();
    let mut start = 0;
    for separator in separators {
        words.push(start..separator.start);
        start = separator.end;
    }
    words.push(start..text.len());
    words
}

/// White space in `span` separates words, but for what follows `<<` directly (since BuildKit 0.22).
fn separate(text: &str, span: Span, separators: &mut Vec<Range<usize>>) {
    let mut chars = text[span.range()].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        if c == '<' && chars.next_if(|&(_, next)| next == '<').is_some() {
            while chars
                .next_if(|&(_, next)| matches!(next, '\t' | '\r' | ' '))
                .is_some()
            {}
        } else if c.is_whitespace() {
            let start = span.start as usize + offset;
            separators.push(start..start + c.len_utf8());
        }
    }
}

fn separate_all(text: &str, span: Span, separators: &mut Vec<Range<usize>>) {
    let blanks = text[span.range()].match_indices(char::is_whitespace);
    separators.extend(blanks.map(|(offset, blank)| {
        let start = span.start as usize + offset;
        start..start + blank.len()
    }));
}

/// The here-document that a word opens: it must match `^(\d*)<<(-?)\s*([^<]*)$`.
fn opener(text: &str, word: Range<usize>) -> Option<Opener> {
    let (digits, after) = text[word.clone()].split_once("<<")?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let strip_tabs = after.starts_with('-');
    let written =
        after[usize::from(strip_tabs)..].trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if !is_number || written.contains('<') {
        return None;
    }
    let (name, expand) = unquote(written)?;
    Some(Opener {
        written: word.end - written.len()..word.end,
        word,
        name,
        strip_tabs,
        expand,
        file_descriptor: digits.parse().unwrap_or(0),
    })
}

/// The name of a here-document, and whether it was written without quotes.
fn unquote(written: &str) -> Option<(String, bool)> {
    let lexed = lexer::lex(written, '\\').ok()?;
    let name: String = lexed
        .parts
        .iter()
        .map(|part| match part {
            Part::Text { span, .. } => span.of(written),
            Part::Variable(variable) => variable.span.of(written),
        })
        .collect();
    (!name.is_empty()).then_some((name, !lexed.has_quotes))
}
