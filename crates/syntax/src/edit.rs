//! Replacements of byte ranges, and how several are applied at once.

use std::fmt;

use crate::Span;

/// Puts `text` where `span` stands; an empty span inserts, an empty text deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Puts `text` in the place of `span`.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self {
            span,
            text: text.into(),
        }
    }

    /// Inserts `text` before the byte at `offset`.
    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self::replace(Span::at(offset), text)
    }

    /// Deletes `span`.
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }
}

/// Two edits that touch the same bytes, or one that does not fit the text: nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap(
    /// The later of the two, or the one that does not fit.
    pub Span,
);

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "an edit of bytes {:?} overlaps another or is outside the text",
            self.0
        )
    }
}

impl std::error::Error for Overlap {}

/// `text` with all `edits` made, in any order; insertions at one place keep their order.
///
/// # Errors
///
/// [`Overlap`] if two edits share a byte, or a span is not within the text on character
/// boundaries.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, Overlap> {
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.span);
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for edit in ordered {
        let range = edit.span.range();
        let between = text.get(copied..range.start).ok_or(Overlap(edit.span))?;
        if text.get(range.clone()).is_none() {
            return Err(Overlap(edit.span));
        }
        result.push_str(between);
        result.push_str(&edit.text);
        copied = range.end;
    }
    result.push_str(&text[copied..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_apply_in_the_order_of_the_text() {
        let edits = [
            Edit::replace(Span::new(4, 5), "C"),
            Edit::insert(2, "+"),
            Edit::insert(2, "-"),
        ];
        assert_eq!(apply("a b c", &edits).unwrap(), "a +-b C");
    }

    #[test]
    fn overlaps_change_nothing() {
        let overlapping = [Edit::delete(Span::new(0, 3)), Edit::delete(Span::new(2, 4))];
        assert_eq!(apply("abcd", &overlapping), Err(Overlap(Span::new(2, 4))));
        assert_eq!(
            apply("é", &[Edit::insert(1, "x")]),
            Err(Overlap(Span::at(1)))
        );
        assert_eq!(
            apply("a", &[Edit::insert(9, "x")]),
            Err(Overlap(Span::at(9)))
        );
    }
}
