//! Quotes, escapes and variables within one text, after BuildKit's `frontend/dockerfile/shell/lex.go`.

use crate::Span;

/// `${a:-${b:-…}}` may nest this deep; BuildKit has no limit, and nobody comes near it.
const MAX_DEPTH: u32 = 32;

/// A piece of a lexed text. Spans are offsets of that text; quotes and the escape characters that
/// were used up lie between the pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Reads as it stands. `bare` if it is neither quoted nor escaped.
    Text { span: Span, bare: bool },
    /// `$name` or `${name…}`.
    Variable(Variable),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// From the `$` to the end of the name or the closing brace.
    pub(super) span: Span,
    pub(super) name: Span,
    pub(super) modifier: Modifier,
    /// What stands behind the modifier, up to the closing brace.
    pub(super) operand: Vec<Part>,
    /// Within double quotes.
    pub(super) quoted: bool,
}

/// What stands between a name and its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    /// Nothing: `$name`, `${name}`.
    None,
    /// `-`, and `:-` where an empty value counts as unset.
    Default { empty_is_unset: bool },
    /// `+` and `:+`.
    Alternative { empty_is_unset: bool },
    /// `?` and `:?`.
    Required { empty_is_unset: bool },
    /// `#`; a second one is the first character of the operand.
    TrimPrefix,
    /// `%`, likewise.
    TrimSuffix,
    /// `/` and `//`; the operand is the pattern and then the replacement.
    Replace,
    /// `:` and a character that BuildKit reads over, but refuses to expand.
    Unsupported,
}

/// Why a text cannot be lexed, in words for a message.
pub(super) type Malformed = &'static str;

/// A lexed text.
pub(super) struct Lexed {
    pub(super) parts: Vec<Part>,
    /// Whether any quotes were removed.
    pub(super) has_quotes: bool,
    /// Whether a variable has a modifier that cannot be expanded.
    pub(super) has_unsupported: bool,
}

/// Takes `text` apart.
pub(super) fn lex(text: &str, escape: char) -> Result<Lexed, Malformed> {
    let mut lexer = Lexer::new(text, escape);
    let parts = lexer.parts(None)?;
    Ok(Lexed {
        parts,
        has_quotes: lexer.has_quotes,
        has_unsupported: lexer.has_unsupported,
    })
}

/// The parts of a text in which quotes have no meaning: the body of a here-document.
pub(super) fn lex_unquoted(text: &str) -> Result<Vec<Part>, Malformed> {
    let mut lexer = Lexer::new(text, '\\');
    lexer.knows_quotes = false;
    lexer.parts(None)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    escape: char,
    knows_quotes: bool,
    /// In the pattern of a modifier, an escape character means something to the pattern.
    keeps_escapes: bool,
    depth: u32,
    has_quotes: bool,
    has_unsupported: bool,
}

impl<'t> Lexer<'t> {
    fn new(text: &'t str, escape: char) -> Self {
        Self {
            text,
            at: 0,
            escape,
            knows_quotes: true,
            keeps_escapes: false,
            depth: 0,
            has_quotes: false,
            has_unsupported: false,
        }
    }

    /// The parts up to `stop`, which is consumed, or up to the end of the text.
    fn parts(&mut self, stop: Option<char>) -> Result<Vec<Part>, Malformed> {
        // Most texts have one.
        let mut parts = Vec::with_capacity(1);
        while let Some(next) = self.peek() {
            if Some(next) == stop {
                self.bump();
                return Ok(parts);
            }
            match next {
                '\'' if self.knows_quotes => self.single_quoted(&mut parts)?,
                '"' if self.knows_quotes => self.double_quoted(&mut parts)?,
                '$' => self.dollar(&mut parts, false)?,
                _ if next == self.escape => self.escaped(&mut parts),
                _ => self.bare(&mut parts, stop),
            }
        }
        match stop {
            None => Ok(parts),
            Some('}') => Err("a `${` is not closed"),
            Some(_) => Err("a `/` is missing in a substitution"),
        }
    }

    fn single_quoted(&mut self, parts: &mut Vec<Part>) -> Result<(), Malformed> {
        self.has_quotes = true;
        self.bump();
        let start = self.at;
        let length = self
            .rest()
            .find('\'')
            .ok_or("a single quote is not closed")?;
        self.at += length + 1;
        push_text(parts, start, start + length, false);
        Ok(())
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>) -> Result<(), Malformed> {
        self.has_quotes = true;
        self.bump();
        let mut start = self.at;
        while let Some(next) = self.peek() {
            match next {
                '"' => {
                    push_text(parts, start, self.at, false);
                    self.bump();
                    return Ok(());
                }
                '$' => {
                    push_text(parts, start, self.at, false);
                    self.dollar(parts, true)?;
                    start = self.at;
                }
                _ if next == self.escape => {
                    let before = self.at;
                    self.bump();
                    if let Some(escaped) = self.peek()
                        && (matches!(escaped, '"' | '$') || escaped == self.escape)
                    {
                        if !self.keeps_escapes {
                            push_text(parts, start, before, false);
                            start = self.at;
                        }
                        self.bump();
                    }
                }
                _ => self.bump(),
            }
        }
        Err("a double quote is not closed")
    }

    /// The escape character and the one that it takes the meaning from.
    fn escaped(&mut self, parts: &mut Vec<Part>) {
        let before = self.at;
        self.bump();
        let start = if self.keeps_escapes { before } else { self.at };
        self.bump();
        push_text(parts, start, self.at, false);
    }

    fn bare(&mut self, parts: &mut Vec<Part>, stop: Option<char>) {
        let start = self.at;
        let (escape, knows_quotes) = (self.escape, self.knows_quotes);
        let is_special = |c: char| {
            c == '$' || c == escape || Some(c) == stop || knows_quotes && matches!(c, '\'' | '"')
        };
        self.at += self.rest().find(is_special).unwrap_or(self.rest().len());
        push_text(parts, start, self.at, true);
    }

    fn dollar(&mut self, parts: &mut Vec<Part>, quoted: bool) -> Result<(), Malformed> {
        let start = self.at;
        self.bump();
        let variable = if self.peek() == Some('{') {
            self.bump();
            self.braced(start)?
        } else {
            let name = self.name();
            if name.is_empty() {
                push_text(parts, start, self.at, !quoted);
                return Ok(());
            }
            Variable {
                span: Span::new(start, self.at),
                name,
                modifier: Modifier::None,
                operand: Vec::new(),
                quoted: false,
            }
        };
        parts.push(Part::Variable(Variable { quoted, ..variable }));
        Ok(())
    }

    /// A substitution after its `${`; `start` is the place of the `$`.
    fn braced(&mut self, start: usize) -> Result<Variable, Malformed> {
        match self.peek() {
            None => return Err("a `${` is not closed"),
            Some('{' | '}' | ':') => return Err("a substitution has no variable"),
            Some(_) => {}
        }
        let name = self.name();
        let modifier = self.modifier()?;
        let operand = match modifier {
            Modifier::None => Vec::new(),
            _ => self.operand(modifier)?,
        };
        Ok(Variable {
            span: Span::new(start, self.at),
            name,
            modifier,
            operand,
            quoted: false,
        })
    }

    fn modifier(&mut self) -> Result<Modifier, Malformed> {
        let first = self.peek().ok_or("a `${` is not closed")?;
        self.bump();
        let empty_is_unset = first == ':';
        let operator = if empty_is_unset {
            let second = self.peek().ok_or("a `${` is not closed")?;
            self.bump();
            second
        } else {
            first
        };
        match operator {
            '}' if !empty_is_unset => Ok(Modifier::None),
            '-' => Ok(Modifier::Default { empty_is_unset }),
            '+' => Ok(Modifier::Alternative { empty_is_unset }),
            '?' => Ok(Modifier::Required { empty_is_unset }),
            '#' if !empty_is_unset => Ok(Modifier::TrimPrefix),
            '%' if !empty_is_unset => Ok(Modifier::TrimSuffix),
            '/' if !empty_is_unset => Ok(Modifier::Replace),
            _ if empty_is_unset && !matches!(operator, '#' | '%') => {
                self.has_unsupported = true;
                Ok(Modifier::Unsupported)
            }
            _ => Err("a substitution has an unsupported modifier"),
        }
    }

    fn operand(&mut self, modifier: Modifier) -> Result<Vec<Part>, Malformed> {
        if self.depth == MAX_DEPTH {
            return Err("substitutions are nested too deeply");
        }
        self.depth += 1;
        let outer = self.keeps_escapes;
        self.keeps_escapes = matches!(
            modifier,
            Modifier::TrimPrefix | Modifier::TrimSuffix | Modifier::Replace
        );
        let mut operand = Vec::new();
        if modifier == Modifier::Replace {
            if self.peek() == Some('/') {
                self.bump();
            }
            operand = self.parts(Some('/'))?;
        }
        operand.extend(self.parts(Some('}'))?);
        self.keeps_escapes = outer;
        self.depth -= 1;
        Ok(operand)
    }

    /// A name, a number, or one of the shell's special parameters; empty if there is none.
    fn name(&mut self) -> Span {
        let rest = self.rest();
        let length = match rest.chars().next() {
            Some(c) if c.is_ascii_digit() => rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
            _ => rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len()),
        };
        let name = Span::new(self.at, self.at + length);
        self.at += length;
        name
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }
}

fn push_text(parts: &mut Vec<Part>, start: usize, end: usize, bare: bool) {
    if start < end {
        parts.push(Part::Text {
            span: Span::new(start, end),
            bare,
        });
    }
}
