//! What the steps of a Dockerfile's stages take: mounts, files of the build context, commands.
//!
//! Upstream: BuildKit `frontend/dockerfile/instructions/{commands,commands_runmount}.go` and
//! `frontend/dockerfile/dockerfile2llb/convert.go`.

use std::collections::BTreeSet;

use syntax::dockerfile::{Arguments, Instruction, Keyword};
use syntax::{Span, Spanned, shell};

use crate::fact::{Fact, Origin, Place};
use crate::facts::dockerfile::Stage;

/// A mount of a `RUN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMount {
    /// `bind`, `cache`, `secret`, `ssh` or `tmpfs`.
    pub kind: String,
    /// What `id` says; of a secret without one, the name of its file.
    pub id: Option<String>,
    /// The stage or image that it comes from.
    pub from: Option<String>,
    /// What of it is mounted.
    pub source: Option<String>,
    /// What `required` says.
    pub required: Option<bool>,
}

/// A `COPY` or `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// What is copied, as far as no variable is in it.
    pub sources: Vec<Fact<String>>,
    /// Whether that is all that is copied.
    pub is_settled: bool,
    /// The stage or image that it comes from; nothing for the build context.
    pub from: Option<String>,
    /// Where it goes, if no variable is in it.
    pub destination: Option<String>,
    /// What `--chown` says.
    pub owner: Option<String>,
}

/// A command that a `RUN` starts, as far as its words can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its words; nothing for one that is expanded.
    pub words: Vec<Option<String>>,
    /// `NAME=value` before it, or in an `export` before it in the same `RUN`.
    pub variables: BTreeSet<String>,
    /// Where it stands.
    pub span: Span,
}

impl Step {
    /// The program, without `bundle exec` and its folder.
    pub fn program(&self) -> Option<&str> {
        let words = match self.words.as_slice() {
            [Some(bundle), Some(exec), rest @ ..] if bundle == "bundle" && exec == "exec" => rest,
            words => words,
        };
        let first = words.first()?.as_deref()?;
        Some(first.rsplit('/').next().unwrap_or(first))
    }

    /// Whether one of its words is this.
    pub fn has(&self, word: &str) -> bool {
        self.words.iter().flatten().any(|own| own == word)
    }

    /// Whether it is `bundle install`, or `bundle` alone.
    pub fn is_bundle_install(&self) -> bool {
        let mut words = self.words.iter().map(Option::as_deref);
        words.next() == Some(Some("bundle"))
            && match words.next() {
                None => true,
                Some(Some(word)) => word == "install" || word.starts_with('-'),
                Some(None) => false,
            }
    }
}

/// What an instruction of a stage does, in the words of this module.
#[derive(Clone, Debug)]
pub enum Instructed {
    /// `COPY` and `ADD`.
    Copies(Copy),
    /// `RUN`: its mounts and its commands.
    Runs(Vec<Fact<RunMount>>, Vec<Step>),
    /// Anything else.
    Other,
}

impl<'a> Stage<'a> {
    /// The stages that are built for it: itself, and all that it starts from, copies from and mounts.
    pub fn built_with(self) -> Vec<Stage<'a>> {
        let all = self.image().stages();
        let mut built: Vec<Stage<'a>> = Vec::new();
        let mut open = vec![self];
        while let Some(stage) = open.pop() {
            if built.iter().any(|known| known.index() == stage.index()) {
                continue;
            }
            built.push(stage);
            let named = stage.named_by_steps();
            let is_named = |stage: &&Stage<'a>| named.iter().any(|name| stage.is_called(name));
            open.extend(all.iter().take(stage.index()).filter(is_named).copied());
            open.extend(stage.parent());
        }
        built.sort_by_key(|stage| stage.index());
        built
    }

    /// Its own instructions, each with what it does.
    pub fn steps(self) -> Vec<Instructed> {
        self.instructions()
            .iter()
            .map(|instruction| self.instructed(instruction))
            .collect()
    }

    /// The mounts of its own `RUN`s.
    pub fn run_mounts(self) -> Vec<Fact<RunMount>> {
        self.instructed_by(&[Keyword::Run])
            .flat_map(|run| self.mounts(run))
            .collect()
    }

    /// The commands of its own `RUN`s.
    pub fn commands(self) -> Vec<Step> {
        self.instructed_by(&[Keyword::Run])
            .flat_map(|run| self.run(run))
            .collect()
    }

    /// Its own `COPY`s and `ADD`s.
    pub fn copies(self) -> Vec<Copy> {
        self.instructed_by(&[Keyword::Copy, Keyword::Add])
            .map(|copy| self.copy(copy))
            .collect()
    }

    fn instructed_by(self, keywords: &'static [Keyword]) -> impl Iterator<Item = &'a Instruction> {
        self.instructions()
            .iter()
            .filter(|instruction| keywords.contains(&instruction.keyword.value))
    }

    /// The stages and images that its steps copy from or mount.
    fn named_by_steps(self) -> Vec<String> {
        let copied = self.copies().into_iter().filter_map(|copy| copy.from);
        let mounted = self.run_mounts().into_iter();
        copied
            .chain(mounted.filter_map(|mount| mount.value.from))
            .collect()
    }

    /// What one of its own instructions does.
    pub fn instructed(self, instruction: &'a Instruction) -> Instructed {
        match instruction.keyword.value {
            Keyword::Copy | Keyword::Add => Instructed::Copies(self.copy(instruction)),
            Keyword::Run => Instructed::Runs(self.mounts(instruction), self.run(instruction)),
            _ => Instructed::Other,
        }
    }

    fn mounts(self, instruction: &Instruction) -> Vec<Fact<RunMount>> {
        instruction
            .flags
            .iter()
            .filter(|flag| flag.name.value == "mount")
            .map(|flag| {
                let fields = flag.fields();
                let field = |names: &[&str]| {
                    fields
                        .iter()
                        .rfind(|(key, _)| names.contains(&key.to_ascii_lowercase().as_str()))
                };
                let text = |names: &[&str]| Some(field(names)?.1.as_ref()?.value.clone());
                let kind = text(&["type"])
                    .map_or_else(|| "bind".to_owned(), |kind| kind.to_ascii_lowercase());
                let file = |path: String| path.rsplit('/').next().unwrap_or_default().to_owned();
                let id = text(&["id"]).or_else(|| match kind.as_str() {
                    "secret" => text(&["source", "src"])
                        .or_else(|| text(&["target", "dst", "destination"]).map(file)),
                    _ => None,
                });
                let mount = RunMount {
                    id,
                    from: text(&["from"]),
                    source: text(&["source", "src"]),
                    required: field(&["required"]).map(|(_, value)| {
                        value.as_ref().is_none_or(|value| {
                            ["1", "t", "T", "true", "TRUE", "True"].contains(&value.as_str())
                        })
                    }),
                    kind,
                };
                Fact::read(
                    mount,
                    self.image().source().path(),
                    flag.span,
                    "mounted here",
                )
            })
            .collect()
    }

    fn copy(self, instruction: &Instruction) -> Copy {
        let path = self.image().source().path();
        let read = |text: String, span: Span| Fact::read(text, path, span, "copied here");
        let mut words: Vec<Option<Fact<String>>> = match &instruction.arguments {
            Arguments::Words(words) => words
                .iter()
                .map(|word| Some(read(word.literal()?, word.span)))
                .collect(),
            Arguments::Exec(words) => words
                .iter()
                .map(|word: &Spanned<String>| Some(read(word.value.clone(), word.span)))
                .collect(),
            _ => Vec::new(),
        };
        let destination = words.pop().flatten();
        let is_heredoc = |source: &Fact<String>| source.starts_with("<<");
        let flag = |name: &str| {
            instruction
                .flags
                .iter()
                .find(|flag| flag.name.value == name)
        };
        let value = |name: &str| Some(flag(name)?.value.as_ref()?.value.clone());
        Copy {
            is_settled: words.iter().all(Option::is_some) && flag("exclude").is_none(),
            sources: words
                .into_iter()
                .flatten()
                .filter(|source| !is_heredoc(source))
                .collect(),
            from: value("from"),
            owner: value("chown"),
            destination: destination.map(|destination| destination.value),
        }
    }

    /// The commands of a `RUN`; none of one in exec form, which has no shell.
    fn run(self, instruction: &Instruction) -> Vec<Step> {
        let source = self.image().source().text();
        let mut texts: Vec<(usize, &str)> = Vec::new();
        if let Arguments::Shell(text) = &instruction.arguments {
            texts.push((text.span.start as usize, &text.masked));
        }
        for heredoc in &instruction.heredocs {
            texts.push((heredoc.body.start as usize, heredoc.body.of(source)));
        }
        let mut steps = Vec::new();
        let mut exported: BTreeSet<String> = BTreeSet::new();
        for (start, text) in texts {
            for command in shell::parse(text).commands() {
                let words: Vec<Option<String>> =
                    command.words.iter().map(shell::Word::literal).collect();
                if words
                    .first()
                    .is_some_and(|word| word.as_deref() == Some("export"))
                {
                    let names = command.words.iter().skip(1).map(|word| word.span.of(text));
                    exported
                        .extend(names.filter_map(|word| Some(word.split_once('=')?.0.to_owned())));
                }
                let own = command.assignments.iter();
                let own = own.map(|assignment| assignment.name.value.clone());
                steps.push(Step {
                    words,
                    variables: exported.iter().cloned().chain(own).collect(),
                    span: command.span.shifted(start),
                });
            }
        }
        steps
    }

    /// Something that was read in one of its steps.
    pub fn step_fact<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        let path = self.image().source().path();
        Fact::new(value, Origin::at(Place::text(path, span), why))
    }
}
