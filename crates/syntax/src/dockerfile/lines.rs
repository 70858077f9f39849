//! Physical lines, and the logical lines that continuations make of them.

use std::ops::Range;

use super::source_map::SourceMap;
use crate::Span;

/// One line of the source, without its line ending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl Line<'_> {
    /// One past the last byte before the line ending.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim_start().is_empty()
    }

    pub(super) fn is_comment(&self) -> bool {
        self.text.trim_start().starts_with('#')
    }

    /// From the first character that is no white space to the end.
    pub(super) fn trimmed_span(&self) -> Span {
        Span::new(self.end() - self.text.trim_start().len(), self.end())
    }
}

/// The physical lines of a Dockerfile, after its byte order mark.
#[derive(Clone)]
pub(super) struct Lines<'t> {
    source: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        let at = if source.starts_with('\u{feff}') { 3 } else { 0 };
        Self { source, at }
    }

    /// Where the next line begins.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Goes back to the line that begins at `offset`.
    pub(super) fn rewind(&mut self, offset: usize) {
        self.at = offset;
    }

    /// Where the line before the next one ends, without its line ending.
    pub(super) fn last_line_end(&self) -> usize {
        let before = &self.source[..self.at];
        let line = before.strip_suffix('\n').unwrap_or(before);
        line.trim_end_matches('\r').len()
    }

    pub(super) fn source(&self) -> &'t str {
        self.source
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let start = self.at;
        let rest = &self.source[start..];
        if rest.is_empty() {
            return None;
        }
        let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        self.at += length;
        Some(Line {
            start,
            text: rest[..length].trim_end_matches(['\r', '\n']),
        })
    }
}

/// The lines that BuildKit drops.
#[derive(Default)]
pub(super) struct Skipped {
    pub(super) comments: Vec<Span>,
    pub(super) empty_continuations: Vec<Span>,
}

/// The text of an instruction as BuildKit joins it: no continuation, no comment, no blank line.
#[derive(Default)]
pub(super) struct LogicalLine {
    pub(super) text: String,
    pub(super) map: SourceMap,
    /// The first character of the first physical line, which may be a continuation alone.
    pub(super) start: usize,
    /// One past the last byte of the last physical line that is a part of it.
    pub(super) end: usize,
}

impl LogicalLine {
    /// Reads the logical line that begins with `first`, and replaces the one held here.
    pub(super) fn read<'t>(
        &mut self,
        first: Line<'t>,
        lines: &mut Lines<'t>,
        escape: char,
        skipped: &mut Skipped,
    ) {
        let start = first.trimmed_span().start as usize;
        self.text.clear();
        self.map.clear(start);
        self.start = start;
        let first = Line {
            start,
            text: first.text.trim_start(),
        };
        let mut is_continued = self.push(first, escape);
        while is_continued {
            let Some(line) = lines.next() else { break };
            if line.is_comment() {
                skipped.comments.push(line.trimmed_span());
            } else if line.is_blank() {
                skipped
                    .empty_continuations
                    .push(Span::new(line.start, line.end()));
            } else {
                is_continued = self.push(line, escape);
            }
        }
    }

    /// Adds a physical line; tells whether it is continued.
    fn push(&mut self, line: Line, escape: char) -> bool {
        let continued = before_continuation(line.text, escape);
        self.map.push(self.text.len(), line.start);
        self.text.push_str(continued.unwrap_or(line.text));
        self.end = line.end();
        continued.is_some()
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.map.span(range)
    }

    /// `range` without the white space at both ends.
    pub(super) fn trim(&self, range: Range<usize>) -> Range<usize> {
        let text = &self.text[range.clone()];
        let start = range.end - text.trim_start().len();
        start..start.max(range.start + text.trim_end().len())
    }

    /// The source of `range`, byte for byte, with what stands between its physical lines blanked.
    ///
    /// Blanks read the same as the joined line wherever a blank stands beside them, in a shell's
    /// comment too, where a continuation would have no meaning. Inside a word only the shell's own
    /// continuation keeps the word together.
    pub(super) fn masked(&self, range: Range<usize>, source: &str) -> String {
        let span = self.span(range).range();
        let mut masked = String::with_capacity(span.len());
        let mut copied = span.start;
        for gap in self.map.gaps() {
            if gap.start < span.start || gap.end > span.end {
                continue;
            }
            masked.push_str(&source[copied..gap.start]);
            let joins_a_word = !masked.ends_with([' ', '\t', '\n'])
                && !source[gap.end..].starts_with([' ', '\t', '\r', '\n']);
            let continuation = if joins_a_word { "\\\n" } else { "" };
            let blanks = gap.len() - continuation.len();
            masked.extend(std::iter::repeat_n(' ', blanks));
            masked.push_str(continuation);
            copied = gap.end;
        }
        masked.push_str(&source[copied..span.end]);
        masked
    }
}

/// What stands before the escape character that continues `line`, if one does.
///
/// An escaped escape character continues nothing (BuildKit `parser.go`, `setEscapeToken`).
fn before_continuation(line: &str, escape: char) -> Option<&str> {
    let before = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!before.ends_with(escape)).then_some(before)
}
