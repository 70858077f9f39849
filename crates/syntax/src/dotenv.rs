//! Files of `KEY=value` lines: `.kamal/secrets`, `.env`.
//!
//! The rules are those of the Ruby gem dotenv 3.2 (`lib/dotenv/parser.rb` and
//! `lib/dotenv/substitutions`), with the command substitution that Kamal 2 puts in its place
//! (`lib/kamal/secrets/dotenv/inline_command_substitution.rb`). What the gem would evaluate is only
//! found here: no command is run, no variable looked up.
//!
//! Such files hold secrets, so a document holds *no text of a value*: of literal text it knows the
//! length, of a command the program and, for `kamal secrets`, which secrets it looks up. Whoever
//! prints a document, an entry or an error can print no secret.

use crate::shell::{self, Part as ShellPart, Script, Word};
use crate::{Span, Spanned, SyntaxError};

/// What is said of a line that the gem passes over, and that changes nothing of the others.
pub const PASSED_OVER: &str = "the line is not an assignment and is passed over";

/// Finds the entries of `text`.
///
/// An error marks what the gem silently passes over or reads in another way than it looks: a line
/// that is no assignment, an `export` of a variable that is not set, a `$(` without its `)`.
pub fn parse(text: &str) -> Dotenv {
    let mut parser = Parser {
        text,
        position: if text.starts_with('\u{feff}') { 3 } else { 0 },
        dotenv: Dotenv::default(),
    };
    parser.lines();
    parser.dotenv
}

/// The entries of a file, without their values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dotenv {
    /// The assignments in the order of the text, with those that later ones replace.
    pub entries: Vec<Entry>,
    /// What is not read as it looks.
    pub errors: Vec<SyntaxError>,
}

impl Dotenv {
    /// The assignment of `name` that counts: the last one.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.key.value == name)
    }

    /// The names that are assigned, each once, in the order of their first assignment.
    pub fn names(&self) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        self.entries
            .iter()
            .map(|entry| entry.key.value.as_str())
            .filter(|name| seen.insert(*name))
            .collect()
    }
}

/// `KEY=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From the key (or the `export` before it) to the end of the value.
    pub span: Span,
    /// The name.
    pub key: Spanned<String>,
    /// The value with its quotes, without blanks and comment around it.
    pub value_span: Span,
    /// How the value is quoted.
    pub quotes: Quotes,
    /// What the value is made of.
    pub value: Value,
}

/// What stands around a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// Nothing: a `#` ends the value.
    None,
    /// `'…'`: nothing is substituted.
    Single,
    /// `"…"`.
    Double,
}

/// What a value is made of; never its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing stands there.
    Empty,
    /// Only text, which may be a secret.
    Literal {
        /// Its length, after escapes.
        characters: usize,
    },
    /// Text, variables and commands.
    Parts(Vec<Part>),
}

impl Value {
    /// The commands whose output is put in.
    pub fn commands(&self) -> impl Iterator<Item = &Command> {
        self.parts().iter().filter_map(|part| match part {
            Part::Command(command) => Some(command),
            _ => None,
        })
    }

    /// The variables that are put in, or into a command before it runs.
    pub fn variables(&self) -> Vec<&Spanned<String>> {
        self.parts()
            .iter()
            .flat_map(|part| match part {
                Part::Literal { .. } => &[],
                Part::Variable(name) => std::slice::from_ref(name),
                Part::Command(command) => command.variables.as_slice(),
            })
            .collect()
    }

    fn parts(&self) -> &[Part] {
        match self {
            Value::Parts(parts) => parts,
            Value::Empty | Value::Literal { .. } => &[],
        }
    }
}

/// A piece of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text, which may be a secret.
    Literal {
        /// Its length, after escapes.
        characters: usize,
    },
    /// `$NAME` or `${NAME}`: a name that was assigned above, or else an environment variable.
    Variable(Spanned<String>),
    /// `$(…)`.
    Command(Command),
}

/// `$(…)`, without its text: that may hold a secret as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// From `$(` to `)`.
    pub span: Span,
    /// The first program, if its name is literal: `op`, `gh`, `kamal`.
    pub program: Option<String>,
    /// What a `kamal secrets` command looks up.
    pub lookup: Option<Lookup>,
    /// The variables that the gem puts into the command before it runs, even between single quotes.
    pub variables: Vec<Spanned<String>>,
}

/// A `kamal secrets` command, which Kamal runs in its own process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// `kamal secrets fetch`.
    Fetch {
        /// `--adapter` or `-a`.
        adapter: Option<String>,
        /// `--account`.
        account: Option<String>,
        /// `--from`: a vault or a folder.
        from: Option<String>,
        /// The names of the secrets; those that are not literal are left out.
        secrets: Vec<String>,
    },
    /// `kamal secrets extract`: one secret from what a fetch gave.
    Extract {
        /// The name of the secret.
        name: Option<String>,
        /// The variable with what was fetched.
        source: Option<String>,
    },
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    dotenv: Dotenv,
}

impl<'a> Parser<'a> {
    /// The gem looks for its line pattern from each beginning of a line, and what it does not match
    /// is passed over.
    fn lines(&mut self) {
        // Behind `KEY=-----BEGIN…` without quotes: the lines of the key are no entries.
        let mut is_in_key_block = false;
        loop {
            self.position += blanks(self.rest());
            if self.rest().is_empty() {
                return;
            }
            let line = line(self.rest());
            if is_in_key_block {
                is_in_key_block = !line.contains("-----END");
                self.error(
                    line.len(),
                    "a line of a key block is not part of the value above, which has no quotes",
                );
            } else if !line.starts_with('#') {
                match self.entry() {
                    // What ends so is the last line of a secret in Base64, rather than a key.
                    Some((entry, _)) if entry.value_span.of(self.text) == "=" => {
                        self.no_assignment(line);
                    }
                    Some((entry, end)) => {
                        let value = entry.value_span.of(self.text);
                        is_in_key_block = entry.quotes == Quotes::None
                            && value.contains("-----BEGIN")
                            && !value.contains("-----END");
                        self.position = end;
                        self.dotenv.entries.push(entry);
                    }
                    None => self.no_assignment(line),
                }
            }
            self.position += self::line(self.rest()).len();
        }
    }

    /// A line without a value: `export KEY`, `KEY`, or anything else.
    fn no_assignment(&mut self, line: &str) {
        let line = line
            .split('#')
            .next()
            .unwrap_or_default()
            .trim_end_matches(is_blank);
        let exported = line
            .strip_prefix("export")
            .filter(|rest| rest.starts_with(is_blank));
        let name = exported.unwrap_or(line).trim_start_matches(is_blank);
        // Names in capitals only: another word may be a piece of a secret that lost its key.
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if exported.is_some() && key_length(name) == name.len() {
            if self.dotenv.get(name).is_none() {
                self.error(
                    line.len(),
                    "`export` names a variable that is not set above",
                );
            }
            return;
        }
        if !is_name {
            return self.error(line.len(), PASSED_OVER);
        }
        self.error(line.len(), "a name without `=` becomes an empty value");
        let start = self.position;
        let span = Span::new(start, start + name.len());
        self.dotenv.entries.push(Entry {
            span,
            key: Spanned::new(name.to_owned(), span),
            value_span: Span::at(start + name.len()),
            quotes: Quotes::None,
            value: Value::Empty,
        });
    }

    /// The assignment that begins here, and where the line ends.
    fn entry(&mut self) -> Option<(Entry, usize)> {
        let start = self.position;
        let after_export = self.rest().strip_prefix("export").map(blanks);
        let exported = after_export
            .filter(|length| *length > 0)
            .map(|length| start + 6 + length);
        // The variable may as well be called `export`.
        let candidates = [exported, Some(start)];
        let (key, value_start) = candidates
            .into_iter()
            .flatten()
            .find_map(|at| self.key(at))?;
        let (raw, end) = self.raw_value(value_start);
        let (inner, quotes) = unquoted(raw, self.text);
        let value = self.value(inner, quotes);
        let value_span = if raw.is_empty() {
            Span::at(value_start)
        } else {
            raw
        };
        let entry = Entry {
            span: Span::new(start, value_span.end as usize),
            key,
            value_span,
            quotes,
            value,
        };
        Some((entry, end))
    }

    /// The key at `start`, and where its value may begin.
    fn key(&self, start: usize) -> Option<(Spanned<String>, usize)> {
        let text = &self.text[start..];
        let length = key_length(text);
        if length == 0 {
            return None;
        }
        let after = &text[length..];
        let separator = if let Some(rest) = after.strip_prefix(':') {
            // At least one blank; even a line break, so that the value is the next line.
            1 + rest
                .chars()
                .next()
                .filter(|next| is_blank(*next))?
                .len_utf8()
        } else {
            let blanks = blanks(after);
            after[blanks..].starts_with('=').then_some(blanks + 1)?
        };
        let key = Spanned::new(text[..length].to_owned(), Span::new(start, start + length));
        Some((key, start + length + separator))
    }

    /// The bytes of the value that begins at `start`, without blanks around them, and where its
    /// line ends.
    fn raw_value(&mut self, start: usize) -> (Span, usize) {
        let text = &self.text[start..];
        let skipped = blanks(text);
        if let Some(quote) = text[skipped..]
            .chars()
            .next()
            .filter(|next| matches!(next, '\'' | '"'))
        {
            let opening = start + skipped;
            if let Some(closing) = self.closing_quote(opening, quote) {
                let end = closing + 1;
                return (Span::new(opening, end), end + line(&self.text[end..]).len());
            }
            let message =
                format!("`{quote}` is not closed, or something else than a comment follows");
            self.dotenv
                .errors
                .push(SyntaxError::new(Span::new(opening, opening + 1), message));
        }
        let line = line(text);
        let value = line.split('#').next().unwrap_or_default();
        let trimmed = value.trim_matches(is_blank);
        let begin = start + (value.len() - value.trim_start_matches(is_blank).len());
        (Span::new(begin, begin + trimmed.len()), start + line.len())
    }

    /// Where the value that is opened at `opening` is closed: at the quote that no `\` precedes,
    /// or, if more than a comment follows there, at the last one before that.
    fn closing_quote(&self, opening: usize, quote: char) -> Option<usize> {
        let text = &self.text[opening + 1..];
        let mut last_escaped = None;
        let mut before = None;
        for (offset, next) in text.char_indices() {
            if next == quote {
                let is_escaped = before == Some('\\');
                let after = text[offset + 1..].trim_start_matches([' ', '\t', '\u{b}', '\u{c}']);
                let is_last = after.is_empty() || after.starts_with(['#', '\n', '\r']);
                match (is_escaped, is_last) {
                    (false, true) => return Some(opening + 1 + offset),
                    (false, false) => break,
                    (true, true) => last_escaped = Some(opening + 1 + offset),
                    (true, false) => {}
                }
            }
            before = Some(next);
        }
        last_escaped
    }

    fn value(&mut self, span: Span, quotes: Quotes) -> Value {
        if quotes == Quotes::Single {
            let characters = span.of(self.text).replace("\r\n", "\n").chars().count();
            return literal(characters);
        }
        let letters = unescaped(span, self.text, quotes);
        let parts = self.parts(&letters);
        match parts.as_slice() {
            [] => Value::Empty,
            [Part::Literal { characters }] => literal(*characters),
            _ => Value::Parts(parts),
        }
    }

    fn parts(&mut self, letters: &[Letter]) -> Vec<Part> {
        let closings = closings(letters);
        let mut parts = Vec::new();
        let mut characters = 0;
        let mut index = 0;
        // The end of a `\$(…)`, in which no other command is run.
        let mut escaped_end = 0;
        let mut push = |characters: &mut usize, part: Option<Part>| {
            if *characters > 0 {
                parts.push(Part::Literal {
                    characters: std::mem::take(characters),
                });
            }
            parts.extend(part);
        };
        while let Some(letter) = letters.get(index) {
            let is_escaped = index > 0 && letters[index - 1].character == '\\';
            if letter.character != '$' {
                // The `\` of `\$` goes.
                let is_dropped = letter.character == '\\'
                    && letters
                        .get(index + 1)
                        .is_some_and(|next| next.character == '$');
                characters += usize::from(!is_dropped);
                index += 1;
                continue;
            }
            let closing = closings.get(index + 1).copied().flatten();
            if is_escaped {
                escaped_end = escaped_end.max(closing.unwrap_or_default());
            }
            if let Some(closing) = closing.filter(|_| !is_escaped && index >= escaped_end) {
                let span = letter.span.to(letters[closing].span);
                let command = command(span, &letters[index + 2..closing]);
                push(&mut characters, Some(Part::Command(command)));
                index = closing + 1;
                continue;
            }
            if let Some((name, length)) = variable(&letters[index..]).filter(|_| !is_escaped) {
                push(&mut characters, Some(Part::Variable(name)));
                index += length;
                continue;
            }
            let opens = letters
                .get(index + 1)
                .is_some_and(|next| next.character == '(');
            if opens && !is_escaped && index >= escaped_end {
                let error =
                    SyntaxError::new(letter.span, "`$(` has no `)` of its own, so it is text");
                self.dotenv.errors.push(error);
            }
            characters += 1;
            index += 1;
        }
        push(&mut characters, None);
        parts
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// An error about the next `length` bytes. It must not tell what they are.
    fn error(&mut self, length: usize, message: &str) {
        let span = Span::new(self.position, self.position + length);
        self.dotenv.errors.push(SyntaxError::new(span, message));
    }
}

fn literal(characters: usize) -> Value {
    if characters == 0 {
        Value::Empty
    } else {
        Value::Literal { characters }
    }
}

/// What Ruby's `\s` matches.
fn is_blank(next: char) -> bool {
    matches!(next, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// How many bytes of blanks `text` begins with, line breaks among them.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(is_blank).len()
}

/// How many bytes of a key `text` begins with.
fn key_length(text: &str) -> usize {
    text.bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
        .count()
}

/// `text` up to the line break; a lone carriage return is one, too.
fn line(text: &str) -> &str {
    text.split(['\n', '\r']).next().unwrap_or_default()
}

/// The value without the quotes around it.
fn unquoted(raw: Span, text: &str) -> (Span, Quotes) {
    let value = raw.of(text);
    for (quote, quotes) in [('\'', Quotes::Single), ('"', Quotes::Double)] {
        if value.len() >= 2 && value.starts_with(quote) && value.ends_with(quote) {
            return (
                Span::new(raw.start as usize + 1, raw.end as usize - 1),
                quotes,
            );
        }
    }
    (raw, Quotes::None)
}

/// A character of a value after its escapes, and where it stands.
#[derive(Clone, Copy)]
struct Letter {
    character: char,
    span: Span,
}

/// The value in `span` without escapes. `\$` stays: it is for the substitutions. Between double
/// quotes `\n` and `\r` stay as they are written, two characters; only in the legacy mode of the
/// gem do they become line breaks.
fn unescaped(span: Span, text: &str, quotes: Quotes) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(span.len());
    let mut rest = span.of(text).char_indices().peekable();
    while let Some((offset, character)) = rest.next() {
        let next = rest.peek().copied();
        let letter = |character, length| {
            let span = Span::new(offset, offset + length).shifted(span.start as usize);
            Letter { character, span }
        };
        match (character, next) {
            ('\r', Some((_, '\n'))) => {}
            ('\\', Some((_, 'n' | 'r'))) if quotes == Quotes::Double => {
                letters.push(letter('\\', 1));
            }
            ('\\', Some((_, next))) if next != '$' => {
                letters.push(letter(next, 1 + next.len_utf8()));
                rest.next();
            }
            _ => letters.push(letter(character, character.len_utf8())),
        }
    }
    letters
}

/// For each `(`, where its `)` is, as Kamal's pattern for commands has it: parentheses are
/// balanced, `\` hides one, and there is something between them.
fn closings(letters: &[Letter]) -> Vec<Option<usize>> {
    let mut closings = vec![None; letters.len()];
    // Those that are open, and whether they can still match.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut index = 0;
    while let Some(letter) = letters.get(index) {
        match letter.character {
            '\\' => {
                index += 1;
                if letters.get(index).is_none_or(|next| next.character == '\n') {
                    open.clear();
                }
            }
            '(' => open.push((index, true)),
            ')' => {
                if let Some((opening, matches)) = open.pop() {
                    if matches && index > opening + 1 {
                        closings[opening] = Some(index);
                    } else if let Some((_, outer)) = open.last_mut() {
                        *outer = false;
                    }
                }
            }
            _ => {}
        }
        index += 1;
    }
    closings
}

/// The variable that `letters`, the first of which is `$`, begin with, and how many they are.
fn variable(letters: &[Letter]) -> Option<(Spanned<String>, usize)> {
    let is = |index: usize, character: char| {
        letters
            .get(index)
            .is_some_and(|letter| letter.character == character)
    };
    let brace = usize::from(is(1, '{'));
    let name: String = letters[1 + brace..]
        .iter()
        .map(|letter| letter.character)
        .take_while(|next| *next == '_' || next.is_ascii_alphanumeric())
        .collect();
    if name.is_empty() {
        return None;
    }
    let end = 1 + brace + name.len();
    let length = end + usize::from(is(end, '}'));
    let span = letters[0].span.to(letters[length - 1].span);
    Some((Spanned::new(name, span), length))
}

/// What is known of the command between `$(` and `)`.
fn command(span: Span, letters: &[Letter]) -> Command {
    let text: String = letters.iter().map(|letter| letter.character).collect();
    let script = shell::parse(&text);
    Command {
        span,
        program: program(&script),
        lookup: lookup(&script),
        variables: variables(letters),
    }
}

fn variables(letters: &[Letter]) -> Vec<Spanned<String>> {
    let mut variables = Vec::new();
    let mut index = 0;
    while index < letters.len() {
        let is_variable =
            letters[index].character == '$' && (index == 0 || letters[index - 1].character != '\\');
        match variable(&letters[index..]).filter(|_| is_variable) {
            Some((name, length)) => {
                variables.push(name);
                index += length;
            }
            None => index += 1,
        }
    }
    variables
}

fn program(script: &Script) -> Option<String> {
    let name = script.commands().first()?.name()?;
    let name = name.rsplit('/').next()?;
    (!name.is_empty() && name.len() <= 32).then(|| name.to_owned())
}

fn lookup(script: &Script) -> Option<Lookup> {
    let commands = script.commands();
    let words = &commands.first()?.words;
    let is = |index: usize, text: &str| {
        words.get(index).and_then(Word::literal).as_deref() == Some(text)
    };
    if !is(0, "kamal") || !is(1, "secrets") {
        return None;
    }
    let arguments = &words[2..];
    if is(2, "fetch") {
        return Some(fetch(&arguments[1..]));
    }
    if is(2, "extract") {
        let name = arguments.get(1).and_then(Word::literal);
        let source = arguments.get(2).and_then(only_variable);
        return Some(Lookup::Extract { name, source });
    }
    None
}

fn fetch(arguments: &[Word]) -> Lookup {
    let (mut adapter, mut account, mut from) = (None, None, None);
    let mut secrets = Vec::new();
    let mut rest = arguments.iter().map(Word::literal);
    while let Some(argument) = rest.next() {
        let Some(argument) = argument else { continue };
        let (flag, value) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => {
                (flag.to_owned(), Some(value.to_owned()))
            }
            _ => (argument, None),
        };
        let option = match flag.as_str() {
            "--adapter" | "-a" => &mut adapter,
            "--account" => &mut account,
            "--from" => &mut from,
            _ if flag.starts_with('-') => continue,
            _ => {
                secrets.push(flag);
                continue;
            }
        };
        *option = value.or_else(|| rest.next().flatten());
    }
    Lookup::Fetch {
        adapter,
        account,
        from,
        secrets,
    }
}

/// The name, if `word` is a variable and nothing else.
fn only_variable(word: &Word) -> Option<String> {
    match word.parts.as_slice() {
        [
            Spanned {
                value:
                    ShellPart::Parameter {
                        name,
                        operation: None,
                        prefix: None,
                        ..
                    },
                ..
            },
        ] => Some(name.clone()),
        _ => None,
    }
}
