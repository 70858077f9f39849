//! What a Dockerfile builds: stages, and what the final image is configured to do.
//!
//! Upstream: BuildKit `frontend/dockerfile/dockerfile2llb/convert.go`, moby's image configuration.

use std::collections::BTreeMap;

use syntax::dockerfile::{Arguments, Dockerfile, Instruction, Keyword, Word};
use syntax::{Span, Spanned, shell};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::tree::{Path, Source};

/// A Dockerfile of the app.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    source: &'a Source,
}

/// One `FROM` and what follows it.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    image: Image<'a>,
    index: usize,
    from: &'a Instruction,
    instructions: &'a [Instruction],
}

/// Whether a file's name says that it is a Dockerfile.
pub fn is_dockerfile(name: &str) -> bool {
    let (name, folded) = (name, name.to_ascii_lowercase());
    let is_named = ["dockerfile", "containerfile"].iter().any(|file| {
        let rest = folded.strip_prefix(file);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    });
    let is_other = [".dockerignore", ".erb", ".j2", ".md", ".tmpl"];
    (is_named || folded.ends_with(".dockerfile")) && !is_other.iter().any(|end| name.ends_with(end))
}

impl<'t> App<'t> {
    /// All Dockerfiles that were read: those that Kamal builds, and others beside them.
    pub fn images(&self) -> Vec<Image<'t>> {
        let mut named: Vec<Path> = self
            .destinations()
            .iter()
            .filter_map(|destination| Path::new(&destination.dockerfile()?))
            .collect();
        named.dedup();
        self.tree()
            .sources()
            .filter(|source| is_dockerfile(source.path().name()) || named.contains(source.path()))
            .map(Image::of)
            .collect()
    }
}

impl<'a> Image<'a> {
    /// The image that `source` builds.
    pub fn of(source: &'a Source) -> Self {
        Self { source }
    }

    /// The file.
    pub fn source(self) -> &'a Source {
        self.source
    }

    /// Whether its name or folder says that nobody deploys it.
    pub fn is_for_development(self) -> bool {
        let path = self.source.path();
        let is_meant =
            |word: &str| ["dev", "devcontainer", "development", "test", "ci"].contains(&word);
        path.split(['/', '.', '-', '_']).any(is_meant)
    }

    /// What makes Docker's checks stop the build: `error=true` in `# check=`.
    pub fn checks_are_errors(self) -> Option<Place> {
        let mut directives = self.document().directives.iter();
        let check = directives.find(|directive| directive.name.value == "check")?;
        let mut fields = check.value.split(';').map(str::trim);
        fields
            .any(|field| field.eq_ignore_ascii_case("error=true"))
            .then(|| Place::text(self.source.path(), check.span))
    }

    /// The instructions, those of the stages and those before them.
    pub fn instructions(self) -> &'a [Instruction] {
        &self.document().instructions
    }

    /// Something that stands in the file.
    pub fn fact<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        Fact::read(value, self.source.path(), span, why)
    }

    /// The file as BuildKit reads it.
    pub fn document(self) -> &'a Dockerfile {
        self.source.dockerfile()
    }

    /// The stages, in the order of the file.
    pub fn stages(self) -> Vec<Stage<'a>> {
        let all = &self.document().instructions;
        let starts: Vec<usize> = all
            .iter()
            .enumerate()
            .filter(|(_, instruction)| instruction.keyword.value == Keyword::From)
            .map(|(index, _)| index)
            .collect();
        let ends = starts.iter().skip(1).copied().chain([all.len()]);
        starts
            .iter()
            .zip(ends)
            .enumerate()
            .map(|(index, (&start, end))| Stage {
                image: self,
                index,
                from: &all[start],
                instructions: &all[start + 1..end],
            })
            .collect()
    }

    /// The stage that an instruction is part of.
    pub fn stage_of(self, instruction: &Instruction) -> Option<Stage<'a>> {
        let mut stages = self.stages().into_iter();
        stages.rfind(|stage| stage.from.span.start < instruction.span.start)
    }

    /// The stage that becomes the image: `target`, else the last one.
    pub fn final_stage(self, target: Option<&str>) -> Option<Stage<'a>> {
        let stages = self.stages();
        match target {
            Some(target) => stages.into_iter().find(|stage| stage.is_called(target)),
            None => stages.into_iter().last(),
        }
    }

    /// Whether a step that runs or copies something has `text` in it: files that the build itself
    /// makes or changes are not what the app has.
    pub fn mentions(self, text: &str) -> bool {
        self.document().instructions.iter().any(|instruction| {
            matches!(
                instruction.keyword.value,
                Keyword::Run | Keyword::Copy | Keyword::Add
            ) && instruction.span.of(self.source.text()).contains(text)
        })
    }

    /// Where the whole build context is copied; nothing if only pieces of it are.
    pub fn copies_context(self) -> Option<Span> {
        let copies = self.document().instructions.iter().filter(|instruction| {
            matches!(instruction.keyword.value, Keyword::Copy | Keyword::Add)
        });
        copies
            .filter(|copy| !copy.flags.iter().any(|flag| flag.name.value == "from"))
            .find(|copy| match &copy.arguments {
                Arguments::Words(words) => words
                    .first()
                    .and_then(Word::literal)
                    .is_some_and(|source| [".", "./", "/"].contains(&source.as_str())),
                _ => false,
            })
            .map(|copy| copy.span)
    }

    /// Whether a step may make programs of the app's executable, whatever their mode was.
    pub fn changes_modes(self) -> bool {
        self.document().instructions.iter().any(|instruction| {
            let text = instruction.span.of(self.source.text());
            match instruction.keyword.value {
                Keyword::Copy | Keyword::Add => text.contains("--chmod"),
                Keyword::Run => text
                    .split(['&', ';', '\n'])
                    .filter(|command| command.contains("chmod"))
                    // Bundler's own folder has no programs of the app's.
                    .any(|command| !command.contains("/usr/local/bundle")),
                _ => false,
            }
        })
    }

    /// Whether a step that runs or copies something names a folder, or what is below it.
    pub fn names_folder(self, folder: &str) -> bool {
        let is_below = |word: &str| {
            let rest = word.strip_prefix(folder);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.document().instructions.iter().any(|instruction| {
            let is_step = matches!(
                instruction.keyword.value,
                Keyword::Run | Keyword::Copy | Keyword::Add
            );
            let text = instruction.span.of(self.source.text());
            is_step
                && text
                    .split(|c: char| c.is_whitespace() || "=:;,\"'()[]".contains(c))
                    .any(is_below)
        })
    }

    /// The arguments that it takes, each `ARG` with whether it stands before the first `FROM`.
    pub fn arguments(self) -> Vec<(Fact<String>, bool)> {
        let mut is_global = true;
        let mut found = Vec::new();
        for instruction in &self.document().instructions {
            is_global &= instruction.keyword.value != Keyword::From;
            if instruction.keyword.value == Keyword::Arg {
                found.extend(pairs(instruction).map(|pair| {
                    let name = pair.key.value.clone();
                    let path = self.source.path();
                    let name = Fact::read(name, path, pair.span, "the build argument");
                    (name, is_global)
                }));
            }
        }
        found
    }

    /// Whether a `FROM`, or an `ARG` before the first one, uses an argument.
    pub fn starts_with_argument(self, name: &str) -> bool {
        let instructions = &self.document().instructions;
        let uses = |word: &Word| word.variables().any(|variable| variable.value == name);
        let before = instructions
            .iter()
            .take_while(|instruction| instruction.keyword.value != Keyword::From)
            .flat_map(pairs)
            .filter_map(|pair| pair.value.as_ref());
        let from = |instruction: &Instruction| match &instruction.arguments {
            Arguments::From { image, .. } => {
                uses(image)
                    || instruction
                        .flags
                        .iter()
                        .any(|flag| flag.span.of(self.source.text()).contains(name))
            }
            _ => false,
        };
        before.into_iter().any(uses) || instructions.iter().any(from)
    }

    /// `ARG` before the first `FROM`, with its default: what `FROM` lines may use.
    pub fn global_argument(self, name: &str) -> Option<Fact<String>> {
        self.document()
            .instructions
            .iter()
            .take_while(|instruction| instruction.keyword.value != Keyword::From)
            .filter(|instruction| instruction.keyword.value == Keyword::Arg)
            .flat_map(pairs)
            .find(|pair| pair.key.value == name)
            .and_then(|pair| {
                let value = pair.value.as_ref()?;
                let text = value.literal()?;
                Some(Fact::read(
                    text,
                    self.source.path(),
                    value.span,
                    "the build argument",
                ))
            })
    }
}

impl<'a> Stage<'a> {
    /// The Dockerfile.
    pub fn image(self) -> Image<'a> {
        self.image
    }

    /// Its name, where it has one.
    pub fn name(self) -> Option<Fact<String>> {
        let name = self.written_name()?;
        Some(self.read(name.value.clone(), name.span, "the stage"))
    }

    fn written_name(self) -> Option<&'a Spanned<String>> {
        match &self.from.arguments {
            Arguments::From { stage, .. } => stage.as_ref(),
            _ => None,
        }
    }

    /// Its `FROM`.
    pub fn from(self) -> &'a Instruction {
        self.from
    }

    /// The image that it starts from, as it is written: nothing for an earlier stage, for `scratch`, and for
    /// one that an argument is part of.
    pub fn pulled(self) -> Option<Fact<String>> {
        let Arguments::From { image, .. } = &self.from.arguments else {
            return None;
        };
        let name = image.literal()?;
        let is_none = name == "scratch" || self.parent().is_some();
        (!is_none).then(|| self.read(name, image.span, "the base image"))
    }

    /// Whether what it leaves behind is kept: it is the last stage, or one that others start from.
    pub fn is_kept(self) -> bool {
        let all = self.image.stages();
        let starts_here = |stage: &Stage<'a>| {
            let parent = stage.parent();
            parent.is_some_and(|parent| parent.index == self.index)
        };
        self.index + 1 == all.len() || all.iter().any(starts_here)
    }

    /// Its number, from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// Its own instructions, without `FROM`.
    pub fn instructions(self) -> &'a [Instruction] {
        self.instructions
    }

    /// The image or stage that it starts from, with global arguments filled in.
    pub fn base(self) -> Answer<String> {
        let Arguments::From { image, .. } = &self.from.arguments else {
            return Answer::Absent(self.place(self.from.span));
        };
        let arguments = |name: &str| self.image.global_argument(name).map(|fact| fact.value);
        match image.expand(&arguments) {
            Ok(base) => Answer::Is(self.read(base, image.span, "the base image")),
            Err(variable) => Answer::Unknown(
                self.place(image.span),
                Why::NotRead(format!("the build argument {variable} has no default")),
            ),
        }
    }

    /// The image that it starts from, where `given` has what the build is given for arguments. It was
    /// read where the argument has its value, if one is all that is filled in.
    pub fn base_of_build(self, given: &dyn Fn(&str) -> Answer<String>) -> Option<Fact<String>> {
        let Arguments::From { image, .. } = &self.from.arguments else {
            return None;
        };
        let argument = |name: &str| {
            let declared = self.image.arguments();
            declared
                .iter()
                .find(|(argument, is_global)| *is_global && argument.value == name)?;
            match given(name) {
                Answer::Is(value) => Some(value),
                Answer::Absent(_) => self.image.global_argument(name),
                Answer::Unknown(..) => None,
            }
        };
        let base = image
            .expand(&|name| argument(name).map(|fact| fact.value))
            .ok()?;
        let from = self.read(base.clone(), image.span, "the base image");
        let variables: Vec<_> = image.variables().collect();
        let only = match variables.as_slice() {
            [only] => argument(only.value),
            _ => None,
        };
        Some(match only {
            Some(argument) => argument.map(|_| base).because(from.origin),
            None => from,
        })
    }

    /// The earlier stage that it starts from, if it is one.
    pub fn parent(self) -> Option<Stage<'a>> {
        if self.index == 0 {
            return None;
        }
        let base = self.base().known()?;
        self.image
            .stages()
            .into_iter()
            .take(self.index)
            .rfind(|stage| stage.is_called(&base))
    }

    /// This stage and all that it starts from, nearest first.
    pub fn lineage(self) -> Vec<Stage<'a>> {
        std::iter::successors(Some(self), |stage| stage.parent()).collect()
    }

    /// A variable that containers of the image have.
    pub fn variable(self, name: &str) -> Answer<String> {
        for stage in self.lineage() {
            for instruction in stage.instructions.iter().rev() {
                if instruction.keyword.value != Keyword::Env {
                    continue;
                }
                let Some(pair) = pairs(instruction)
                    .filter(|pair| pair.key.value == name)
                    .last()
                else {
                    continue;
                };
                let place = Place::text(self.image.source.path(), pair.span);
                return match pair.value.as_ref().map(|value| (value, value.literal())) {
                    Some((_, Some(value))) => {
                        Answer::Is(Fact::new(value, Origin::at(place, "set in the image")))
                    }
                    Some((value, None)) => Answer::Unknown(place, depends_on(value)),
                    None => Answer::Unknown(place, Why::Broken),
                };
            }
        }
        Answer::Absent(Place::File(self.image.source.path().clone()))
    }

    /// All variables that containers of the image have, as far as they are known.
    pub fn variables(self) -> BTreeMap<String, Fact<String>> {
        let names: Vec<String> = self
            .lineage()
            .iter()
            .flat_map(|stage| stage.instructions)
            .filter(|instruction| instruction.keyword.value == Keyword::Env)
            .flat_map(pairs)
            .map(|pair| pair.key.value.clone())
            .collect();
        names
            .into_iter()
            .filter_map(|name| Some((name.clone(), self.variable(&name).known()?)))
            .collect()
    }

    /// The folder that containers start in.
    pub fn working_folder(self) -> Answer<String> {
        let mut folder: Option<Fact<String>> = None;
        for stage in self.lineage().into_iter().rev() {
            for instruction in stage.instructions {
                if instruction.keyword.value != Keyword::Workdir {
                    continue;
                }
                let Arguments::Words(words) = &instruction.arguments else {
                    continue;
                };
                let Some(word) = words.first() else { continue };
                let lookup = |name: &str| self.variable(name).known().map(|fact| fact.value);
                let Ok(path) = word.expand(&lookup) else {
                    return Answer::Unknown(self.place(word.span), depends_on(word));
                };
                let base = folder.as_ref().map_or("", |folder| folder.value.as_str());
                let path = if path.starts_with('/') {
                    path
                } else {
                    format!("{base}/{path}")
                };
                let path = format!("/{}", path.trim_matches('/'));
                folder = Some(self.read(path, word.span, "the working directory"));
            }
        }
        match folder {
            Some(folder) => Answer::Is(folder),
            None => Answer::Absent(Place::File(self.image.source.path().clone())),
        }
    }

    /// The user that containers run as, as it is written; absent is root or the base image's.
    pub fn user(self) -> Answer<String> {
        let Some(instruction) = self.last(&Keyword::User) else {
            return Answer::Absent(Place::File(self.image.source.path().clone()));
        };
        match &instruction.arguments {
            Arguments::Words(words) if words.len() == 1 => match words[0].literal() {
                Some(user) => Answer::Is(self.read(user, words[0].span, "the user")),
                None => Answer::Unknown(self.place(words[0].span), depends_on(&words[0])),
            },
            _ => Answer::Unknown(self.place(instruction.span), Why::Broken),
        }
    }

    /// The ports that the image says it listens on. Nothing depends on them; they are a hint.
    pub fn exposed_ports(self) -> Vec<Fact<String>> {
        self.lineage()
            .iter()
            .flat_map(|stage| stage.instructions)
            .filter(|instruction| instruction.keyword.value == Keyword::Expose)
            .flat_map(|instruction| match &instruction.arguments {
                Arguments::Words(words) => words.as_slice(),
                _ => &[],
            })
            .filter_map(|word| Some(self.read(word.literal()?, word.span, "exposed here")))
            .collect()
    }

    /// `ENTRYPOINT` as a list of words; a shell form cannot pass `CMD` on and reads as unknown.
    pub fn entrypoint(self) -> Answer<Vec<String>> {
        match self.last(&Keyword::Entrypoint) {
            None => Answer::Absent(Place::File(self.image.source.path().clone())),
            Some(instruction) => match &instruction.arguments {
                Arguments::Exec(words) => {
                    Answer::Is(self.words(words, instruction, "the entrypoint"))
                }
                _ => Answer::Unknown(
                    self.place(instruction.span),
                    Why::NotRead("a shell-form ENTRYPOINT ignores CMD and arguments".to_owned()),
                ),
            },
        }
    }

    /// `CMD` as a list of words. An `ENTRYPOINT` in a later stage clears a `CMD` from before it.
    pub fn command(self) -> Answer<Vec<String>> {
        let absent = Answer::Absent(Place::File(self.image.source.path().clone()));
        for stage in self.lineage() {
            let found = stage.own(&Keyword::Cmd);
            let Some(instruction) = found else {
                if stage.own(&Keyword::Entrypoint).is_some() {
                    return absent;
                }
                continue;
            };
            return match &instruction.arguments {
                Arguments::Exec(words) => {
                    Answer::Is(self.words(words, instruction, "the image's command"))
                }
                Arguments::Shell(text) => self.shell_words(&text.masked, instruction),
                _ => Answer::Unknown(self.place(instruction.span), Why::Broken),
            };
        }
        absent
    }

    /// The words of the last command that a shell form runs.
    fn shell_words(self, text: &str, instruction: &Instruction) -> Answer<Vec<String>> {
        let script = shell::parse(text);
        let words: Option<Vec<String>> = match script.commands().as_slice() {
            [only] => only.words.iter().map(shell::Word::literal).collect(),
            _ => None,
        };
        match words {
            Some(words) => {
                let words = match words.split_first() {
                    Some((exec, rest)) if exec == "exec" => rest.to_vec(),
                    _ => words,
                };
                Answer::Is(self.read(words, instruction.span, "the image's command"))
            }
            None => Answer::Unknown(self.place(instruction.span), Why::Dynamic),
        }
    }

    fn words(
        self,
        words: &[syntax::Spanned<String>],
        instruction: &Instruction,
        why: &'static str,
    ) -> Fact<Vec<String>> {
        let values = words.iter().map(|word| word.value.clone()).collect();
        self.read(values, instruction.span, why)
    }

    /// The last such instruction of the image.
    fn last(self, keyword: &Keyword) -> Option<&'a Instruction> {
        self.lineage()
            .into_iter()
            .find_map(|stage| stage.own(keyword))
    }

    /// The last such instruction of the stage itself.
    pub fn own(self, keyword: &Keyword) -> Option<&'a Instruction> {
        self.instructions
            .iter()
            .rfind(|instruction| instruction.keyword.value == *keyword)
    }

    /// Whether `FROM`, `COPY --from` and `--target` mean it by this name or number.
    pub fn is_called(self, name: &str) -> bool {
        self.written_name()
            .is_some_and(|own| own.eq_ignore_ascii_case(name))
            || name.parse() == Ok(self.index)
    }

    fn place(self, span: Span) -> Place {
        Place::text(self.image.source.path(), span)
    }

    fn read<T>(self, value: T, span: Span, why: &'static str) -> Fact<T> {
        Fact::read(value, self.image.source.path(), span, why)
    }
}

/// Why a word with a variable in it cannot be told.
fn depends_on(word: &Word) -> Why {
    let what = word
        .variables()
        .next()
        .map(|variable| variable.value.to_owned());
    Why::NotRead(match what {
        Some(name) => format!("`${name}` of the build decides"),
        None => "it is written in a way that is not read here".to_owned(),
    })
}

/// The pairs of `ENV`, `ARG` or `LABEL`.
pub fn pairs(instruction: &Instruction) -> impl Iterator<Item = &syntax::dockerfile::Pair> {
    match &instruction.arguments {
        Arguments::Pairs { pairs, .. } => pairs.as_slice(),
        _ => &[],
    }
    .iter()
}
