//! Dockerfiles, line by line as BuildKit reads them.
//!
//! The model is that of [BuildKit](https://github.com/moby/buildkit), `frontend/dockerfile/parser`
//! and `frontend/dockerfile/shell`, as of August 2026: physical lines are joined at continuations,
//! comments and blank lines between them are dropped, and only then the line is taken apart. All
//! spans are places of the source, before any of that.
//!
//! Where BuildKit stops at an error, the parser here notes it and goes on. Every byte of the source
//! belongs to a directive, a comment or an instruction, or is white space or the byte order mark
//! between them.

#![allow(clippy::doc_markdown, reason = "BuildKit is a name, not code")]

mod exec;
mod glob;
mod heredoc;
mod instruction;
mod lexer;
mod lines;
mod scripts;
mod source_map;
mod word;

use std::fmt;

pub use self::scripts::RunScript;
pub use self::word::Word;

use self::heredoc::Bodies;
use self::lines::{Line, Lines, LogicalLine, Skipped};
use self::source_map::SourceMap;
use crate::{Span, Spanned, SyntaxError};

/// Reads a Dockerfile.
pub fn parse(text: &str) -> Dockerfile {
    let mut lines = Lines::new(text);
    let mut dockerfile = Dockerfile {
        directives: Vec::new(),
        instructions: Vec::new(),
        comments: Vec::new(),
        empty_continuations: Vec::new(),
        escape: '\\',
        errors: Vec::new(),
    };
    read_directives(&mut lines, &mut dockerfile);
    read_instructions(&mut lines, &mut dockerfile);
    if dockerfile.instructions.is_empty() {
        let end = Span::at(text.len());
        dockerfile
            .errors
            .push(SyntaxError::new(end, "the file has no instruction"));
    }
    dockerfile
}

/// A Dockerfile: its parts in the order of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    /// `# syntax=…`, `# escape=…` and `# check=…` at the top.
    pub directives: Vec<Directive>,
    /// All instructions, those that BuildKit does not know too.
    pub instructions: Vec<Instruction>,
    /// Comments from their `#` to the end of the line, those between the lines of an instruction
    /// too. A `#` in a here-document or in the middle of a line begins none.
    pub comments: Vec<Span>,
    /// Blank lines between the lines of an instruction, which join it with what was meant to be
    /// the next one. BuildKit warns of them (`NoEmptyContinuation`).
    pub empty_continuations: Vec<Span>,
    /// What continues lines and escapes characters: a backslash, or the backtick.
    pub escape: char,
    /// What BuildKit would refuse.
    pub errors: Vec<SyntaxError>,
}

/// A parser directive, `# name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// `syntax`, `escape` or `check`, in lower case.
    pub name: Spanned<String>,
    /// Everything behind the `=`, without white space around it.
    pub value: Spanned<String>,
    /// The whole comment.
    pub span: Span,
}

/// An instruction with everything that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// From the keyword to the end of the last line, here-documents included, without the final
    /// line ending.
    pub span: Span,
    /// What it is.
    pub keyword: Spanned<Keyword>,
    /// `--name=value`, between the keyword and the arguments.
    pub flags: Vec<Flag>,
    /// What follows the flags.
    pub arguments: Arguments,
    /// The here-documents that `RUN`, `COPY` or `ADD` opens. For `ONBUILD` they are at the
    /// instruction within.
    pub heredocs: Vec<Heredoc>,
    /// What follows the flags, without white space around it and without here-documents; empty
    /// where it would stand if there are no arguments.
    pub arguments_span: Span,
}

/// The keyword of an instruction; case has no meaning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the keyword of the same name")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// None that BuildKit knows, as it is written.
    Unknown(String),
}

/// `--name` or `--name=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The whole flag.
    pub span: Span,
    /// The name, without the `--`.
    pub name: Spanned<String>,
    /// The value without quotes; its span has them. None without a `=`, which means true.
    pub value: Option<Spanned<String>>,
    value_map: SourceMap,
}

/// What an instruction is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// Of `FROM`.
    From {
        /// What the stage is built on: an image or an earlier stage.
        image: Word,
        /// The `AS` before a name.
        separator: Option<Span>,
        /// The name after `AS`, as it is written; BuildKit compares stage names without case.
        stage: Option<Spanned<String>>,
    },
    /// The exec form of `RUN`, `CMD`, `ENTRYPOINT`, `SHELL`, `ADD`, `COPY`, `VOLUME` and
    /// `HEALTHCHECK CMD`: a JSON array. The strings are decoded, their spans have the quotes.
    Exec(Vec<Spanned<String>>),
    /// The shell form of `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD`, and whatever follows an
    /// unknown keyword.
    Shell(ShellText),
    /// Of `ENV`, `LABEL` and `ARG`.
    Pairs {
        /// In the order of the source, repeated names too.
        pairs: Vec<Pair>,
        /// `ENV name value` and `LABEL name value`, where all the rest is one value.
        legacy: bool,
    },
    /// Of `ADD`, `COPY`, `VOLUME` and `EXPOSE`: what stands between blanks, the words that open
    /// here-documents too. Of `USER`, `WORKDIR`, `STOPSIGNAL` and `MAINTAINER`: one word.
    Words(Vec<Word>),
    /// Of `ONBUILD`.
    Onbuild(Box<Instruction>),
    /// Of `HEALTHCHECK`.
    Healthcheck {
        /// `HEALTHCHECK NONE`.
        none: bool,
        /// What follows `CMD`: the exec or the shell form.
        command: Option<Box<Arguments>>,
    },
    /// There are none.
    None,
}

/// `name=value`, `name value`, or the name alone in `ARG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The whole pair.
    pub span: Span,
    /// The name without quotes; its span has them.
    pub key: Spanned<String>,
    /// The value; none if there is no `=`, an empty word if nothing follows it.
    pub value: Option<Word>,
}

/// The command of a shell form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellText {
    /// Where it stands.
    pub span: Span,
    /// A text of the same length that a shell reads as it would read what BuildKit passes to it.
    ///
    /// Offsets in it plus `span.start` are offsets of the source. Everything between two lines of
    /// the command (the escape character, the line ending, comments, blank lines) is blanked, and
    /// where that would tear a word apart it ends in a backslash and a newline.
    pub masked: String,
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that opens it, like `3<<-"EOF"`.
    pub word: Span,
    /// What ends it, without quotes; its span has them. For `COPY` it is the name of the file.
    pub name: Spanned<String>,
    /// `<<-`: leading tabs do not count, neither in the body nor before the name that ends it.
    pub strip_tabs: bool,
    /// The name has no quotes, so variables in the body are expanded.
    pub expand: bool,
    /// The number before `<<`, 0 if there is none.
    pub file_descriptor: u32,
    /// The lines between, with their line endings.
    pub body: Span,
    /// Whether the name that ends it was found. If not, the body ends before the next line that
    /// looks like an instruction.
    pub terminated: bool,
}

impl Keyword {
    const KNOWN: [Keyword; 18] = [
        Keyword::Run,
        Keyword::Copy,
        Keyword::Env,
        Keyword::From,
        Keyword::Arg,
        Keyword::Workdir,
        Keyword::Add,
        Keyword::Cmd,
        Keyword::Entrypoint,
        Keyword::Expose,
        Keyword::Healthcheck,
        Keyword::Label,
        Keyword::Maintainer,
        Keyword::Onbuild,
        Keyword::Shell,
        Keyword::Stopsignal,
        Keyword::User,
        Keyword::Volume,
    ];

    /// The keyword in upper case; an unknown one as it is written.
    pub fn name(&self) -> &str {
        match self {
            Keyword::Add => "ADD",
            Keyword::Arg => "ARG",
            Keyword::Cmd => "CMD",
            Keyword::Copy => "COPY",
            Keyword::Entrypoint => "ENTRYPOINT",
            Keyword::Env => "ENV",
            Keyword::Expose => "EXPOSE",
            Keyword::From => "FROM",
            Keyword::Healthcheck => "HEALTHCHECK",
            Keyword::Label => "LABEL",
            Keyword::Maintainer => "MAINTAINER",
            Keyword::Onbuild => "ONBUILD",
            Keyword::Run => "RUN",
            Keyword::Shell => "SHELL",
            Keyword::Stopsignal => "STOPSIGNAL",
            Keyword::User => "USER",
            Keyword::Volume => "VOLUME",
            Keyword::Workdir => "WORKDIR",
            Keyword::Unknown(word) => word,
        }
    }

    /// The keyword that `word` is, in any case.
    pub fn known(word: &str) -> Option<Self> {
        Self::KNOWN
            .iter()
            .find(|keyword| keyword.name().eq_ignore_ascii_case(word))
            .cloned()
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Heredoc {
    /// The variables that are expanded in the body of `COPY` and `ADD`, where quotes have no meaning;
    /// `text` is the Dockerfile.
    pub fn variables<'t>(&self, text: &'t str) -> Vec<Spanned<&'t str>> {
        if !self.expand {
            return Vec::new();
        }
        word::unquoted_variables(text, self.body)
    }
}

impl Flag {
    /// The value, where variables have a meaning: `--platform`, `--chown`, `--mount` and others.
    pub fn word(&self, escape: char) -> Option<Word> {
        let value = self.value.as_ref()?;
        Some(Word::of_text(value, self.value_map.clone(), escape))
    }

    /// The value as `--mount` has it: `key=value` or `key` alone, between commas.
    pub fn fields(&self) -> Vec<(Spanned<String>, Option<Spanned<String>>)> {
        let Some(value) = &self.value else {
            return Vec::new();
        };
        let spanned = |start: usize, text: &str| {
            let span = self.value_map.span(start..start + text.len());
            Spanned::new(text.to_owned(), span)
        };
        let mut start = 0;
        let mut fields = Vec::new();
        for field in value.split(',') {
            let key = field.split('=').next().unwrap_or_default();
            let value = field.get(key.len() + 1..);
            if !field.is_empty() {
                fields.push((
                    spanned(start, key),
                    value.map(|value| spanned(start + key.len() + 1, value)),
                ));
            }
            start += field.len() + 1;
        }
        fields
    }
}

/// Directives stand on the first lines; the first line that is none ends them.
fn read_directives(lines: &mut Lines, dockerfile: &mut Dockerfile) {
    loop {
        let mut ahead = lines.clone();
        let Some(directive) = ahead.next().as_ref().and_then(directive) else {
            return;
        };
        *lines = ahead;
        let is_repeated = dockerfile
            .directives
            .iter()
            .any(|other| *other.name == *directive.name);
        if is_repeated {
            let message = format!("the directive `{}` is repeated", *directive.name);
            dockerfile
                .errors
                .push(SyntaxError::new(directive.span, message));
        } else if *directive.name == "escape" {
            set_escape(&directive, dockerfile);
        }
        dockerfile.directives.push(directive);
    }
}

/// BuildKit's `directives.go`: `^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$` after the `#`.
fn directive(line: &Line) -> Option<Directive> {
    let span = line.trimmed_span();
    let comment = line.text.trim_start().strip_prefix('#')?.trim_start();
    let (name, value) = comment.split_once('=')?;
    let name_start = line.end() - comment.len();
    let name = name.trim_end();
    let lower_case = name.to_ascii_lowercase();
    let is_known = ["syntax", "escape", "check"].contains(&lower_case.as_str());
    let value_start = line.end() - value.trim_start().len();
    let value = value.trim();
    (is_known && !value.is_empty()).then(|| Directive {
        name: Spanned::new(lower_case, Span::new(name_start, name_start + name.len())),
        value: Spanned::new(
            value.to_owned(),
            Span::new(value_start, value_start + value.len()),
        ),
        span,
    })
}

fn set_escape(directive: &Directive, dockerfile: &mut Dockerfile) {
    match directive.value.as_str() {
        "\\" => dockerfile.escape = '\\',
        "`" => dockerfile.escape = '`',
        other => {
            let message = format!("the escape character is `{other}`, not a backslash or backtick");
            dockerfile
                .errors
                .push(SyntaxError::new(directive.value.span, message));
        }
    }
}

fn read_instructions(lines: &mut Lines, dockerfile: &mut Dockerfile) {
    let mut logical = LogicalLine::default();
    let mut skipped = Skipped::default();
    let mut bodies = Bodies::default();
    while let Some(line) = lines.next() {
        if line.is_blank() {
            continue;
        }
        if line.is_comment() {
            skipped.comments.push(line.trimmed_span());
            continue;
        }
        logical.read(line, lines, dockerfile.escape, &mut skipped);
        let mut reader = instruction::Reader {
            source: lines.source(),
            line: &logical,
            escape: dockerfile.escape,
            errors: &mut dockerfile.errors,
        };
        let mut instruction = reader.read();
        if can_open_heredocs(&instruction) {
            let heredocs = bodies.read(&logical, lines, &mut dockerfile.errors);
            if !heredocs.is_empty() {
                let end = lines.last_line_end();
                attach(&mut instruction, heredocs, end, &mut dockerfile.errors);
            }
        }
        dockerfile.instructions.push(instruction);
    }
    dockerfile.instructions.shrink_to_fit();
    dockerfile.comments = skipped.comments;
    dockerfile.empty_continuations = skipped.empty_continuations;
}

fn can_open_heredocs(instruction: &Instruction) -> bool {
    match (&instruction.keyword.value, &instruction.arguments) {
        (_, Arguments::Onbuild(trigger)) => can_open_heredocs(trigger),
        (_, Arguments::Exec(_)) => false,
        (keyword, _) => matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add),
    }
}

/// Gives the here-documents, which end at `end`, to the instruction that they belong to.
fn attach(
    instruction: &mut Instruction,
    heredocs: Vec<Heredoc>,
    end: usize,
    errors: &mut Vec<SyntaxError>,
) {
    instruction.span = instruction.span.to(Span::at(end));
    match &mut instruction.arguments {
        Arguments::Onbuild(trigger) => return attach(trigger, heredocs, end, errors),
        Arguments::Words(words) => {
            let destination = words.last().map(|word| word.span);
            if heredocs
                .iter()
                .any(|heredoc| Some(heredoc.word) == destination)
            {
                let message = format!(
                    "a here-document is the destination of {}",
                    instruction.keyword.value
                );
                errors.extend(destination.map(|span| SyntaxError::new(span, message)));
            }
        }
        _ => {}
    }
    instruction.heredocs = heredocs;
}
