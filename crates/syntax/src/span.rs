//! Byte ranges of a text, and the one converter from bytes to lines and columns.

use std::fmt;
use std::ops::{Deref, Range};

/// A half-open range of bytes, `start..end`, of one text.
///
/// Offsets are 32 bits: texts above 4 GiB are never read whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`. Offsets beyond 4 GiB are cut to it, a reversed range is empty.
    pub fn new(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self {
            start,
            end: end.max(start),
        }
    }

    /// An empty range: the place before the byte at `offset`.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The range as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Bytes in the range.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `offset` lies inside the range.
    pub fn contains(self, offset: usize) -> bool {
        self.range().contains(&offset)
    }

    /// Whether `other` lies wholly inside the range.
    pub fn encloses(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest range that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The range moved by `offset` bytes towards the end: a span of a part becomes one of the whole.
    #[must_use]
    pub fn shifted(self, offset: usize) -> Span {
        Self::new(self.start as usize + offset, self.end as usize + offset)
    }

    /// The text in the range; empty if the range is not within `text` on character boundaries.
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or_default()
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `value`, read at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

/// Where the lines of a text begin.
///
/// A line ends with `\n`; the `\r` of a CRLF ending belongs to its line, as in editors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds the lines of `text`.
    pub fn new(text: &str) -> Self {
        let after_newlines = text
            .bytes()
            .enumerate()
            .filter(|&(_, byte)| byte == b'\n')
            .map(|(offset, _)| Span::at(offset + 1).start);
        Self {
            starts: std::iter::once(0).chain(after_newlines).collect(),
        }
    }

    /// How many lines there are; a text that ends with a newline has an empty last one.
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The line, from 1, that holds the byte at `offset`.
    pub fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|&start| start <= offset)).unwrap_or(u32::MAX)
    }

    /// Line and column of the byte at `offset`; an offset beyond `text` is its end.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1] as usize;
        let column = text.as_bytes()[start.min(text.len())..(offset as usize).min(text.len())]
            .iter()
            .filter(|&&byte| !is_continuation(byte))
            .count();
        Position {
            line,
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The bytes of a line (from 1), without its line ending; empty for a line that is not there.
    pub fn span(&self, text: &str, line: u32) -> Span {
        let Some(index) = (line as usize)
            .checked_sub(1)
            .filter(|&index| index < self.count())
        else {
            return Span::at(text.len());
        };
        let start = self.starts[index] as usize;
        let end = self
            .starts
            .get(index + 1)
            .map_or(text.len(), |&next| next as usize - 1);
        let line = text.get(start..end).unwrap_or_default();
        Span::new(start, start + line.strip_suffix('\r').unwrap_or(line).len())
    }
}

/// Whether `byte` continues a character of UTF-8 rather than begins one.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters() {
        let text = "a: é\r\n\u{1f6a2} b\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.count(), 3);
        assert_eq!(lines.position(text, 3), Position { line: 1, column: 4 });
        assert_eq!(lines.position(text, 5), Position { line: 1, column: 5 });
        assert_eq!(lines.position(text, 12), Position { line: 2, column: 3 });
        assert_eq!(lines.span(text, 1).of(text), "a: é");
        assert_eq!(lines.span(text, 2).of(text), "\u{1f6a2} b");
        assert_eq!(lines.span(text, 3).of(text), "");
        assert_eq!(lines.span(text, 9).of(text), "");
    }

    proptest! {
        #[test]
        fn positions_agree_with_counting(text in any::<String>(), offset in 0usize..64) {
            let offset = text.floor_char_boundary(offset.min(text.len()));
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let position = LineIndex::new(&text).position(&text, Span::at(offset).start);
            prop_assert_eq!((position.line as usize, position.column as usize), (line, column));
        }
    }
}
