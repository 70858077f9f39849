//! What a configuration file in JavaScript or TypeScript exports, as far as it is written plainly.
//!
//! Nothing is evaluated: `export default` or `module.exports =` with an object, or with a function
//! that does nothing but return one, `defineConfig(…)` around it or not. Any other way to write it is
//! read as nothing.

use crate::Span;

/// Objects deeper than this are not looked into.
const MAX_DEPTH: usize = 16;

/// The object that a text exports, where it is written there.
pub fn exported(text: &str) -> Option<Object> {
    let tokens = tokens(text);
    let start = tokens.windows(2).enumerate().find_map(|(index, pair)| {
        let is_default = pair[0].is_word("export") && pair[1].is_word("default");
        let is_module = pair[0].is_word("exports") && pair[1].is_mark(b'=');
        (is_default || is_module).then_some(index + 2)
    })?;
    Reader {
        tokens: &tokens,
        at: start,
    }
    .exported()
}

/// Whether a word stands in the code, outside of comments, strings and the like.
pub fn has_word(text: &str, word: &str) -> bool {
    tokens(text).iter().any(|token| token.is_word(word))
}

/// An object literal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    members: Vec<Member>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    /// Nothing for `...rest` and `[computed]`, which can be any key.
    key: Option<String>,
    value: Value,
}

/// What stands behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string, without anything that would have to be worked out.
    String(String, Span),
    /// An object.
    Object(Object),
    /// Anything else.
    Other,
}

/// What an object says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// Its value.
    Is(&'a Value),
    /// The object has no such key.
    Absent,
    /// What it has may come from somewhere else.
    Unknown,
}

impl Object {
    /// What it says of a key: the last one counts.
    pub fn get(&self, key: &str) -> Lookup<'_> {
        for member in self.members.iter().rev() {
            match &member.key {
                Some(name) if name == key => return Lookup::Is(&member.value),
                Some(_) => {}
                None => return Lookup::Unknown,
            }
        }
        Lookup::Absent
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    span: Span,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A name, a keyword or a number.
    Word(String),
    /// A string, escapes resolved; nothing for one that has to be worked out.
    String(Option<String>),
    /// A regular expression.
    Regex,
    /// `=>`
    Arrow,
    /// Any other character.
    Mark(u8),
}

impl Token {
    fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }

    fn is_mark(&self, mark: u8) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// Whether a `/` behind it begins a regular expression and does not divide.
    fn precedes_regex(&self) -> bool {
        match &self.kind {
            Kind::Word(word) => matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of"),
            Kind::Mark(mark) => !matches!(mark, b')' | b']' | b'}'),
            Kind::Arrow => true,
            Kind::String(_) | Kind::Regex => false,
        }
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let next = bytes.get(at + 1).copied();
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if next == Some(b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
                continue;
            }
            b'/' if next == Some(b'*') => {
                let rest = &text[at + 2..];
                at += 2 + rest.find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            quote @ (b'"' | b'\'' | b'`') => {
                at = end_of_string(bytes, at, quote);
                let is_closed = at - start >= 2 && bytes[at - 1] == quote;
                let inside = if is_closed {
                    &text[start + 1..at - 1]
                } else {
                    "\\"
                };
                // Of escapes none is needed in the name of a folder.
                let has_code = quote == b'`' && inside.contains("${");
                let is_plain = !has_code && !inside.contains('\\');
                Kind::String(is_plain.then(|| inside.to_owned()))
            }
            b'/' if tokens.last().is_none_or(Token::precedes_regex) => {
                at = end_of_regex(bytes, at);
                Kind::Regex
            }
            b'=' if next == Some(b'>') => {
                at += 2;
                Kind::Arrow
            }
            byte if is_of_word(byte) => {
                at += bytes[at..]
                    .iter()
                    .position(|&byte| !is_of_word(byte))
                    .unwrap_or(bytes.len() - at);
                Kind::Word(text[start..at].to_owned())
            }
            byte => {
                at += 1;
                Kind::Mark(byte)
            }
        };
        tokens.push(Token {
            span: Span::new(start, at),
            kind,
        });
    }
    tokens
}

/// Names may have any letter of Unicode, all of whose bytes are above ASCII.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// Behind the string that begins at `start`; a template ends behind its last backtick, whatever
/// stands in its `${…}`.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    let mut depth = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'$' if quote == b'`' && bytes.get(at + 1) == Some(&b'{') => {
                depth += 1;
                at += 1;
            }
            b'}' if depth > 0 => depth -= 1,
            byte if byte == quote && depth == 0 => return at + 1,
            b'\n' if quote != b'`' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn end_of_regex(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    let mut in_class = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => return at + 1,
            b'\n' => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes_mark(&mut self, mark: u8) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is_mark(mark));
        self.at += usize::from(is_there);
        is_there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is_word(word));
        self.at += usize::from(is_there);
        is_there
    }

    fn exported(&mut self) -> Option<Object> {
        if self.takes_word("defineConfig") && !self.takes_mark(b'(') {
            return None;
        }
        self.takes_word("async");
        if self.peek()?.is_mark(b'{') {
            return self.object(0);
        }
        if self.takes_word("function") {
            if !self.peek()?.is_mark(b'(') {
                self.at += 1;
            }
            self.skip_brackets()?;
            return self.body();
        }
        // The parameters of an arrow function, and the type of what it returns.
        if self.peek()?.is_mark(b'(') {
            self.skip_brackets()?;
            while self.peek()?.kind != Kind::Arrow {
                let is_of_type = matches!(
                    &self.peek()?.kind,
                    Kind::Word(_) | Kind::Mark(b':' | b'<' | b'>' | b'.')
                );
                if !is_of_type {
                    return None;
                }
                self.at += 1;
            }
        } else {
            self.at += 1;
        }
        if self.peek()?.kind != Kind::Arrow {
            return None;
        }
        self.at += 1;
        if self.takes_mark(b'(') {
            return self.object(0);
        }
        self.body()
    }

    /// A function's body that returns one object, whatever it does before.
    fn body(&mut self) -> Option<Object> {
        if !self.takes_mark(b'{') {
            return None;
        }
        loop {
            let token = self.peek()?;
            let branches = ["if", "switch", "for", "while", "do", "try", "function"];
            let is_branch = branches.iter().any(|word| token.is_word(word));
            if is_branch || token.kind == Kind::Arrow || token.is_mark(b'}') {
                return None;
            }
            if matches!(token.kind, Kind::Mark(b'(' | b'[' | b'{')) {
                self.skip_brackets()?;
            } else if self.takes_word("return") {
                return self.object(0);
            } else {
                self.at += 1;
            }
        }
    }

    /// An object literal that begins here.
    fn object(&mut self, depth: usize) -> Option<Object> {
        if !self.takes_mark(b'{') {
            return None;
        }
        let mut object = Object::default();
        while !self.takes_mark(b'}') {
            let member = self.member(depth)?;
            object.members.push(member);
            if !self.takes_mark(b',') && !self.peek()?.is_mark(b'}') {
                return None;
            }
        }
        Some(object)
    }

    fn member(&mut self, depth: usize) -> Option<Member> {
        let key = match self.peek()?.kind.clone() {
            Kind::Word(name) | Kind::String(Some(name)) => Some(name),
            _ => None,
        };
        if key.is_none() {
            // `...rest` and `[key]: value`.
            self.skip_value()?;
            return Some(Member {
                key,
                value: Value::Other,
            });
        }
        self.at += 1;
        if !self.takes_mark(b':') {
            // `key`, `key() {}`, `get key() {}`, `async key() {}`.
            let is_prefix = matches!(self.peek()?.kind, Kind::Word(_) | Kind::String(_));
            self.skip_value()?;
            return Some(Member {
                key: key.filter(|_| !is_prefix),
                value: Value::Other,
            });
        }
        let start = self.at;
        let plain = match self.peek()?.kind.clone() {
            Kind::String(Some(text)) => {
                let span = self.peek()?.span;
                self.at += 1;
                Some(Value::String(text, span))
            }
            Kind::Mark(b'{') if depth < MAX_DEPTH => self.object(depth + 1).map(Value::Object),
            _ => None,
        };
        let ends = self
            .peek()
            .is_some_and(|token| matches!(token.kind, Kind::Mark(b',' | b'}')));
        let value = match plain {
            Some(value) if ends => value,
            _ => {
                self.at = start;
                self.skip_value()?;
                Value::Other
            }
        };
        Some(Member { key, value })
    }

    /// Goes to the comma or bracket behind a value.
    fn skip_value(&mut self) -> Option<()> {
        loop {
            match self.peek()?.kind {
                Kind::Mark(b',' | b'}' | b']' | b')') => return Some(()),
                Kind::Mark(b'(' | b'[' | b'{') => self.skip_brackets()?,
                _ => self.at += 1,
            }
        }
    }

    /// Goes behind the bracket that closes the one here.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()?.kind {
                Kind::Mark(b'(' | b'[' | b'{') => depth += 1,
                Kind::Mark(b')' | b']' | b'}') => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}
