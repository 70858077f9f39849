//! Where the bytes of a derived text stand in the text that it was taken from.

use std::ops::Range;

use crate::Span;

/// Maps offsets of a text that was put together from pieces of another, in order, to the offsets
/// that its bytes had there.
///
/// A logical line is the source without continuations; the value of a flag is that without quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceMap {
    /// Where the derived text begins in the source, so that an unbroken piece needs no allocation.
    start: usize,
    breaks: Vec<Break>,
}

/// The derived text goes on at another place of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Break {
    derived: usize,
    original: usize,
}

impl SourceMap {
    pub(super) fn new(start: usize) -> Self {
        Self {
            start,
            breaks: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self, start: usize) {
        self.start = start;
        self.breaks.clear();
    }

    /// From the byte at `derived` on, the text was taken from `original` on. Calls come in order.
    pub(super) fn push(&mut self, derived: usize, original: usize) {
        let last = self.breaks.last().copied().unwrap_or(Break {
            derived: 0,
            original: self.start,
        });
        if original - last.original != derived - last.derived {
            self.breaks.push(Break { derived, original });
        }
    }

    /// Where the byte at `derived` stands in the source.
    pub(super) fn original(&self, derived: usize) -> usize {
        let after = self
            .breaks
            .partition_point(|place| place.derived <= derived);
        match after.checked_sub(1).map(|index| self.breaks[index]) {
            Some(place) => place.original + (derived - place.derived),
            None => self.start + derived,
        }
    }

    /// The smallest span of the source that holds `derived`.
    pub(super) fn span(&self, derived: Range<usize>) -> Span {
        let start = self.original(derived.start);
        if derived.is_empty() {
            return Span::at(start);
        }
        // The byte after the range may stand behind a continuation that is no part of it.
        Span::new(start, self.original(derived.end - 1) + 1)
    }

    /// The map of `derived` alone.
    pub(super) fn slice(&self, derived: Range<usize>) -> Self {
        let first = self
            .breaks
            .partition_point(|place| place.derived <= derived.start);
        let breaks = self.breaks[first..]
            .iter()
            .take_while(|place| place.derived < derived.end)
            .map(|place| Break {
                derived: place.derived - derived.start,
                original: place.original,
            });
        Self {
            start: self.original(derived.start),
            breaks: breaks.collect(),
        }
    }

    /// The places of the source that were left out between two pieces.
    pub(super) fn gaps(&self) -> impl Iterator<Item = Range<usize>> {
        let first = Break {
            derived: 0,
            original: self.start,
        };
        let before = std::iter::once(first).chain(self.breaks.iter().copied());
        before.zip(&self.breaks).map(|(before, after)| {
            before.original + (after.derived - before.derived)..after.original
        })
    }
}
