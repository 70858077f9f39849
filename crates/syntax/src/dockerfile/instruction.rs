//! One instruction out of one logical line, after BuildKit's `frontend/dockerfile/parser`
//! (`split_command.go`, `line_parsers.go`) and `frontend/dockerfile/instructions/parse.go`.

use std::ops::Range;

use super::exec::{self, ExecForm};
use super::lines::LogicalLine;
use super::source_map::SourceMap;
use super::{Arguments, Flag, Instruction, Keyword, Pair, ShellText, Word};
use crate::{Span, Spanned, SyntaxError};

/// What separates the keyword from its arguments, and arguments from each other.
const BLANKS: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// Reads the instructions of one logical line: one, or two where the first is `ONBUILD`.
pub(super) struct Reader<'l> {
    pub(super) source: &'l str,
    pub(super) line: &'l LogicalLine,
    pub(super) escape: char,
    pub(super) errors: &'l mut Vec<SyntaxError>,
}

impl Reader<'_> {
    /// The instruction of the whole line. Its here-documents are not read yet.
    pub(super) fn read(&mut self) -> Instruction {
        let mut instruction = self.instruction(0..self.line.text.len(), false);
        instruction.span = Span::new(self.line.start, self.line.end);
        instruction
    }

    fn instruction(&mut self, range: Range<usize>, is_trigger: bool) -> Instruction {
        let range = self.line.trim(range);
        let text = self.text(range.clone());
        let keyword_end = range.start + text.find(BLANKS).unwrap_or(text.len());
        let keyword = self.keyword(range.start..keyword_end, is_trigger);
        let (flags, flags_end) = self.flags(keyword_end..range.end);
        let arguments = self.line.trim(flags_end..range.end);
        Instruction {
            span: Span::new(self.line.map.original(range.start), self.line.end),
            arguments: self.arguments(&keyword, arguments.clone(), is_trigger),
            keyword,
            flags,
            heredocs: Vec::new(),
            arguments_span: self.line.span(arguments),
        }
    }

    fn keyword(&mut self, range: Range<usize>, is_trigger: bool) -> Spanned<Keyword> {
        let word = self.text(range.clone());
        let keyword = Keyword::known(word).unwrap_or_else(|| Keyword::Unknown(word.to_owned()));
        let message = match keyword {
            Keyword::Unknown(_) if word.is_empty() => {
                Some("a continuation has no instruction".to_owned())
            }
            Keyword::Unknown(_) => Some(format!("`{word}` is no instruction")),
            Keyword::From | Keyword::Maintainer | Keyword::Onbuild if is_trigger => {
                Some(format!("{} is not allowed after ONBUILD", keyword.name()))
            }
            _ => None,
        };
        if let Some(message) = message {
            self.error(range.clone(), message);
        }
        Spanned::new(keyword, self.line.span(range))
    }

    /// The flags at the start of `range`, and where the arguments begin. `--` ends the flags.
    fn flags(&self, range: Range<usize>) -> (Vec<Flag>, usize) {
        let mut flags = Vec::new();
        let mut at = range.start;
        loop {
            let rest = self.text(at..range.end).trim_start();
            at = range.end - rest.len();
            if !rest.starts_with("--") {
                return (flags, at);
            }
            let word = UnquotedWord::read(self.line, at..range.end, self.escape);
            at = word.end;
            if word.text == "--" {
                return (flags, at);
            }
            flags.push(word.into_flag(self.line));
        }
    }

    fn arguments(
        &mut self,
        keyword: &Spanned<Keyword>,
        range: Range<usize>,
        is_trigger: bool,
    ) -> Arguments {
        let needs = |reader: &mut Self, what: &str| {
            let message = format!("{} needs {what}", keyword.name());
            reader.errors.push(SyntaxError::new(keyword.span, message));
            Arguments::None
        };
        if range.is_empty() {
            return match keyword.value {
                Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Unknown(_) => {
                    Arguments::None
                }
                Keyword::From => needs(self, "an image"),
                Keyword::Add | Keyword::Copy => needs(self, "a source and a destination"),
                Keyword::Onbuild => needs(self, "an instruction"),
                Keyword::Healthcheck => needs(self, "CMD or NONE"),
                _ => needs(self, "an argument"),
            };
        }
        match keyword.value {
            Keyword::From => self.from(range),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => self.command(range),
            Keyword::Shell => self.shell(range),
            Keyword::Add | Keyword::Copy => self.paths(keyword, range),
            Keyword::Volume => self
                .exec(range.clone())
                .unwrap_or_else(|| self.words(range)),
            Keyword::Expose => self.words(range),
            Keyword::User | Keyword::Workdir | Keyword::Stopsignal => {
                Arguments::Words(vec![self.word(range)])
            }
            Keyword::Maintainer => Arguments::Words(vec![Word::verbatim(self.line, range)]),
            Keyword::Env | Keyword::Label => self.assignments(keyword, range),
            Keyword::Arg => self.build_arguments(keyword, range),
            Keyword::Healthcheck => self.healthcheck(range),
            Keyword::Onbuild if is_trigger => self.shell_text(range),
            Keyword::Onbuild => Arguments::Onbuild(Box::new(self.instruction(range, true))),
            Keyword::Unknown(_) => self.shell_text(range),
        }
    }

    fn from(&mut self, range: Range<usize>) -> Arguments {
        let words: Vec<_> = self.split(range).collect();
        let is_staged = words.len() == 3 && self.text(words[1].clone()).eq_ignore_ascii_case("as");
        let stage = is_staged.then(|| words[2].clone());
        if !is_staged && words.len() > 1 {
            let message = "FROM takes an image, or an image, AS and a name";
            self.error(words[1].start..words[words.len() - 1].end, message);
        }
        if let Some(name) = &stage
            && !is_stage_name(self.text(name.clone()))
        {
            let message = format!(
                "`{}` cannot name a stage: a letter, then letters, digits, `-`, `_` and `.` can",
                self.text(name.clone())
            );
            self.error(name.clone(), message);
        }
        Arguments::From {
            image: self.word(words[0].clone()),
            separator: is_staged.then(|| self.line.span(words[1].clone())),
            stage: stage
                .map(|name| Spanned::new(self.text(name.clone()).to_owned(), self.line.span(name))),
        }
    }

    fn command(&mut self, range: Range<usize>) -> Arguments {
        self.exec(range.clone())
            .unwrap_or_else(|| self.shell_text(range))
    }

    fn shell(&mut self, range: Range<usize>) -> Arguments {
        match self.exec(range.clone()) {
            Some(Arguments::Exec(strings)) if strings.is_empty() => {
                self.error(range, "SHELL needs an argument");
                Arguments::Exec(strings)
            }
            Some(arguments) => arguments,
            None => {
                self.error(range.clone(), "the arguments of SHELL are not a JSON array");
                self.shell_text(range)
            }
        }
    }

    fn paths(&mut self, keyword: &Keyword, range: Range<usize>) -> Arguments {
        let arguments = self
            .exec(range.clone())
            .unwrap_or_else(|| self.words(range.clone()));
        let count = match &arguments {
            Arguments::Exec(strings) => strings.len(),
            Arguments::Words(words) => words.len(),
            _ => return arguments,
        };
        if count < 2 {
            let message = format!("{} needs a source and a destination", keyword.name());
            self.error(range, message);
        }
        arguments
    }

    /// The exec form. An array of anything but strings is an error, and then read as if it were
    /// no JSON.
    fn exec(&mut self, range: Range<usize>) -> Option<Arguments> {
        match exec::read(self.text(range.clone())) {
            ExecForm::Strings(strings) => {
                let spanned = strings.into_iter().map(|(string, place)| {
                    let place = range.start + place.start..range.start + place.end;
                    Spanned::new(string, self.line.span(place))
                });
                Some(Arguments::Exec(spanned.collect()))
            }
            ExecForm::NotStrings => {
                self.error(
                    range,
                    "a JSON array of arguments holds something other than strings",
                );
                None
            }
            ExecForm::NotJson => None,
        }
    }

    fn shell_text(&self, range: Range<usize>) -> Arguments {
        Arguments::Shell(ShellText {
            span: self.line.span(range.clone()),
            masked: self.line.masked(range, self.source),
        })
    }

    fn words(&mut self, range: Range<usize>) -> Arguments {
        let words: Vec<_> = self.split(range).collect();
        Arguments::Words(words.into_iter().map(|word| self.word(word)).collect())
    }

    fn assignments(&mut self, keyword: &Keyword, range: Range<usize>) -> Arguments {
        let words = quoted_words(&self.line.text, range.clone(), self.escape);
        let is_legacy = words
            .first()
            .is_some_and(|first| !self.text(first.clone()).contains('='));
        if is_legacy {
            return self.legacy_assignment(keyword, range);
        }
        let pairs = words
            .into_iter()
            .map(|word| {
                let pair = self.pair(keyword, word.clone());
                if pair.value.is_none() {
                    self.error(word, "an assignment has no `=`");
                }
                pair
            })
            .collect();
        Arguments::Pairs {
            pairs,
            legacy: false,
        }
    }

    /// `ENV name the rest is the value`.
    fn legacy_assignment(&mut self, keyword: &Keyword, range: Range<usize>) -> Arguments {
        let text = self.text(range.clone());
        let key = range.start..range.start + text.find(BLANKS).unwrap_or(text.len());
        let rest = self.text(key.end..range.end).trim_start_matches(BLANKS);
        let value = range.end - rest.len()..range.end;
        if value.is_empty() {
            let message = format!("{} needs a name and a value", keyword.name());
            self.error(key.clone(), message);
        }
        let pair = Pair {
            span: self.line.span(range),
            key: self.key(key),
            value: (!value.is_empty()).then(|| self.word(value)),
        };
        Arguments::Pairs {
            pairs: vec![pair],
            legacy: true,
        }
    }

    fn build_arguments(&mut self, keyword: &Keyword, range: Range<usize>) -> Arguments {
        let words = quoted_words(&self.line.text, range, self.escape);
        let pairs = words.into_iter().map(|word| self.pair(keyword, word));
        Arguments::Pairs {
            pairs: pairs.collect(),
            legacy: false,
        }
    }

    /// `key=value`, or a key alone.
    fn pair(&mut self, keyword: &Keyword, word: Range<usize>) -> Pair {
        let text = self.text(word.clone());
        let key_end = word.start + text.find('=').unwrap_or(text.len());
        let value = (key_end < word.end).then(|| self.word(key_end + 1..word.end));
        if key_end == word.start {
            let message = format!("an assignment of {} has no name", keyword.name());
            self.error(word.clone(), message);
        }
        Pair {
            span: self.line.span(word.clone()),
            key: self.key(word.start..key_end),
            value,
        }
    }

    /// The name of a pair, without its quotes. As it is written if there is a variable in it.
    fn key(&mut self, range: Range<usize>) -> Spanned<String> {
        let word = self.word(range);
        let span = word.span;
        Spanned::new(word.literal().unwrap_or(word.raw), span)
    }

    fn healthcheck(&mut self, range: Range<usize>) -> Arguments {
        let text = self.text(range.clone());
        let kind_end = range.start + text.find(char::is_whitespace).unwrap_or(text.len());
        let kind = self.text(range.start..kind_end);
        let is_none = kind.eq_ignore_ascii_case("NONE");
        let is_command = kind.eq_ignore_ascii_case("CMD");
        let command = self.line.trim(kind_end..range.end);
        if !is_none && !is_command {
            let message = format!("`{kind}` is no kind of health check: CMD and NONE are");
            self.error(range.start..kind_end, message);
        } else if is_none && !command.is_empty() {
            self.error(command.clone(), "HEALTHCHECK NONE takes no arguments");
        } else if is_command && command.is_empty() {
            self.error(range.start..kind_end, "HEALTHCHECK CMD needs a command");
        }
        Arguments::Healthcheck {
            none: is_none,
            command: (is_command && !command.is_empty()).then(|| Box::new(self.command(command))),
        }
    }

    fn word(&mut self, range: Range<usize>) -> Word {
        let (word, malformed) = Word::read(self.line, range.clone(), self.escape);
        if let Some(message) = malformed {
            self.error(range, message);
        }
        word
    }

    /// The parts of `range` between blanks, whatever quotes there are.
    fn split(&self, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'_> {
        let mut next = range.start;
        self.text(range)
            .split(BLANKS)
            .map(move |word| {
                let start = next;
                next += word.len() + 1;
                start..start + word.len()
            })
            .filter(|word| !word.is_empty())
    }

    fn text(&self, range: Range<usize>) -> &str {
        &self.line.text[range]
    }

    fn error(&mut self, range: Range<usize>, message: impl Into<String>) {
        self.errors
            .push(SyntaxError::new(self.line.span(range), message));
    }
}

/// A word of the flags: BuildKit removes quotes and escapes from these before it looks at them.
struct UnquotedWord {
    text: String,
    map: SourceMap,
    end: usize,
}

impl UnquotedWord {
    fn read(line: &LogicalLine, range: Range<usize>, escape: char) -> Self {
        let mut word = Self {
            text: String::new(),
            map: SourceMap::new(line.map.original(range.start)),
            end: range.end,
        };
        let mut quote = None;
        let mut chars = line.text[range.clone()].char_indices();
        while let Some((offset, c)) = chars.next() {
            let at = range.start + offset;
            match quote {
                Some(open) if c == open => quote = None,
                None if matches!(c, '\'' | '"') => quote = Some(c),
                None if c.is_whitespace() => {
                    word.end = at;
                    break;
                }
                _ if c == escape => {
                    if let Some((_, escaped)) = chars.next() {
                        word.push(line, at + c.len_utf8(), escaped);
                    }
                }
                _ => word.push(line, at, c),
            }
        }
        word
    }

    fn push(&mut self, line: &LogicalLine, at: usize, c: char) {
        self.map.push(self.text.len(), line.map.original(at));
        self.text.push(c);
    }

    fn into_flag(self, line: &LogicalLine) -> Flag {
        let end = line.map.original(self.end - 1) + 1;
        let equals = self.text.find('=');
        let name = 2..equals.unwrap_or(self.text.len());
        let value = equals.map(|equals| {
            let text = self.text[equals + 1..].to_owned();
            Spanned::new(text, Span::new(self.map.original(equals) + 1, end))
        });
        Flag {
            span: Span::new(self.map.original(0), end),
            name: Spanned::new(self.text[name.clone()].to_owned(), self.map.span(name)),
            value,
            value_map: self
                .map
                .slice(equals.map_or(0, |equals| equals + 1)..self.text.len()),
        }
    }
}

/// The words of `range`, where quotes keep white space together (BuildKit `parseWords`).
pub(super) fn quoted_words(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut chars = text[range.clone()].char_indices();
    while let Some((offset, c)) = chars.next() {
        let at = range.start + offset;
        if quote.is_none() && c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
            continue;
        }
        start.get_or_insert(at);
        match quote {
            Some(open) if c == open => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ if c == escape && quote != Some('\'') => {
                chars.next();
            }
            _ => {}
        }
    }
    words.extend(start.map(|start| start..range.end));
    words
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
