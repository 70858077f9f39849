//! What the steps of a Dockerfile's stages take: mounts, files of the build context, commands.
//!
//! Upstream: BuildKit `frontend/dockerfile/instructions/{commands,commands_runmount}.go` and
//! `frontend/dockerfile/dockerfile2llb/convert.go`.

use std::collections::BTreeSet;

use syntax::dockerfile::{Arguments, Instruction, Keyword, Word};
use syntax::{Span, Spanned, shell};

use crate::fact::{Fact, Origin, Place};
use crate::facts::dockerfile::{Image, Stage, pairs};
use crate::facts::ran::Ran;
use crate::facts::reference;

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
    /// Where it is mounted.
    pub target: Option<String>,
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
    /// Whether the folders that it is in are made as well: `--parents`.
    pub keeps_folders: bool,
}

/// The destination of a `COPY` that no slash makes a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    /// As it is written.
    pub target: Fact<String>,
    /// How many sources go there.
    pub sources: usize,
    /// Where the slash would stand.
    pub end: usize,
}

/// An `ADD` that does what `COPY` does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainAdd {
    /// Its keyword.
    pub keyword: Fact<()>,
    /// Whether that holds for all that it adds, whatever variables say.
    pub is_settled: bool,
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
            .flat_map(|run| self.image().mounts(run))
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

    /// What its own `COPY --from`s name.
    pub fn copied_from(self) -> Vec<Fact<String>> {
        self.instructed_by(&[Keyword::Copy])
            .flat_map(|copy| &copy.flags)
            .filter(|flag| flag.name.value == "from")
            .filter_map(|flag| {
                let value = flag.value.as_ref()?;
                Some(self.step_fact(value.value.clone(), value.span, "copied from there"))
            })
            .collect()
    }

    /// Its own `COPY --from`s that copy the root of a filesystem to the root.
    pub fn copies_of_everything(self) -> Vec<Fact<()>> {
        self.instructed_by(&[Keyword::Copy])
            .filter(|copy| {
                let copied = self.copy(copy);
                copied.from.is_some()
                    && copied.destination.as_deref() == Some("/")
                    && copied.sources.iter().any(|source| source.value == "/")
            })
            .map(|copy| self.step_fact((), copy.arguments_span, "the root of the stage"))
            .collect()
    }

    /// The folders of its own `COPY`s that have several sources and do not say that they are one.
    pub fn folders_without_slash(self) -> Vec<Folder> {
        let text = self.image().source().text();
        self.instructed_by(&[Keyword::Copy])
            .filter_map(|copy| {
                let (target, sources) = self.target(copy)?;
                let Place::Text { span, .. } = target.origin.place else {
                    return None;
                };
                let is_quoted = span.of(text).ends_with(['"', '\'']);
                (sources > 1 && !target.ends_with('/')).then(|| Folder {
                    target,
                    sources,
                    end: span.end as usize - usize::from(is_quoted),
                })
            })
            .collect()
    }

    /// The destinations of its own `COPY`s that are in no folder which is known: relative ones before any
    /// `WORKDIR`.
    pub fn relative_destinations(self) -> Vec<Fact<String>> {
        let is_workdir = |instruction: &&Instruction| instruction.keyword.value == Keyword::Workdir;
        let parents = self.lineage().into_iter().skip(1);
        if !self.starts_officially()
            || parents
                .flat_map(Stage::instructions)
                .any(|instruction| is_workdir(&instruction))
        {
            return Vec::new();
        }
        let own = self.instructions().iter();
        own.take_while(|instruction| !is_workdir(instruction))
            .filter(|instruction| instruction.keyword.value == Keyword::Copy)
            .filter_map(|copy| Some(self.target(copy)?.0))
            .filter(|target| {
                let has_drive = target.as_bytes().get(1) == Some(&b':');
                !target.starts_with('/') && !has_drive
            })
            .collect()
    }

    /// Whether it starts from nothing, or from one of Docker's official images.
    fn starts_officially(self) -> bool {
        let oldest = self.lineage().pop().and_then(|stage| stage.base().known());
        oldest.is_some_and(|base| reference::official(&base).is_some())
    }

    /// Where a `COPY` goes, as it is written, and how many sources it has; nothing if a variable is in it.
    fn target(self, copy: &Instruction) -> Option<(Fact<String>, usize)> {
        let (text, span, count) = match &copy.arguments {
            Arguments::Words(words) => {
                let last = words.last()?;
                (last.literal()?, last.span, words.len())
            }
            Arguments::Exec(words) => {
                let last = words.last()?;
                (last.value.clone(), last.span, words.len())
            }
            _ => return None,
        };
        let target = self.step_fact(text, span, "where it goes");
        (count > 1 && !target.contains('$')).then_some((target, count - 1))
    }

    /// Its own `ADD`s that copy something which is no archive and no address, as far as that can be told.
    pub fn plain_adds(self) -> Vec<PlainAdd> {
        self.instructed_by(&[Keyword::Add])
            .filter_map(|add| {
                let words = words(add);
                let (_, sources) = words.split_last()?;
                let is_more = |name: &String| {
                    let is_address = ["http://", "https://", "git://", "ssh://", "git@", "<<"];
                    is_archive(name) || is_address.iter().any(|start| name.starts_with(start))
                };
                let takes_more = |flag: &syntax::dockerfile::Flag| {
                    ["checksum", "keep-git-dir", "unpack"].contains(&flag.name.value.as_str())
                };
                let plain: Vec<&String> = sources.iter().filter(|name| !is_more(name)).collect();
                (!plain.is_empty() && !add.flags.iter().any(takes_more)).then(|| PlainAdd {
                    keyword: self.step_fact((), add.keyword.span, "copies a file or a folder"),
                    is_settled: plain.len() == sources.len()
                        && !plain.iter().any(|name| name.contains('$')),
                })
            })
            .collect()
    }

    /// The users that its own `USER`s name.
    pub fn users(self) -> Vec<Fact<String>> {
        self.instructed_by(&[Keyword::User])
            .filter_map(|user| match &user.arguments {
                Arguments::Words(words) => {
                    let word = words.first()?;
                    Some(self.step_fact(word.literal()?, word.span, "the user"))
                }
                _ => None,
            })
            .collect()
    }

    /// Variables in an `ENV` that the same `ENV` is the first to set, each with where it does.
    pub fn values_of_the_same_line(self) -> Vec<(Fact<String>, Fact<()>)> {
        let mut known: BTreeSet<String> = BTreeSet::new();
        for stage in self.lineage().into_iter().skip(1) {
            let envs = stage.instructed_by(&[Keyword::Env]).flat_map(pairs);
            known.extend(envs.map(|pair| pair.key.value.clone()));
        }
        let mut found = Vec::new();
        for instruction in self.instructed_by(&[Keyword::Env, Keyword::Arg]) {
            let all: Vec<_> = pairs(instruction).collect();
            if instruction.keyword.value == Keyword::Env {
                for pair in &all {
                    let variables = pair.value.iter().flat_map(Word::variables);
                    for variable in variables {
                        let other = all.iter().find(|other| {
                            other.key.value == variable.value && other.key.span != pair.key.span
                        });
                        let Some(other) = other.filter(|_| !known.contains(variable.value)) else {
                            continue;
                        };
                        let name = variable.value.to_owned();
                        found.push((
                            self.step_fact(name, variable.span, "filled in with what was before"),
                            self.step_fact((), other.span, "set by the same ENV"),
                        ));
                    }
                }
            }
            known.extend(all.iter().map(|pair| pair.key.value.clone()));
        }
        found
    }

    /// The stages and images that its steps copy from or mount.
    pub fn named_by_steps(self) -> Vec<String> {
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
            Keyword::Run => {
                Instructed::Runs(self.image().mounts(instruction), self.run(instruction))
            }
            _ => Instructed::Other,
        }
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
            keeps_folders: flag("parents").is_some(),
            destination: destination.map(|destination| destination.value),
        }
    }

    /// The commands of a `RUN`; none of one in exec form, which has no shell.
    fn run(self, instruction: &'a Instruction) -> Vec<Step> {
        if matches!(instruction.arguments, Arguments::Exec(_)) {
            return Vec::new();
        }
        let source = self.image().source().text();
        let mut exported: BTreeSet<String> = BTreeSet::new();
        let ran = self.image().ran_by(instruction).into_iter();
        ran.map(|ran| {
            let command = ran.command();
            let words: Vec<Option<String>> =
                command.words.iter().map(shell::Word::literal).collect();
            if words
                .first()
                .is_some_and(|word| word.as_deref() == Some("export"))
            {
                let names = command.words.iter().skip(1);
                let names = names.map(|word| ran.span(word.span).of(source));
                exported.extend(names.filter_map(|word| Some(word.split_once('=')?.0.to_owned())));
            }
            let own = command.assignments.iter();
            let own = own.map(|assignment| assignment.name.value.clone());
            Step {
                words,
                variables: exported.iter().cloned().chain(own).collect(),
                span: ran.span(command.span),
            }
        })
        .collect()
    }

    /// Something that was read in one of its steps.
    pub fn step_fact<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        let path = self.image().source().path();
        Fact::new(value, Origin::at(Place::text(path, span), why))
    }
}

impl<'a> Image<'a> {
    /// The mounts of a `RUN`.
    fn mounts(self, run: &Instruction) -> Vec<Fact<RunMount>> {
        run.flags
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
                let source = text(&["source", "src"]);
                let target = text(&["target", "dst", "destination"]);
                let id = text(&["id"]).or_else(|| match kind.as_str() {
                    "secret" => source.clone().or_else(|| target.clone().map(file)),
                    _ => None,
                });
                let mount = RunMount {
                    id,
                    from: text(&["from"]),
                    source,
                    target,
                    required: field(&["required"]).map(|(_, value)| {
                        value.as_ref().is_none_or(|value| {
                            ["1", "t", "T", "true", "TRUE", "True"].contains(&value.as_str())
                        })
                    }),
                    kind,
                };
                self.fact(mount, flag.span, "mounted here")
            })
            .collect()
    }

    /// Whether a `RUN` has a mount on one of `folders` that keeps what is written there out of the image:
    /// a cache or a tmpfs.
    pub fn keeps_out(self, run: &Instruction, folders: &[&str]) -> bool {
        self.mounts(run).iter().any(|mount| {
            let is_out = ["cache", "tmpfs"].contains(&mount.kind.as_str());
            let target = mount.target.as_deref();
            is_out && target.is_some_and(|target| folders.contains(&target.trim_end_matches('/')))
        })
    }

    /// The archives that are copied to be unpacked afterwards in the same stage: each `COPY`, and the
    /// command that unpacks.
    pub fn unpacked_copies(self) -> Vec<(&'a Instruction, Span)> {
        let unpacks: Vec<Ran<'a>> = self
            .running(&UNPACKERS)
            .into_iter()
            .filter(|ran| ran.unpacks())
            .collect();
        let base = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let mut found = Vec::new();
        for stage in self.stages().into_iter().filter(|_| !unpacks.is_empty()) {
            for copy in stage.instructed_by(&[Keyword::Copy]) {
                let has_source = copy.flags.iter().any(|flag| flag.name.value == "from");
                let words = words(copy);
                let Some((target, sources)) = words.split_last().filter(|_| !has_source) else {
                    continue;
                };
                let copied: Vec<String> = if is_archive(target) {
                    vec![base(target)]
                } else {
                    let archives = sources.iter().filter(|name| is_archive(name));
                    archives.map(|name| base(name)).collect()
                };
                let unpack = unpacks.iter().find(|ran| {
                    let run = ran.instruction();
                    let its = self.stage_of(run);
                    let mut words = ran.command().words.iter().skip(1);
                    its.is_some_and(|its| its.index() == stage.index())
                        && run.span.start > copy.span.start
                        && words.any(|word| {
                            word.literal()
                                .is_some_and(|word| copied.contains(&base(&word)))
                        })
                });
                found.extend(unpack.map(|ran| (copy, ran.span(ran.command().span))));
            }
        }
        found
    }
}

/// What names of archives end with that `ADD` unpacks.
const ARCHIVES: [&str; 15] = [
    ".tar", ".Z", ".bz2", ".gz", ".lz", ".lzma", ".tZ", ".tb2", ".tbz", ".tbz2", ".tgz", ".tlz",
    ".tpz", ".txz", ".xz",
];

fn is_archive(name: &str) -> bool {
    ARCHIVES.iter().any(|end| name.ends_with(end))
}

/// The words of a `COPY` or `ADD`; one with a variable is as it is written.
fn words(instruction: &Instruction) -> Vec<String> {
    match &instruction.arguments {
        Arguments::Words(words) => {
            let said = words
                .iter()
                .map(|word| word.literal().unwrap_or(word.raw.clone()));
            said.collect()
        }
        Arguments::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The programs that unpack archives.
const UNPACKERS: [&str; 6] = ["gunzip", "bunzip2", "unxz", "unlzma", "uncompress", "tar"];

impl Ran<'_> {
    /// Whether it unpacks an archive that `ADD` could.
    fn unpacks(self) -> bool {
        let extracts = || {
            let first = self.command().words.get(1).and_then(shell::Word::literal);
            let is_old = first.is_some_and(|word| !word.starts_with('-') && word.contains('x'));
            is_old || self.has_flag(&["-x", "--extract", "--get"])
        };
        self.runs(&UNPACKERS) && (!self.runs(&["tar"]) || extracts())
    }
}
