//! Changes of single lines and values.
//!
//! Each gives `None` where a change of whole lines would touch other code: `a; b`, `x { y }`.

use super::{Block, Call, Document, Expression};
use crate::{Edit, Span};

impl Document {
    /// Inserts `lines` after the statement of `call`, with its indentation.
    pub fn insert_after(&self, text: &str, call: &Call, lines: &str) -> Option<Edit> {
        let whole = self.whole_lines(text, call.statement)?;
        let ending = line_ending(text);
        let lines = indented(lines, indentation(text, call.statement), ending);
        let end = whole.end as usize;
        Some(if whole.of(text).ends_with('\n') {
            Edit::insert(end, lines)
        } else {
            Edit::insert(end, format!("{ending}{}", lines.trim_end_matches(ending)))
        })
    }

    /// Inserts `lines` before the statement of `call`, with its indentation.
    ///
    /// Comments right above the statement are taken for its own, and stay with it; but not those
    /// at the top of the file, where the magic ones are.
    pub fn insert_before(&self, text: &str, call: &Call, lines: &str) -> Option<Edit> {
        self.whole_lines(text, call.statement)?;
        let lines = indented(lines, indentation(text, call.statement), line_ending(text));
        let start = line_start(text, call.statement.start as usize);
        Some(Edit::insert(above_comments(text, start), lines))
    }

    /// Inserts `lines` at the end of `block`, indented as its last statement is, or two spaces
    /// more than its `end`.
    pub fn insert_at_end(&self, text: &str, block: &Block, lines: &str) -> Option<Edit> {
        let closing = block.closing;
        let start = line_start(text, closing.start as usize);
        let before_closing = Span::new(start, closing.start as usize);
        if !matches!(closing.of(text), "end" | "}") || !before_closing.of(text).trim().is_empty() {
            return None;
        }
        let indentation = match block.body {
            Some(body) if is_first_on_line(text, body) => indentation(text, body).to_owned(),
            _ => format!("{}  ", before_closing.of(text)),
        };
        let lines = indented(lines, &indentation, line_ending(text));
        Some(Edit::insert(start, lines))
    }

    /// Removes the lines of the statement of `call`, with a comment behind it; comments above it
    /// stay.
    pub fn remove(&self, text: &str, call: &Call) -> Option<Edit> {
        self.whole_lines(text, call.statement).map(Edit::delete)
    }

    /// Puts `replacement` in the place of an argument or value; `None` if a heredoc begins in it,
    /// whose body stands elsewhere.
    pub fn replace(&self, expression: &Expression, replacement: &str) -> Option<Edit> {
        let begins_heredoc = self
            .heredocs
            .iter()
            .any(|heredoc| expression.span.contains(heredoc.start as usize));
        (!begins_heredoc).then(|| Edit::replace(expression.span, replacement))
    }

    /// Makes code of a comment that is alone on its line: removes its `#` and one space.
    pub fn uncomment(&self, text: &str, comment: Span) -> Option<Edit> {
        let code = comment.of(text).strip_prefix('#')?;
        let marker = if code.starts_with(' ') { 2 } else { 1 };
        let start = comment.start as usize;
        is_first_on_line(text, comment).then(|| Edit::delete(Span::new(start, start + marker)))
    }

    /// The lines of a statement with their endings, and with the heredocs that begin in it, if
    /// nothing but a comment shares them.
    fn whole_lines(&self, text: &str, statement: Span) -> Option<Span> {
        let start = line_start(text, statement.start as usize);
        let end = line_end(text, statement.end as usize);
        let behind = Span::new(statement.end as usize, end).of(text).trim();
        let is_alone =
            is_first_on_line(text, statement) && (behind.is_empty() || behind.starts_with('#'));
        let last = self.last_byte(statement) as usize;
        is_alone.then(|| Span::new(start, end.max(line_end(text, last))))
    }

    /// Where a statement ends, heredocs included.
    fn last_byte(&self, statement: Span) -> u32 {
        self.heredocs
            .iter()
            .filter(|heredoc| statement.contains(heredoc.start as usize))
            .map(|heredoc| heredoc.end)
            .fold(statement.end, u32::max)
    }
}

/// `lines`, each but empty ones with `indentation`, and each with `ending`.
fn indented(lines: &str, indentation: &str, ending: &str) -> String {
    let indent = |line: &str| match line {
        "" => ending.to_owned(),
        _ => format!("{indentation}{line}{ending}"),
    };
    lines.lines().map(indent).collect()
}

/// The white space before `place` on its line.
fn indentation(text: &str, place: Span) -> &str {
    let line = &text[line_start(text, place.start as usize)..];
    let code = line.trim_start_matches([' ', '\t']);
    &line[..line.len() - code.len()]
}

fn is_first_on_line(text: &str, place: Span) -> bool {
    let start = line_start(text, place.start as usize);
    Span::new(start, place.start as usize)
        .of(text)
        .chars()
        .all(|c| matches!(c, ' ' | '\t'))
}

/// The start of the comment lines right above the line that begins at `start`.
fn above_comments(text: &str, start: usize) -> usize {
    let mut above = start;
    while above > 0 {
        let previous = line_start(text, above - 1);
        if !text[previous..above].trim_start().starts_with('#') {
            return above;
        }
        above = previous;
    }
    start
}

fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// Just behind the line ending that follows `offset`.
fn line_end(text: &str, offset: usize) -> usize {
    let after = text.get(offset..).unwrap_or_default();
    after
        .find('\n')
        .map_or(text.len(), |newline| offset + newline + 1)
}

/// The line ending of the file, which is that of its first line.
fn line_ending(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}
