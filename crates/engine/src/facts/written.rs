//! How a Dockerfile is written, where the same could be written in a better way.
//!
//! Upstream: BuildKit `frontend/dockerfile/instructions/parse.go`, `frontend/dockerfile/parser/parser.go`
//! and `frontend/dockerfile/dockerfile2llb/validations.go`.

use syntax::dockerfile::{Arguments, Instruction, Keyword, Word};
use syntax::{Edit, Span};

use crate::change::Changes;
use crate::fact::Fact;
use crate::facts::App;
use crate::facts::build::{Build, ignore_file};
use crate::facts::dockerfile::{Image, Stage, pairs};
use crate::facts::kamal::Destination;
use crate::tree::{Path, Source};

/// Whether all letters are small, or capital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `from`.
    Lower,
    /// `FROM`.
    Upper,
}

/// An instruction with blank lines between its lines.
#[derive(Clone, Debug)]
pub struct Interrupted {
    /// The end of the line above the first of them.
    pub end: Fact<()>,
    /// What was meant to be the next instruction, and is a part of this one.
    pub swallowed: Option<Fact<Keyword>>,
    /// The same without them.
    pub joined: Option<Changes>,
}

/// `ENV name value` or `LABEL name value`.
#[derive(Clone, Debug)]
pub struct Legacy<'a> {
    /// Which of them.
    pub keyword: &'a Keyword,
    /// All of it.
    pub assignment: Fact<()>,
    /// The same with `=`, where that is plain.
    pub modern: Option<Changes>,
}

/// A `WORKDIR` that does not say where it is.
#[derive(Clone, Debug)]
pub struct Relative {
    /// The folder.
    pub folder: Fact<String>,
    /// Whether no other `WORKDIR` is before it, so that it is the base image's to say.
    pub is_first: bool,
    /// Whether it is written as it is, without a variable.
    pub is_literal: bool,
}

/// A `COPY` or `ADD` of something that `.dockerignore` keeps out.
#[derive(Clone, Debug)]
pub struct Ignored {
    /// What is copied.
    pub source: Fact<String>,
    /// Which of the two copies it.
    pub keyword: Keyword,
    /// The pattern that keeps it out.
    pub pattern: Fact<String>,
}

impl Case {
    /// That of a word; nothing if it is mixed.
    pub fn of(word: &str) -> Option<Self> {
        if word == word.to_lowercase() {
            Some(Self::Lower)
        } else {
            (word == word.to_uppercase()).then_some(Self::Upper)
        }
    }

    /// `word` in it.
    pub fn apply(self, word: &str) -> String {
        match self {
            Self::Lower => word.to_lowercase(),
            Self::Upper => word.to_uppercase(),
        }
    }
}

impl<'a> Image<'a> {
    /// The keywords of all stages, as they are written.
    pub fn written_keywords(self) -> Vec<Fact<String>> {
        let all = self.instructions().iter();
        all.skip_while(|instruction| instruction.keyword.value != Keyword::From)
            .map(|instruction| self.written_keyword(instruction))
            .collect()
    }

    /// The keyword of an instruction, as it is written.
    pub fn written_keyword(self, instruction: &Instruction) -> Fact<String> {
        let span = instruction.keyword.span;
        let word = span.of(self.source().text()).to_owned();
        self.fact(word, span, "the instruction")
    }

    /// The case that most keywords have.
    pub fn case_of_keywords(self) -> Case {
        let keywords = self.written_keywords();
        let count = |case| {
            let cases = keywords.iter().map(|keyword| Case::of(keyword));
            cases.filter(|own| *own == Some(case)).count()
        };
        if count(Case::Lower) > count(Case::Upper) {
            Case::Lower
        } else {
            Case::Upper
        }
    }

    /// The instructions that blank lines interrupt.
    pub fn interrupted(self) -> Vec<Interrupted> {
        let all = self.instructions();
        let starts = all.iter().map(|instruction| instruction.span.start);
        let ends = starts.skip(1).chain([u32::MAX]);
        let text = self.source().text();
        let mut found = Vec::new();
        for (instruction, end) in all.iter().zip(ends) {
            let blank: Vec<Span> = self
                .document()
                .empty_continuations
                .iter()
                .filter(|line| (instruction.span.start..end).contains(&line.start))
                .copied()
                .collect();
            let (Some(first), Some(last)) = (blank.first(), blank.last()) else {
                continue;
            };
            let rest = Span::new(last.end as usize, instruction.span.end as usize);
            let swallowed = blank.iter().find_map(|line| {
                let rest = Span::new(line.end as usize, instruction.span.end as usize);
                self.instruction_below(rest)
            });
            let edits = blank.iter().map(|line| {
                let ending = text[line.end as usize..]
                    .find('\n')
                    .map_or(0, |end| end + 1);
                Edit::delete(Span::new(line.start as usize, line.end as usize + ending))
            });
            let is_whole = !rest.is_empty() && swallowed.is_none();
            let above = text[..first.start as usize].trim_end();
            let end = Span::new(above.len().saturating_sub(1), above.len());
            found.push(Interrupted {
                end: self.fact((), end, "so the instruction goes on"),
                joined: is_whole.then(|| Changes::edit(self.source().path(), edits.collect())),
                swallowed,
            });
        }
        found
    }

    /// The instruction that the next line of `rest` looks like, the ends of lines above it left out.
    fn instruction_below(self, rest: Span) -> Option<Fact<Keyword>> {
        let mut start = rest.start as usize;
        for line in rest.of(self.source().text()).split_inclusive('\n') {
            let said = line.trim_start();
            if !said.is_empty() && !said.starts_with('#') {
                let word = said.split([' ', '\t', '\r', '\n']).next()?;
                let at = start + line.len() - said.len();
                let keyword = Keyword::known(word).filter(|known| known.name() == word)?;
                let span = Span::new(at, at + word.len());
                return Some(self.fact(keyword, span, "so this is a part of it"));
            }
            start += line.len();
        }
        None
    }

    /// The assignments without `=`.
    pub fn legacy_assignments(self) -> Vec<Legacy<'a>> {
        let all = self.instructions().iter();
        all.filter(|instruction| {
            matches!(instruction.arguments, Arguments::Pairs { legacy: true, .. })
        })
        .filter_map(|instruction| {
            let pair = pairs(instruction).next()?;
            let value = pair.value.as_ref()?;
            Some(Legacy {
                keyword: &instruction.keyword.value,
                assignment: self.fact((), pair.span, "all behind the name is the value"),
                modern: self.with_equals(pair.key.span, value),
            })
        })
        .collect()
    }

    /// `name=value` for `name value`: as it is if it is still one word, else in quotes.
    fn with_equals(self, name: Span, value: &Word) -> Option<Changes> {
        let escape = self.document().escape;
        let between = Span::new(name.end as usize, value.span.start as usize);
        let has_special = value.raw.contains(['"', '\'', escape]);
        let is_beside = !between.of(self.source().text()).contains('\n');
        let edits = if value.keeps_together(escape) {
            vec![Edit::replace(between, "=")]
        } else if has_special {
            return None;
        } else {
            vec![
                Edit::replace(between, "=\""),
                Edit::insert(value.span.end as usize, "\""),
            ]
        };
        is_beside.then(|| Changes::edit(self.source().path(), edits))
    }

    /// Whether the file asks for a check of Docker's that is an experiment.
    pub fn asks_for(self, check: &str) -> bool {
        let mut directives = self.document().directives.iter();
        let Some(directive) = directives.find(|directive| directive.name.value == "check") else {
            return false;
        };
        let fields = directive.value.split(';');
        let named = fields.filter_map(|field| field.trim().strip_prefix("experimental="));
        named
            .flat_map(|list| list.split(','))
            .any(|name| ["all", check].contains(&name.trim()))
    }

    /// The last comment before each `ARG` and each `FROM` with a name that does not begin with that name,
    /// with the names.
    pub fn stray_descriptions(self) -> Vec<(Fact<String>, Fact<Vec<String>>)> {
        let mut above = 0;
        let mut found = Vec::new();
        for instruction in self.instructions() {
            let comment = self.comment_between(above, instruction.span.start);
            above = instruction.span.end;
            let names: Vec<String> = match &instruction.arguments {
                Arguments::From { stage, .. } => {
                    stage.iter().map(|name| name.to_lowercase()).collect()
                }
                _ if instruction.keyword.value == Keyword::Arg => pairs(instruction)
                    .map(|pair| pair.key.value.clone())
                    .collect(),
                _ => continue,
            };
            let Some(comment) = comment.filter(|_| !names.is_empty()) else {
                continue;
            };
            let first = comment.split(' ').next().unwrap_or_default();
            if !names.iter().any(|name| name == first) {
                let line = Span::new(
                    instruction.span.start as usize,
                    instruction.arguments_span.end as usize,
                );
                found.push((comment, self.fact(names, line, "so it describes this")));
            }
        }
        found
    }

    /// What the last of the comments says that stand directly behind each other: an empty one ends them.
    fn comment_between(self, start: u32, end: u32) -> Option<Fact<String>> {
        let text = self.source().text();
        let span = self
            .document()
            .comments
            .iter()
            .rfind(|comment| (start..end).contains(&comment.start))?;
        let is_indented = !text[..span.start as usize].ends_with('\n') && span.start != 0;
        // BuildKit takes the first character away, whatever it is.
        let said = &span.of(text)[usize::from(!is_indented)..];
        let said = said.trim().to_owned();
        (!said.is_empty()).then(|| self.fact(said, *span, "read as a description"))
    }

    /// What `EXPOSE` exposes, as far as it can be told, and whether it is written so.
    pub fn exposed(self) -> Vec<(Fact<String>, bool)> {
        let mut found = Vec::new();
        for stage in self.stages() {
            let is_expose = |own: &Instruction| own.keyword.value == Keyword::Expose;
            stage.walk(is_expose, &mut |instruction, scope| {
                let Arguments::Words(words) = &instruction.arguments else {
                    return;
                };
                for word in words {
                    let ports = scope.expand(word).unwrap_or_default();
                    for port in ports.split_whitespace() {
                        let is_written = port == word.raw;
                        let port = self.fact(port.to_owned(), word.span, "exposed here");
                        found.push((port, is_written));
                    }
                }
            });
        }
        found
    }

    /// The `WORKDIR`s that begin with no slash.
    pub fn relative_folders(self) -> Vec<Relative> {
        let folder = |own: &'a Instruction| match (&own.keyword.value, &own.arguments) {
            (Keyword::Workdir, Arguments::Words(words)) => {
                words.first().filter(|word| !word.raw.starts_with('/'))
            }
            _ => None,
        };
        let mut found = Vec::new();
        for stage in self.stages() {
            let is_folder = |own: &Instruction| own.keyword.value == Keyword::Workdir;
            let first = stage.instructions().iter().find(|own| is_folder(own));
            stage.walk(|own| folder(own).is_some(), &mut |instruction, scope| {
                let expanded =
                    folder(instruction).and_then(|word| Some((word, scope.expand(word)?)));
                if let Some((word, path)) = expanded.filter(|(_, path)| !path.starts_with('/')) {
                    let mut above = stage.lineage().into_iter().skip(1);
                    found.push(Relative {
                        folder: self.fact(path, word.span, "it begins with no slash"),
                        is_first: first.is_some_and(|first| std::ptr::eq(first, instruction))
                            && !above.any(|stage| stage.own(&Keyword::Workdir).is_some()),
                        is_literal: word.literal().is_some(),
                    });
                }
            });
        }
        found
    }

    /// What is copied from the build context and kept out of it. As BuildKit does, nothing is said where
    /// patterns bring files back, nor of the whole context unless all of it is kept out.
    pub fn ignored_sources(self, app: &App<'_>) -> Vec<Ignored> {
        let Some(source) = self.ignore_file(app) else {
            return Vec::new();
        };
        let ignore = source.dockerignore();
        if !ignore.errors.is_empty() || ignore.patterns.iter().any(|pattern| pattern.negated) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (copied, keyword) in self.copied_from_context() {
            let pattern = match clean(&copied).as_str() {
                "" => ignore
                    .patterns
                    .iter()
                    .find(|pattern| ["*", "**", "**/*"].contains(&pattern.text.as_str())),
                path => ignore.decide(path),
            };
            if let Some(pattern) = pattern {
                let text = pattern.span.of(source.text()).to_owned();
                found.push(Ignored {
                    source: copied,
                    keyword,
                    pattern: Fact::read(text, source.path(), pattern.span, "this keeps it out"),
                });
            }
        }
        found
    }

    fn copied_from_context(self) -> Vec<(Fact<String>, Keyword)> {
        let escape = self.document().escape;
        let mut found = Vec::new();
        for stage in self.stages() {
            let is_copy = |own: &Instruction| {
                matches!(own.keyword.value, Keyword::Copy | Keyword::Add)
                    && !own.flags.iter().any(|flag| flag.name.value == "from")
            };
            stage.walk(is_copy, &mut |instruction, scope| {
                let keyword = &instruction.keyword.value;
                let words: Vec<Word> = match &instruction.arguments {
                    Arguments::Words(words) => words.clone(),
                    Arguments::Exec(strings) => strings
                        .iter()
                        .map(|string| Word::of_literal(string, escape))
                        .collect(),
                    _ => return,
                };
                let sources = words
                    .split_last()
                    .map_or(&[] as &[Word], |(_, sources)| sources);
                let is_body = |word: &Word| {
                    instruction
                        .heredocs
                        .iter()
                        .any(|body| body.word == word.span)
                };
                for word in sources.iter().filter(|word| !is_body(word)) {
                    let source = scope.expand(word);
                    if let Some(source) = source.filter(|source| !is_remote(source)) {
                        let source = self.fact(source, word.span, "copied here");
                        found.push((source, keyword.clone()));
                    }
                }
            });
        }
        found
    }

    /// The file that keeps files out of the build, where it can be told.
    fn ignore_file<'t>(self, app: &'t App<'t>) -> Option<&'t Source> {
        let path = self.source().path();
        let destinations = app.destinations();
        let is_built = |name: Option<Fact<String>>| name.is_some_and(|name| *name == **path);
        let folder = match destinations
            .iter()
            .find(|destination| is_built(destination.dockerfile()))
        {
            Some(destination) => destination.folder_in_context(),
            None => path.parent().is_empty().then(String::new),
        };
        ignore_file(app, path, folder.as_deref())
    }

    /// Whether Kamal builds it, and the app has the file that is copied: then the app lacks it in production,
    /// which is another rule's finding.
    pub fn surely_lacks(self, app: &App<'_>, source: &str) -> bool {
        let builds = |build: &Build<'_>| build.image().source().path() == self.source().path();
        let is_hidden = |build: Build<'_>| {
            let path: Option<Path> = build.path_in_app(source);
            build
                .hidden_files()
                .iter()
                .any(|(hidden, _)| Some(hidden) == path.as_ref())
        };
        let destinations = app.destinations();
        let builds_it = destinations
            .iter()
            .filter_map(Destination::build)
            .filter(builds);
        builds_it.into_iter().any(is_hidden)
    }
}

impl<'a> Stage<'a> {
    /// The `CMD`s, `ENTRYPOINT`s and `HEALTHCHECK`s that another one after them overrides, each with the next
    /// one.
    pub fn overridden(self) -> Vec<(&'a Instruction, &'a Instruction)> {
        let kinds = [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck];
        let mut found = Vec::new();
        for kind in kinds {
            let own: Vec<&Instruction> = self
                .instructions()
                .iter()
                .filter(|instruction| instruction.keyword.value == kind)
                .collect();
            found.extend(own.windows(2).map(|pair| (pair[0], pair[1])));
        }
        found
    }
}

/// A path from the root of the context, without `.`, `..` and needless slashes.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_remote(source: &str) -> bool {
    source.contains("://") || source.starts_with("git@")
}
