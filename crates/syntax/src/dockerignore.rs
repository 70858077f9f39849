//! `.dockerignore` files, as the builder reads and applies them.
//!
//! Reading follows [moby/patternmatcher](https://github.com/moby/patternmatcher)
//! `ignorefile/ignorefile.go` and `patternmatcher.go`. Deciding follows `MatchesUsingParentResults`
//! of the latter, the way that `tonistiigi/fsutil` walks a build context with it. Patterns are not
//! those of git: they are anchored at the root of the context, so `*.key` says nothing about
//! `config/master.key`.
//!
//! Not followed is what only the regular expression behind moby's matcher makes of a pattern:
//! `^`, `|`, `{` and `}` outside brackets, `*` and `?` in brackets and `\d` are plain characters
//! here, as the documentation has it.

use std::iter::Peekable;
use std::ops::RangeInclusive;
use std::str::Chars;

use crate::{Span, SyntaxError};

/// Reads a `.dockerignore`.
pub fn parse(text: &str) -> Dockerignore {
    let mut ignore = Dockerignore {
        patterns: Vec::new(),
        errors: Vec::new(),
    };
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    for line in text[start..].split_inclusive('\n') {
        if !line.starts_with('#') && !line.trim().is_empty() {
            ignore.read(line, start);
        }
        start += line.len();
    }
    ignore
}

/// The patterns of a `.dockerignore`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerignore {
    /// In the order of the file. Malformed ones are missing.
    pub patterns: Vec<Pattern>,
    /// Malformed patterns; the builder refuses a file that has one.
    pub errors: Vec<SyntaxError>,
}

/// One line that excludes files, or brings them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Where it stands, with the `!`, without white space around it.
    pub span: Span,
    /// It begins with `!`: what it matches is not excluded.
    pub negated: bool,
    /// The pattern as it is matched: without the `!` and a leading `/`, with `.`, `..` and needless
    /// slashes resolved.
    pub text: String,
    matcher: Matcher,
}

impl Dockerignore {
    /// The pattern that decides about `path`: without it, `path` would not be, or would be,
    /// excluded. None if no pattern changes anything for it.
    ///
    /// `path` is relative to the root of the context, with `/` between its parts; whether it is a
    /// file or a directory makes no difference. A pattern that matches a directory matches what is
    /// below it. If several patterns in a row agree, it is the first of them, as the builder does
    /// not look at the others.
    pub fn decide(&self, path: &str) -> Option<&Pattern> {
        let path: Vec<&str> = path
            .split('/')
            .filter(|part| !matches!(*part, "" | "."))
            .collect();
        let path = path.join("/");
        let ends = ends(&path);
        // Whether the path up to each end is excluded by the patterns so far.
        let mut excluded = vec![false; ends.len()];
        let mut decision = None;
        for pattern in &self.patterns {
            if !excluded.contains(&pattern.negated) {
                continue;
            }
            // A pattern that would change nothing is not tried, and so does not match for what is
            // below either: `a/b` and then `!a` exclude `a/b`.
            let (mut is_match, mut changes) = (false, false);
            let matches = pattern.matcher.matches(&path, &ends);
            for (excluded, matches) in excluded.iter_mut().zip(matches) {
                let would_change = *excluded == pattern.negated;
                is_match |= would_change && matches;
                changes = would_change && is_match;
                *excluded ^= changes;
            }
            if changes {
                decision = Some(pattern);
            }
        }
        decision
    }

    /// Whether `path` is left out of the build context. See [`Self::decide`].
    pub fn excludes(&self, path: &str) -> bool {
        self.decide(path).is_some_and(|pattern| !pattern.negated)
    }

    /// Adds the pattern of a line that begins at `start` and is neither blank nor a comment.
    fn read(&mut self, line: &str, start: usize) {
        let written = line.trim();
        let start = start + line.trim_end().len() - written.len();
        let span = Span::new(start, start + written.len());
        match pattern(written, span) {
            Ok(pattern) => self.patterns.push(pattern),
            Err(message) => self.errors.push(SyntaxError::new(span, message)),
        }
    }
}

/// Where the directories in `path` end, and `path` itself.
fn ends(path: &str) -> Vec<usize> {
    let slashes = path.match_indices('/').map(|(slash, _)| slash);
    let end = (!path.is_empty()).then_some(path.len());
    slashes.chain(end).collect()
}

fn pattern(written: &str, span: Span) -> Result<Pattern, String> {
    let (negated, body) = match written.strip_prefix('!') {
        Some(body) => (true, body.trim()),
        None => (false, written),
    };
    let text = clean(body);
    if negated && matches!(text.as_str(), "" | "/") {
        return Err(format!("the pattern `{written}` brings nothing back"));
    }
    let text = match text.strip_prefix('/') {
        Some(relative) if !relative.is_empty() => relative.to_owned(),
        _ => text,
    };
    let matcher =
        Matcher::new(&text).map_err(|reason| format!("the pattern `{written}` {reason}"))?;
    Ok(Pattern {
        span,
        negated,
        text,
        matcher,
    })
}

/// Go's `filepath.Clean`, but for the empty path, which stays empty.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let is_rooted = path.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|&last| last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            _ => parts.push(part),
        }
    }
    match (is_rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) if !path.is_empty() => ".".to_owned(),
        (false, _) => parts.join("/"),
    }
}

/// How moby compares a pattern to a path; only the last kind reads the pattern as one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Matcher {
    Exact(String),
    /// `text**`.
    Prefix(String),
    /// `**text`: the text has its `/`, if it is `**/text`.
    Suffix(String),
    Glob(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Char(char),
    /// `?`: one character, but no `/`.
    One,
    /// `[a-z]` or `[^a-z]`, which may match a `/`.
    Class {
        negated: bool,
        ranges: Vec<RangeInclusive<char>>,
    },
    /// `*`: any characters, but no `/`.
    Many,
    /// `**` or `**/` before something else: nothing, or anything that ends with a `/`.
    Directories,
    /// `**` at the end.
    Everything,
}

impl Matcher {
    /// Errors say what is wrong with the pattern that is named before them.
    fn new(pattern: &str) -> Result<Self, &'static str> {
        let tokens = tokens(pattern)?;
        let is_plain = |tokens: &[Token]| {
            let is_char = |token: &Token| matches!(token, Token::Char(_));
            !pattern.contains(['\\', ']']) && tokens.iter().all(is_char)
        };
        Ok(match tokens.as_slice() {
            tokens if is_plain(tokens) => Self::Exact(pattern.to_owned()),
            [plain @ .., Token::Everything] if is_plain(plain) => {
                Self::Prefix(pattern[..pattern.len() - 2].to_owned())
            }
            [Token::Directories, plain @ ..] if is_plain(plain) => {
                Self::Suffix(pattern[2..].to_owned())
            }
            _ => Self::Glob(tokens),
        })
    }

    /// Whether the pattern matches `path` up to each of `ends`.
    fn matches(&self, path: &str, ends: &[usize]) -> Vec<bool> {
        let each = |is_match: &dyn Fn(&str) -> bool| {
            ends.iter().map(|&end| is_match(&path[..end])).collect()
        };
        match self {
            Self::Exact(text) => each(&|path| path == text),
            Self::Prefix(text) => each(&|path| path.starts_with(text)),
            Self::Suffix(text) => each(&|path| {
                path.ends_with(text) || text.strip_prefix('/').is_some_and(|text| path == text)
            }),
            Self::Glob(tokens) => glob_matches(tokens, path, ends),
        }
    }
}

impl Token {
    /// Whether the token is `c`, for those that stand for one character.
    fn is(&self, c: char) -> bool {
        match self {
            Self::Char(expected) => *expected == c,
            Self::One => c != '/',
            Self::Class { negated, ranges } => {
                ranges.iter().any(|range| range.contains(&c)) != *negated
            }
            Self::Many | Self::Directories | Self::Everything => false,
        }
    }

    /// Whether the token goes on after `c`.
    fn repeats_over(&self, c: char) -> bool {
        match self {
            Self::Many => c != '/',
            Self::Everything => true,
            _ => false,
        }
    }

    fn can_be_empty(&self) -> bool {
        matches!(self, Self::Many | Self::Directories | Self::Everything)
    }
}

/// Whether `tokens` match `path` up to each of `ends`, the last of which is its end.
///
/// Follows all ways to match at once, so the time is tokens times characters, whatever they are.
fn glob_matches(tokens: &[Token], path: &str, ends: &[usize]) -> Vec<bool> {
    // `ready[i]`: the first `i` tokens match what was read. `inside[i]`: so they do, and token `i`
    // is `**/` and has begun, so that it needs a `/` to end.
    let mut ready = vec![false; tokens.len() + 1];
    let mut next = ready.clone();
    let mut inside = ready.clone();
    let mut matches = Vec::with_capacity(ends.len());
    ready[0] = true;
    skip_empty(tokens, &mut ready);
    for (offset, c) in path.char_indices() {
        if ends[matches.len()] == offset {
            matches.push(ready[tokens.len()]);
        }
        next.fill(false);
        for (index, token) in tokens.iter().enumerate() {
            if *token == Token::Directories {
                inside[index] |= ready[index];
                next[index + 1] |= inside[index] && c == '/';
            } else if ready[index] {
                next[index + 1] |= token.is(c);
                next[index] |= token.repeats_over(c);
            }
        }
        std::mem::swap(&mut ready, &mut next);
        if !ready.contains(&true) && !inside.contains(&true) {
            break;
        }
        skip_empty(tokens, &mut ready);
    }
    // After a break no token is ready, so this is right for any of the ends that are left.
    matches.resize(ends.len(), ready[tokens.len()]);
    matches
}

fn skip_empty(tokens: &[Token], ready: &mut [bool]) {
    for (index, token) in tokens.iter().enumerate() {
        ready[index + 1] |= ready[index] && token.can_be_empty();
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' if chars.next_if_eq(&'*').is_some() => {
                chars.next_if_eq(&'/');
                match chars.peek() {
                    Some(_) => Token::Directories,
                    None => Token::Everything,
                }
            }
            '*' => Token::Many,
            '?' => Token::One,
            '[' => class(&mut chars)?,
            '\\' => Token::Char(chars.next().ok_or("ends in a backslash")?),
            _ => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// A bracket expression after its `[`, after Go's `filepath.Match`.
fn class(chars: &mut Peekable<Chars>) -> Result<Token, &'static str> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || chars.next_if_eq(&']').is_none() {
        let first = class_char(chars)?;
        let last = match chars.next_if_eq(&'-') {
            Some(_) => class_char(chars)?,
            None => first,
        };
        if last < first {
            return Err("has a reversed range in brackets");
        }
        ranges.push(first..=last);
    }
    Ok(Token::Class { negated, ranges })
}

fn class_char(chars: &mut Peekable<Chars>) -> Result<char, &'static str> {
    let c = match chars.next() {
        Some('-' | ']') => return Err("has a bracket expression that is incomplete"),
        Some('\\') => chars.next(),
        other => other,
    };
    c.ok_or("has a bracket that is not closed")
}
