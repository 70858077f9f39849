//! Which tags open Ruby blocks and which close them, told by keyword.
//!
//! This is no Ruby parser: heredocs, `%w[]` literals and regular expressions that hold the word
//! `end` are misjudged. The regions are then too large rather than too small, as an unbalanced
//! block takes in all that may belong to it.

use crate::Span;
use crate::erb::{Kind, Tag};

/// The outermost blocks that reach over several tags.
pub(super) fn regions(text: &str, tags: &[Tag]) -> Vec<Span> {
    let mut regions = Vec::new();
    let mut open: Vec<Span> = Vec::new();
    let mut first_statement = None;
    for tag in tags.iter().filter(|tag| tag.kind != Kind::Comment) {
        if tag.kind == Kind::Statement {
            first_statement.get_or_insert(tag.span);
        }
        let balance = Balance::of(tag.code.of(text));
        for _ in 0..balance.closed {
            let opener = open.pop().or(first_statement).unwrap_or(tag.span);
            merge(&mut regions, opener.to(tag.span));
        }
        open.extend(std::iter::repeat_n(tag.span, balance.opened));
    }
    if let Some(opener) = open.first() {
        merge(&mut regions, opener.to(Span::at(text.len())));
    }
    regions
}

/// How many of `tags` it takes until the blocks are closed that the first `least` leave open: all of them
/// where nothing closes them.
pub(super) fn closed_after(text: &str, tags: &[Tag], least: usize) -> usize {
    let mut open = 0_usize;
    for (index, tag) in tags.iter().enumerate() {
        open = open_after(text, tag, open);
        if index + 1 >= least && open == 0 {
            return index + 1;
        }
    }
    tags.len()
}

/// How many of `tags` it takes until the block is closed that the first opens.
pub(super) fn closed_within(text: &str, tags: &[Tag]) -> Option<usize> {
    let mut open = 0_usize;
    for (index, tag) in tags.iter().enumerate() {
        open = open_after(text, tag, open);
        if open == 0 {
            return (index > 0).then_some(index + 1);
        }
    }
    None
}

/// How many blocks are open behind a tag.
fn open_after(text: &str, tag: &Tag, open: usize) -> usize {
    if tag.kind == Kind::Comment {
        return open;
    }
    let balance = Balance::of(tag.code.of(text));
    open.saturating_sub(balance.closed) + balance.opened
}

/// Adds a region that ends behind all of `regions`.
fn merge(regions: &mut Vec<Span>, mut region: Span) {
    while let Some(last) = regions.pop_if(|last| last.end >= region.start) {
        region = region.to(last);
    }
    regions.push(region);
}

/// How many blocks a piece of Ruby closes that it did not open, and leaves open.
#[derive(Default)]
struct Balance {
    closed: usize,
    opened: usize,
}

impl Balance {
    fn of(code: &str) -> Self {
        let mut balance = Self::default();
        let mut is_start = true;
        let mut is_loop = false;
        for token in Tokens(code) {
            match token {
                Token::Word("end") | Token::Punctuation('}') => balance.close(),
                Token::Word("if" | "unless") if is_start => balance.open(),
                Token::Word("while" | "until" | "for") if is_start => {
                    balance.open();
                    is_loop = true;
                }
                // The `do` of a loop is part of it.
                Token::Word("do") if is_loop => is_loop = false,
                Token::Word("case" | "begin" | "def" | "class" | "module" | "do")
                | Token::Punctuation('{') => balance.open(),
                Token::Break => is_loop = false,
                _ => {}
            }
            is_start = token.precedes_statement();
        }
        balance
    }

    fn open(&mut self) {
        self.opened += 1;
    }

    fn close(&mut self) {
        if self.opened > 0 {
            self.opened -= 1;
        } else {
            self.closed += 1;
        }
    }
}

#[derive(Clone, Copy)]
enum Token<'t> {
    /// A bare word: a keyword, or a name that is none.
    Word(&'t str),
    /// A literal, or a name that cannot be a keyword (`:if`, `if:`, `x.end`, `@end`).
    Operand,
    Punctuation(char),
    /// A newline or `;`.
    Break,
}

impl Token<'_> {
    /// Whether an `if` behind this token begins a statement, rather than qualify what it follows.
    fn precedes_statement(self) -> bool {
        match self {
            Self::Word(word) => matches!(
                word,
                "and"
                    | "begin"
                    | "do"
                    | "else"
                    | "elsif"
                    | "ensure"
                    | "if"
                    | "not"
                    | "or"
                    | "return"
                    | "then"
                    | "unless"
                    | "until"
                    | "when"
                    | "while"
            ),
            Self::Operand => false,
            Self::Punctuation(character) => !matches!(character, ')' | ']' | '}'),
            Self::Break => true,
        }
    }
}

/// The tokens of the rest of a piece of Ruby.
struct Tokens<'t>(&'t str);

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        self.0 = self.0.trim_start_matches([' ', '\t', '\r', '\x0c']);
        let first = self.0.chars().next()?;
        Some(match first {
            '#' => {
                self.take(self.0.find('\n').unwrap_or(self.0.len()));
                Token::Break
            }
            '\n' | ';' => {
                self.take(1);
                Token::Break
            }
            '"' | '\'' | '`' => {
                self.take(string_length(self.0, first));
                Token::Operand
            }
            _ if is_word(first) => self.word(),
            ':' | '.' | '@' | '$' if self.0[1..].starts_with(is_word) => {
                self.take(1);
                self.name();
                Token::Operand
            }
            ':' if self.0.starts_with("::") => {
                self.take(2);
                self.name();
                Token::Operand
            }
            _ => {
                self.take(first.len_utf8());
                Token::Punctuation(first)
            }
        })
    }
}

impl<'t> Tokens<'t> {
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn name(&mut self) -> &'t str {
        let length = self.0.find(|c| !is_word(c)).unwrap_or(self.0.len());
        self.take(length)
    }

    fn word(&mut self) -> Token<'t> {
        let word = self.name();
        let is_method = self.0.starts_with(['?', '!']) && !self.0[1..].starts_with('=');
        let is_label = self.0.starts_with(':') && !self.0.starts_with("::");
        if is_method || is_label {
            self.take(1);
            return if is_label {
                Token::Punctuation(':')
            } else {
                Token::Operand
            };
        }
        Token::Word(word)
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Bytes of the quoted string at the start of `code`, up to its closing `quote` or the end.
fn string_length(code: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (offset, character) in code.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return offset + 1,
            _ => {}
        }
    }
    code.len()
}
