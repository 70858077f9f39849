//! Patterns of `case`, `[[ == ]]` and `${x#…}`.

/// A pattern that is understood.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Character(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// `[a-z]`
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    /// Adds text that stands for itself.
    pub(super) fn push_text(&mut self, text: &str) {
        self.0.extend(text.chars().map(Piece::Character));
    }

    /// Adds what is special, as it is written. `false` if it is not understood.
    pub(super) fn push_pattern(&mut self, text: &str) -> bool {
        let mut rest = text.chars().peekable();
        while let Some(next) = rest.next() {
            match next {
                '?' | '*' | '+' | '@' | '!' if rest.peek() == Some(&'(') => return false,
                '?' => self.0.push(Piece::One),
                '*' if matches!(self.0.last(), Some(Piece::Any)) => {}
                '*' => self.0.push(Piece::Any),
                '[' => match class(&mut rest) {
                    Some(class) => self.0.push(class),
                    None => return false,
                },
                '\\' => return false,
                _ => self.0.push(Piece::Character(next)),
            }
        }
        true
    }

    /// Whether everything matches.
    pub(super) fn is_any(&self) -> bool {
        matches!(self.0.as_slice(), [Piece::Any])
    }

    /// Whether all of `text` matches.
    pub(super) fn matches(&self, text: &[char]) -> bool {
        let pieces = &self.0;
        let (mut piece, mut offset) = (0, 0);
        // Where to go on if what follows the last `*` does not match.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match pieces.get(piece) {
                Some(Piece::Any) => {
                    piece += 1;
                    retry = Some((piece, offset));
                    continue;
                }
                Some(single) if text.get(offset).is_some_and(|next| single.accepts(*next)) => {
                    piece += 1;
                    offset += 1;
                    continue;
                }
                None if offset == text.len() => return true,
                _ => {}
            }
            match retry {
                Some((after, start)) if start < text.len() => {
                    retry = Some((after, start + 1));
                    (piece, offset) = (after, start + 1);
                }
                _ => return false,
            }
        }
    }
}

impl Piece {
    fn accepts(&self, next: char) -> bool {
        match self {
            Piece::Character(character) => *character == next,
            Piece::One | Piece::Any => true,
            Piece::Class { is_negated, ranges } => {
                ranges
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&next))
                    != *is_negated
            }
        }
    }
}

/// The class whose `[` was just read. Only ASCII ranges: others depend on the locale.
fn class(rest: &mut std::iter::Peekable<std::str::Chars>) -> Option<Piece> {
    let is_negated = rest.next_if(|next| matches!(next, '!' | '^')).is_some();
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        let first = rest.next()?;
        if first == ']' && !ranges.is_empty() {
            return Some(Piece::Class { is_negated, ranges });
        }
        if first == '[' && matches!(rest.peek(), Some(':' | '.' | '=')) {
            return None;
        }
        let mut last = first;
        if rest.next_if_eq(&'-').is_some() {
            match rest.next()? {
                ']' => {
                    ranges.extend([(first, first), ('-', '-')]);
                    return Some(Piece::Class { is_negated, ranges });
                }
                end => last = end,
            }
            let is_plain =
                |first: char, last: char| first.is_ascii_digit() && last.is_ascii_digit();
            // Letters in a range are ordered by the locale.
            if !is_plain(first, last) && first != last {
                return None;
            }
        }
        ranges.push((first, last));
    }
}
