//! Words and what is expanded in them.

use super::parser::{Parser, name_length};
use super::{Operation, Part, Word};
use crate::{Span, Spanned};

/// How far a pattern or braces may reach, in bytes: they are looked for from each place where they
/// could begin.
const MAX_PATTERN: usize = 512;

/// Where a word stands, which decides what is special in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// An argument.
    Argument,
    /// An argument of `export` and the like: `NAME=(a b)` is an array.
    Declaration,
    /// The value of an assignment.
    Value,
    /// A pattern of `case` or `[[ == ]]`.
    Pattern,
    /// What follows `=~`.
    Regex,
}

/// What ends the parts that are being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// A blank or an operator.
    Word(Mode),
    /// `"`.
    Quote,
    /// `}` of `${…}`; between double quotes or not.
    Brace { quoted: bool },
    /// The end of the text: a here-document, or an arithmetic expression.
    Text,
}

impl End {
    fn is_quoted(self) -> bool {
        matches!(self, End::Quote | End::Text | End::Brace { quoted: true })
    }
}

impl Parser<'_> {
    /// The word that begins here, if one does.
    pub(super) fn word(&mut self, mode: Mode) -> Option<Word> {
        let start = self.position;
        self.regex_depth = 0;
        let parts = self.parts(End::Word(mode));
        (self.position > start).then(|| Word {
            span: Span::new(start, self.position),
            parts,
        })
    }

    /// The elements of an array; the position is at its `(`.
    pub(super) fn array(&mut self) -> Word {
        let start = self.position;
        let mut words = Vec::new();
        self.position += 1;
        loop {
            self.skip_line_breaks();
            match self.word(Mode::Argument) {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if self.rest().starts_with(')') {
            self.position += 1;
        } else {
            self.error(Span::new(start, start + 1), "`(` is not followed by `)`");
        }
        let span = Span::new(start, self.position);
        Word {
            span,
            parts: vec![Spanned::new(Part::Array(words), span)],
        }
    }

    /// The text of a here-document, where expansions take place unless its delimiter is quoted.
    pub(super) fn here_document_body(&mut self, span: Span, is_quoted: bool) -> Word {
        let parts = if is_quoted {
            let text = span.of(self.text).to_owned();
            vec![Spanned::new(Part::Literal(text), span)]
        } else {
            self.within(span, |parser| parser.parts(End::Text))
        };
        Word { span, parts }
    }

    /// The expression of `((…))`, with so many bytes before it. `None`, and nothing is read, if
    /// the parentheses do not close together.
    pub(super) fn arithmetic_expression(&mut self, opening: usize) -> Option<Word> {
        let start = self.position + opening;
        let bytes = self.rest().as_bytes().get(opening..)?;
        let mut depth = 0_u32;
        let mut length = 0;
        loop {
            match bytes.get(length)? {
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b')' if bytes.get(length + 1) == Some(&b')') => break,
                b')' => return None,
                _ => {}
            }
            length += 1;
        }
        let span = Span::new(start, start + length);
        let parts = self.within(span, |parser| parser.parts(End::Text));
        self.position = start + length + 2;
        Some(Word { span, parts })
    }

    /// Reads only what is in `span`, then returns to where reading was.
    fn within<T>(&mut self, span: Span, read: impl FnOnce(&mut Self) -> T) -> T {
        let position = std::mem::replace(&mut self.position, span.start as usize);
        let end = std::mem::replace(&mut self.end, span.end as usize);
        let result = read(self);
        self.position = position;
        self.end = end;
        result
    }

    fn parts(&mut self, end: End) -> Vec<Spanned<Part>> {
        // Most words have one.
        let mut parts = Parts(Vec::with_capacity(1));
        if !self.descend() {
            return parts.0;
        }
        while let Some(next) = self.rest().chars().next() {
            let is_inside = self.begins_process(end) || next == ')' && self.regex_depth > 0;
            if ends(end, next, self.rest()) && !is_inside {
                break;
            }
            self.part(end, next, &mut parts);
        }
        self.ascend();
        parts.0
    }

    /// Reads one piece that begins with `next`. Always gets on.
    fn part(&mut self, end: End, next: char, parts: &mut Parts) {
        let is_quoted = end.is_quoted();
        match next {
            '\\' => self.escape(end, parts),
            '$' => self.dollar(end, parts),
            '`' => self.backquotes(end, parts),
            '"' if end != End::Text => self.double_quotes(parts),
            '\'' if !is_quoted => self.single_quotes(parts),
            _ if is_quoted => self.text_run(end, parts),
            _ if end == End::Word(Mode::Regex) => self.regex_run(parts),
            '<' | '>' => self.process(parts),
            '(' if end == End::Word(Mode::Declaration) && parts.end_with_equals() => {
                parts.0.extend(self.array().parts);
            }
            '~' if parts.0.is_empty() && end != End::Word(Mode::Pattern) => self.tilde(parts),
            _ => match self.pattern(end) {
                Some(pattern) => parts.0.push(pattern),
                None => self.text_run(end, parts),
            },
        }
    }

    /// Text without meaning; at least one character.
    fn text_run(&mut self, end: End, parts: &mut Parts) {
        let rest = self.rest();
        let length = rest
            .char_indices()
            .skip(1)
            .find(|(offset, next)| is_special(end, *next) || ends(end, *next, &rest[*offset..]))
            .map_or(rest.len(), |(offset, _)| offset);
        let span = self.take(length);
        parts.push_literal(span.of(self.text), span);
    }

    /// Unquoted characters of a regular expression.
    fn regex_run(&mut self, parts: &mut Parts) {
        let rest = self.rest();
        let mut length = rest.len();
        for (offset, next) in rest.char_indices() {
            let is_end = match next {
                '\\' | '$' | '"' | '\'' | '`' | '\n' => offset > 0,
                ' ' | '\t' | ')' => self.regex_depth == 0,
                _ => false,
            };
            if is_end {
                length = offset;
                break;
            }
            match next {
                '(' => self.regex_depth += 1,
                ')' => self.regex_depth -= 1,
                _ => {}
            }
        }
        let span = self.take(length.max(rest.chars().next().map_or(0, char::len_utf8)));
        let text = span.of(self.text).to_owned();
        parts.0.push(Spanned::new(Part::Pattern(text), span));
    }

    fn escape(&mut self, end: End, parts: &mut Parts) {
        let rest = &self.rest()[1..];
        let next = rest.chars().next();
        if rest.starts_with('\n') || rest.starts_with("\r\n") {
            let length = self.rest().len() - after_continuations(self.rest()).len();
            self.take(length);
            return;
        }
        let is_kept = match next {
            None => true,
            Some(next) => match end {
                End::Quote => !"$`\"\\".contains(next),
                End::Brace { quoted: true } => !"$`\"\\}".contains(next),
                End::Text => !"$`\\".contains(next),
                _ => false,
            },
        };
        if is_kept {
            let span = self.take(1);
            parts.push_literal("\\", span);
        } else if let Some(next) = next {
            let span = self.take(1 + next.len_utf8());
            parts.push_literal(&span.of(self.text)[1..], span);
        }
    }

    fn single_quotes(&mut self, parts: &mut Parts) {
        let opening = self.take(1);
        let rest = self.rest();
        let length = rest.find('\'').unwrap_or(rest.len());
        let text = &rest[..length];
        self.take(length);
        self.closing_quote('\'', opening);
        parts.push_literal(text, Span::new(opening.start as usize, self.position));
    }

    fn double_quotes(&mut self, parts: &mut Parts) {
        let opening = self.take(1);
        let quoted = self.parts(End::Quote);
        self.closing_quote('"', opening);
        if quoted.is_empty() {
            parts.push_literal("", Span::new(opening.start as usize, self.position));
        }
        for part in quoted {
            match &part.value {
                Part::Literal(text) => parts.push_literal(text, part.span),
                _ => parts.0.push(part),
            }
        }
    }

    fn closing_quote(&mut self, quote: char, opening: Span) {
        if self.rest().starts_with(quote) {
            self.take(1);
        } else {
            self.error(opening, format!("`{quote}` is not closed"));
        }
    }

    /// `$'…'`, where `\n` and the like are escapes.
    fn c_quotes(&mut self, parts: &mut Parts) {
        let opening = self.take(2);
        let rest = self.rest();
        let mut is_escaped = false;
        let closing = rest.char_indices().find(|(_, next)| {
            let found = *next == '\'' && !is_escaped;
            is_escaped = *next == '\\' && !is_escaped;
            found
        });
        let length = closing.map_or(rest.len(), |(offset, _)| offset);
        let text = unescape_c(&rest[..length]);
        self.take(length);
        self.closing_quote('\'', opening);
        parts.push_literal(&text, Span::new(opening.start as usize, self.position));
    }

    fn tilde(&mut self, parts: &mut Parts) {
        let rest = &self.rest()[1..];
        let length = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-+.".contains(byte))
            .count();
        let is_whole = rest[length..].is_empty()
            || rest[length..].starts_with(|next: char| " \t\r\n;&|<>()/:".contains(next));
        let span = self.take(if is_whole { 1 + length } else { 1 });
        let text = span.of(self.text).to_owned();
        if is_whole {
            parts.0.push(Spanned::new(Part::Tilde(text), span));
        } else {
            parts.push_literal(&text, span);
        }
    }

    /// A pattern or braces, if that is what begins here.
    fn pattern(&mut self, end: End) -> Option<Spanned<Part>> {
        let rest = self.rest();
        let bytes = &rest.as_bytes()[..rest.floor_char_boundary(MAX_PATTERN)];
        let extended = match bytes {
            [b'?' | b'*' | b'+' | b'@' | b'!', b'(', ..] if end == End::Word(Mode::Pattern) => {
                closing_parenthesis(bytes)
            }
            _ => None,
        };
        let is_argument = matches!(end, End::Word(Mode::Argument | Mode::Declaration));
        let length = extended.or_else(|| match bytes.first()? {
            b'*' | b'?' => Some(1),
            b'[' => bracket_length(bytes),
            b'{' if is_argument => braces_length(bytes),
            _ => None,
        })?;
        let span = self.take(length);
        let text = span.of(self.text).to_owned();
        let part = if text.starts_with('{') {
            Part::Braces(text)
        } else {
            Part::Pattern(text)
        };
        Some(Spanned::new(part, span))
    }

    fn begins_process(&self, end: End) -> bool {
        matches!(end, End::Word(mode) if mode != Mode::Regex)
            && (self.rest().starts_with("<(") || self.rest().starts_with(">("))
    }

    fn process(&mut self, parts: &mut Parts) {
        if !matches!(self.rest().as_bytes(), [_, b'(', ..]) {
            // Only between the braces of a parameter: a character like any other.
            let span = self.take(1);
            parts.push_literal(span.of(self.text), span);
            return;
        }
        self.substitution(parts, false, true);
    }

    fn dollar(&mut self, end: End, parts: &mut Parts) {
        let rest = self.rest();
        let quoted = end.is_quoted();
        let start = self.position;
        match rest.as_bytes() {
            [_, b'\'', ..] if !quoted => self.c_quotes(parts),
            [_, b'"', ..] if !quoted => {
                self.take(1);
                self.double_quotes(parts);
            }
            [_, b'(', b'(', ..] => match self.arithmetic_expression(3) {
                Some(expression) => {
                    let span = Span::new(start, self.position);
                    parts
                        .0
                        .push(Spanned::new(Part::Arithmetic(expression), span));
                }
                None => self.substitution(parts, quoted, false),
            },
            [_, b'(', ..] => self.substitution(parts, quoted, false),
            [_, b'{', ..] => self.parameter(parts, quoted),
            _ => {
                let length = bare_name_length(&rest[1..]);
                let span = self.take(1 + length);
                if length == 0 {
                    if end == End::Word(Mode::Regex) {
                        parts
                            .0
                            .push(Spanned::new(Part::Pattern("$".to_owned()), span));
                    } else {
                        parts.push_literal("$", span);
                    }
                    return;
                }
                let name = span.of(self.text)[1..].to_owned();
                let parameter = Part::Parameter {
                    name,
                    prefix: None,
                    operation: None,
                    quoted,
                };
                parts.0.push(Spanned::new(parameter, span));
            }
        }
    }

    /// `$(…)`, `<(…)` or `>(…)`.
    fn substitution(&mut self, parts: &mut Parts, quoted: bool, is_process: bool) {
        let opening = self.take(2);
        let statements = self.until(&[")"]);
        self.expect(")", opening);
        let substitution = Part::Substitution {
            statements,
            is_process,
            quoted,
        };
        let span = Span::new(opening.start as usize, self.position);
        parts.0.push(Spanned::new(substitution, span));
    }

    fn backquotes(&mut self, end: End, parts: &mut Parts) {
        let opening = self.take(1);
        let rest = self.rest();
        let mut is_escaped = false;
        let closing = rest.char_indices().find(|(_, next)| {
            let found = *next == '`' && !is_escaped;
            is_escaped = *next == '\\' && !is_escaped;
            found
        });
        let length = closing.map_or(rest.len(), |(offset, _)| offset);
        let inside = Span::new(self.position, self.position + length);
        let statements = self.within(inside, |parser| parser.until(&[]));
        self.take(length);
        self.closing_quote('`', opening);
        let substitution = Part::Substitution {
            statements,
            is_process: false,
            quoted: end.is_quoted(),
        };
        let span = Span::new(opening.start as usize, self.position);
        parts.0.push(Spanned::new(substitution, span));
    }

    /// `${…}`.
    fn parameter(&mut self, parts: &mut Parts, quoted: bool) {
        let opening = self.take(2);
        let prefix = self.parameter_prefix();
        let length = match bare_name_length(self.rest()) {
            1 if self
                .rest()
                .starts_with(|first: char| first.is_ascii_digit()) =>
            {
                self.rest().bytes().take_while(u8::is_ascii_digit).count()
            }
            length => length,
        };
        let name = self.take(length).of(self.text).to_owned();
        if name.is_empty() {
            self.error(opening, "`${` is not followed by a name");
        }
        let operation = self.operation(quoted);
        if self.rest().starts_with('}') {
            self.take(1);
        } else {
            self.error(opening, "`${` is not followed by `}`");
        }
        let span = Span::new(opening.start as usize, self.position);
        let parameter = Part::Parameter {
            name,
            prefix,
            operation,
            quoted,
        };
        parts.0.push(Spanned::new(parameter, span));
    }

    /// `#` or `!` before a name.
    fn parameter_prefix(&mut self) -> Option<char> {
        let rest = self.rest();
        let prefix = rest.chars().next().filter(|first| "#!".contains(*first))?;
        let is_name =
            bare_name_length(&rest[1..]) > 0 && !rest[1..].starts_with(['-', '?', '#', '!']);
        is_name.then(|| {
            self.take(1);
            prefix
        })
    }

    fn operation(&mut self, quoted: bool) -> Option<Box<Operation>> {
        const OPERATORS: [&str; 18] = [
            ":-", ":=", ":+", ":?", "##", "%%", "-", "=", "+", "?", "#", "%", ":", "/", "^", ",",
            "@", "[",
        ];
        let rest = self.rest();
        rest.chars().next().filter(|first| *first != '}')?;
        let operator = OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator))
            .unwrap_or_default()
            .to_owned();
        let start = self.position;
        self.take(operator.len());
        let operand = self.position;
        // Even between double quotes, a pattern is one.
        let is_pattern = operator.starts_with(['#', '%', '/']);
        let quoted = quoted && !is_pattern;
        let parts = self.parts(End::Brace { quoted });
        Some(Box::new(Operation {
            text: self.text[start..self.position].to_owned(),
            operator,
            operand: Word {
                span: Span::new(operand, self.position),
                parts,
            },
        }))
    }

    /// Passes over `length` bytes, at most to the end.
    fn take(&mut self, length: usize) -> Span {
        let start = self.position;
        self.position = (start + length).min(self.end);
        Span::new(start, self.position)
    }
}

/// The parts of a word so far.
struct Parts(Vec<Spanned<Part>>);

impl Parts {
    /// Adds text, to the text before it if there is some.
    fn push_literal(&mut self, text: &str, span: Span) {
        if let Some(Spanned {
            value: Part::Literal(before),
            span: known,
        }) = self.0.last_mut()
        {
            before.push_str(text);
            *known = known.to(span);
        } else {
            self.0
                .push(Spanned::new(Part::Literal(text.to_owned()), span));
        }
    }

    fn end_with_equals(&self) -> bool {
        matches!(self.0.as_slice(), [Spanned { value: Part::Literal(text), .. }] if text.ends_with('='))
    }
}

/// Whether `next`, with which `rest` begins, ends the parts.
fn ends(end: End, next: char, rest: &str) -> bool {
    match end {
        End::Word(Mode::Regex) => {
            matches!(next, ' ' | '\t' | '\n' | ')') || rest.starts_with("\r\n")
        }
        End::Word(mode) => match next {
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | ')' => true,
            '(' => mode != Mode::Declaration,
            '\r' => rest.starts_with("\r\n"),
            // A line that is continued after the word, not within it.
            '\\' if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") => {
                let rest = after_continuations(rest);
                rest.chars()
                    .next()
                    .is_none_or(|next| next != '\\' && ends(end, next, rest))
            }
            _ => false,
        },
        End::Quote => next == '"',
        End::Brace { .. } => next == '}',
        End::Text => false,
    }
}

/// What stands behind the escaped line breaks with which `text` begins.
pub(super) fn after_continuations(mut text: &str) -> &str {
    while let Some(rest) = text
        .strip_prefix("\\\n")
        .or_else(|| text.strip_prefix("\\\r\n"))
    {
        text = rest;
    }
    text
}

/// Whether `next` may begin something else than text.
fn is_special(end: End, next: char) -> bool {
    match next {
        '\\' | '$' | '`' | '"' => true,
        '\'' | '*' | '?' | '[' | '{' | '<' | '>' | '+' | '@' | '!' => !end.is_quoted(),
        '(' => end == End::Word(Mode::Declaration),
        _ => false,
    }
}

/// How many bytes of `text`, which follows a `$`, are a name.
fn bare_name_length(text: &str) -> usize {
    match name_length(text) {
        0 => usize::from(
            text.starts_with(|first: char| first.is_ascii_digit() || "@*#?$!-".contains(first)),
        ),
        length => length,
    }
}

/// The length of `?(…)` and the like.
fn closing_parenthesis(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    for (offset, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(offset + 1),
            b')' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// The length of `[…]`; nothing if the bracket stands for itself.
fn bracket_length(bytes: &[u8]) -> Option<usize> {
    let negation = usize::from(matches!(bytes.get(1), Some(b'!' | b'^')));
    let mut offset = 1 + negation;
    // A `]` that comes first is a member.
    offset += usize::from(bytes.get(offset) == Some(&b']'));
    let mut is_class = false;
    while let Some(byte) = bytes.get(offset) {
        match byte {
            b']' if is_class => is_class = false,
            b']' => return Some(offset + 1),
            b'[' if bytes.get(offset + 1) == Some(&b':') => is_class = true,
            b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'$' | b'`' | b'\\' | b'/' | b';' | b'&'
            | b'|' | b'(' | b')' | b'<' | b'>' => return None,
            _ => {}
        }
        offset += 1;
    }
    None
}

/// The length of `{a,b}` or `{1..3}`; nothing if the brace stands for itself.
fn braces_length(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    let mut is_list = false;
    for (offset, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b',' if depth == 1 => is_list = true,
            b'.' if depth == 1 && bytes.get(offset + 1) == Some(&b'.') => is_list = true,
            b'}' if depth == 1 => return is_list.then_some(offset + 1),
            b'}' => depth -= 1,
            b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'$' | b'`' | b'\\' | b';' | b'&' | b'|'
            | b'(' | b')' | b'<' | b'>' => return None,
            _ => {}
        }
    }
    None
}

/// The text of `$'…'`. An escape that names no character stays as it is written.
fn unescape_c(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(offset) = rest.find('\\') {
        result.push_str(&rest[..offset]);
        rest = &rest[offset + 1..];
        let Some(letter) = rest.chars().next() else {
            result.push('\\');
            break;
        };
        let (character, length) = match letter {
            'a' => (Some('\u{7}'), 1),
            'b' => (Some('\u{8}'), 1),
            'e' | 'E' => (Some('\u{1b}'), 1),
            'f' => (Some('\u{c}'), 1),
            'n' => (Some('\n'), 1),
            'r' => (Some('\r'), 1),
            't' => (Some('\t'), 1),
            'v' => (Some('\u{b}'), 1),
            '\\' | '\'' | '"' | '?' => (Some(letter), 1),
            'x' => number(rest, 1, 2, 16),
            'u' => number(rest, 1, 4, 16),
            'U' => number(rest, 1, 8, 16),
            '0'..='7' => number(rest, 0, 3, 8),
            _ => (None, 0),
        };
        match character {
            Some(character) => result.push(character),
            None => result.push('\\'),
        }
        rest = &rest[length..];
    }
    result.push_str(rest);
    result
}

/// The character whose number stands behind the first `skipped` bytes, in at most `digits`
/// digits, and the length of all that; none if there is no digit.
fn number(text: &str, skipped: usize, digits: usize, radix: u32) -> (Option<char>, usize) {
    let count = text[skipped..]
        .chars()
        .take(digits)
        .take_while(|digit| digit.is_digit(radix))
        .count();
    let value = u32::from_str_radix(&text[skipped..skipped + count], radix).ok();
    match value.and_then(char::from_u32) {
        Some(character) => (Some(character), skipped + count),
        None => (None, 0),
    }
}
