//! A log of any length, heard piece by piece: nothing is kept of it but the lines that tell something.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};

use regex::Regex;

use crate::diagnose::signature::{Line, SIGNATURES, Signature};

/// How much of a line without an end is kept; a longer one is heard in pieces.
const LONGEST: usize = 256 * 1024;

/// How much of a line is shown and looked at around what it has.
const AROUND: usize = 2 * 1024;

/// What says that something ended well: a deploy, a build, a boot, Compose's services.
static ENDED_WELL: LazyLock<Vec<Line>> = LazyLock::new(|| {
    [
        ("Finished all in", r"^\s*Finished all in [\d.]+ seconds"),
        ("naming to ", r"naming to \S+ (\S+ )?done"),
        ("* Listening on http", r"\* Listening on http://"),
        (
            "Bundle complete!",
            r"Bundle complete! \d+ Gemfile dependenc",
        ),
    ]
    .map(|(has, like)| line(has, like))
    .into()
});

/// What says that something failed, whatever it was: Kamal tells how long it took in any case, and then its error.
static FAILED: LazyLock<Vec<Line>> = LazyLock::new(|| {
    [
        ("ERROR (", r"\bERROR \([A-Z][\w:]+\): "),
        ("ERROR: failed to ", r"ERROR: failed to (?:build|solve)"),
        (" aborted!", r"\b(?:rails|rake) aborted!"),
    ]
    .map(|(has, like)| line(has, like))
    .into()
});

fn line(has: &str, like: &str) -> Line {
    Line {
        has: has.to_owned(),
        like: Some(Regex::new(like).expect("the pattern is one")),
    }
}

/// All lines of all signatures.
struct Lines {
    all: Vec<&'static Line>,
    /// The texts that they have, each once.
    texts: Vec<&'static str>,
    /// The lines that have each of the texts.
    of_text: Vec<Vec<usize>>,
    /// Find whether there is any of the texts, and where: each some of them.
    any: Vec<Finder>,
    /// Finds all of them in a line.
    each: AhoCorasick,
}

static LINES: LazyLock<Lines> = LazyLock::new(|| {
    let of_signatures = SIGNATURES.iter().flat_map(of_signature);
    let all: Vec<&'static Line> = of_signatures
        .chain(ENDED_WELL.iter())
        .chain(FAILED.iter())
        .collect();
    let mut texts: Vec<&'static str> = all.iter().map(|line| line.has.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    let of_text = texts
        .iter()
        .map(|text| {
            let has = |(number, line): (usize, &&Line)| (line.has == **text).then_some(number);
            all.iter().enumerate().filter_map(has).collect()
        })
        .collect();
    Lines {
        any: texts.chunks(PACKED).map(Finder::of).collect(),
        each: automaton(&texts, MatchKind::Standard),
        all,
        texts,
        of_text,
    }
});

fn of_signature(signature: &'static Signature) -> impl Iterator<Item = &'static Line> {
    let wanted = signature.lines().iter().chain(signature.beside());
    wanted.chain(signature.never())
}

/// Finds the first of some texts.
enum Finder {
    /// With instructions that look at many bytes at a time, which know few texts.
    Packed(packed::Searcher),
    /// On any machine, and whatever the texts.
    Automaton(AhoCorasick),
}

/// How many texts are looked for at a time with such instructions (`aho_corasick::packed`).
const PACKED: usize = 32;

impl Finder {
    fn of(texts: &[&'static str]) -> Self {
        let mut builder = packed::Builder::new();
        builder.extend(texts);
        builder.build().map_or_else(
            || Self::Automaton(automaton(texts, MatchKind::LeftmostFirst)),
            Self::Packed,
        )
    }

    /// Where the first text from `from` on begins and ends.
    fn find(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let span = aho_corasick::Span::from(from..text.len());
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(text, span),
            Self::Automaton(automaton) => automaton.find(Input::new(text).span(span)),
        };
        found.map(|found| (found.start(), found.end()))
    }
}

fn automaton(texts: &[&'static str], kind: MatchKind) -> AhoCorasick {
    AhoCorasick::builder()
        .match_kind(kind)
        .build(texts)
        .expect("texts of signatures are few and short")
}

/// A line that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The log's name.
    pub path: String,
    /// The number of the line, from 1.
    pub line: u64,
    /// What it says, without what moves a cursor or changes a colour.
    pub text: String,
    /// What of it has a name.
    pub captured: BTreeMap<String, String>,
}

/// Listens to a log.
#[derive(Debug)]
pub struct Listener {
    path: String,
    /// What came of a line that has not ended.
    rest: Vec<u8>,
    line: u64,
    /// What was heard first of each line that signatures ask for.
    heard: BTreeMap<usize, Heard>,
}

impl Listener {
    /// Listens to a log of this name.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            rest: Vec::new(),
            line: 1,
            heard: BTreeMap::new(),
        }
    }

    /// Listens to another log, after what was heard of the ones before.
    pub fn begin(&mut self, path: &str) {
        self.end_line();
        path.clone_into(&mut self.path);
        self.line = 1;
    }

    /// Hears a piece, wherever it ends.
    pub fn feed(&mut self, piece: &[u8]) {
        let Some(end) = memchr::memrchr(b'\n', piece) else {
            self.keep(piece);
            return;
        };
        let (whole, rest) = piece.split_at(end + 1);
        if self.rest.is_empty() {
            self.hear(whole);
        } else {
            let mut lines = std::mem::take(&mut self.rest);
            lines.extend_from_slice(whole);
            self.hear(&lines);
        }
        self.keep(rest);
    }

    /// Hears what came of the last line.
    pub fn finish(mut self) -> Said {
        self.end_line();
        Said { heard: self.heard }
    }

    fn end_line(&mut self) {
        let rest = std::mem::take(&mut self.rest);
        self.hear(&rest);
    }

    /// Keeps the beginning of a line; of one that is too long, what may be the beginning of a text.
    fn keep(&mut self, piece: &[u8]) {
        for part in piece.chunks(LONGEST) {
            self.rest.extend_from_slice(part);
            if self.rest.len() > LONGEST {
                let line = std::mem::take(&mut self.rest);
                self.hear(&line);
                let longest = LINES.texts.iter().map(|text| text.len()).max().unwrap_or(0);
                self.rest = line[line.len() - longest..].to_vec();
            }
        }
    }

    /// Looks at whole lines, or at a piece of one.
    fn hear(&mut self, text: &[u8]) {
        let plain = plain(text);
        let text = plain.as_ref();
        let mut counted = 0;
        let mut next: Vec<Option<(usize, usize)>> = LINES
            .any
            .iter()
            .map(|finder| finder.find(text, 0))
            .collect();
        while let Some((found, found_end)) = next.iter().flatten().min().copied() {
            let start = memchr::memrchr(b'\n', &text[..found]).map_or(0, |end| end + 1);
            let end = memchr::memchr(b'\n', &text[found_end..])
                .map_or(text.len(), |length| found_end + length);
            self.line += newlines(&text[counted..start]);
            counted = start;
            let around = start.max(found.saturating_sub(AROUND));
            let until = end.min(found_end + AROUND);
            self.look(&text[around..until]);
            for (finder, next) in LINES.any.iter().zip(&mut next) {
                if next.is_some_and(|(found, _)| found < until) {
                    *next = finder.find(text, until);
                }
            }
        }
        self.line += newlines(&text[counted..]);
    }

    /// Looks at a line that has one of the texts.
    fn look(&mut self, line: &[u8]) {
        let mut text = None;
        for found in LINES.each.find_overlapping_iter(line) {
            for &number in &LINES.of_text[found.pattern().as_usize()] {
                if self.heard.contains_key(&number) {
                    continue;
                }
                let text = text.get_or_insert_with(|| String::from_utf8_lossy(line).into_owned());
                let mut captured = BTreeMap::new();
                if let Some(like) = &LINES.all[number].like {
                    let Some(captures) = like.captures(text) else {
                        continue;
                    };
                    let names = like.capture_names().flatten();
                    captured.extend(names.filter_map(|name| {
                        Some((name.to_owned(), captures.name(name)?.as_str().to_owned()))
                    }));
                }
                self.heard.insert(
                    number,
                    Heard {
                        path: self.path.clone(),
                        line: self.line,
                        text: text.trim_end().to_owned(),
                        captured,
                    },
                );
            }
        }
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

/// A text without the sequences of a terminal. Where a line was written over, what stands last is meant; all
/// of it is kept, as one line.
fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0x1b, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != 0x1b {
            plain.push(byte);
            continue;
        }
        match bytes.next_if(|byte| *byte != b'\n') {
            // A control sequence ends with a byte from `@` to `~`.
            Some(b'[') => {
                while bytes
                    .next_if(|byte| !(0x40..=0x7e).contains(byte) && *byte != b'\n')
                    .is_some()
                {}
            }
            // A command of the operating system's ends with BEL or ESC \.
            Some(b']') => {
                while bytes
                    .next_if(|byte| ![0x07, 0x1b, b'\n'].contains(byte))
                    .is_some()
                {}
            }
            _ => continue,
        }
        bytes.next_if(|byte| *byte != b'\n');
    }
    Cow::Owned(plain)
}

/// What a log said that signatures ask for.
#[derive(Clone, Debug, Default)]
pub struct Said {
    heard: BTreeMap<usize, Heard>,
}

impl Said {
    /// The first time that a line was heard.
    pub(super) fn line(&self, line: &Line) -> Option<&Heard> {
        let number = LINES
            .all
            .iter()
            .position(|known| std::ptr::eq(*known, line))?;
        self.heard.get(&number)
    }

    /// Whether it says that something ended well, and nothing else that something failed.
    pub(super) fn ended_well(&self) -> bool {
        let is_any = |lines: &[Line]| lines.iter().any(|line| self.line(line).is_some());
        is_any(&ENDED_WELL) && !is_any(&FAILED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(log: &[u8]) -> Vec<(u64, String)> {
        let mut listener = Listener::new("log");
        listener.feed(log);
        let said = listener.finish();
        said.heard
            .into_values()
            .map(|heard| (heard.line, heard.text))
            .collect()
    }

    #[test]
    fn lines_are_counted_whatever_a_terminal_is_told() {
        let told = b"\x1b\n\x1b[\n\x1b]0;title\n\x1b[1mtoomanyrequests: \x1b[0mmore\n";
        assert_eq!(heard(told), [(4, "toomanyrequests: more".to_owned())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_heard_at_its_end_and_across_pieces() {
        for before in [LONGEST - 8, LONGEST, 3 * LONGEST + 5] {
            let mut log = vec![b'x'; before];
            log.extend_from_slice(b" no space left on device\n");
            let said = heard(&log);
            assert_eq!(said.len(), 1, "{before}");
            assert_eq!(said[0].0, 1);
            assert!(said[0].1.len() <= 2 * AROUND + 64, "{}", said[0].1.len());
        }
    }
}
