//! The build that Kamal runs: which Dockerfile, from which files, and what the build is given.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/builder.rb`, `lib/kamal/commands/builder/base.rb`.

use syntax::dockerfile::{Instruction, Keyword};
use syntax::dockerignore::Pattern;

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::App;
use crate::facts::dockerfile::{Image, Stage};
use crate::facts::kamal::Destination;
use crate::facts::mounts::is_below;
use crate::facts::process;
use crate::facts::setting::Setting;
use crate::facts::steps::{Copy, Instructed, Step};
use crate::facts::stores;
use crate::tree::{Entry, Listed, Path, Source, Tree};

/// What Kamal builds a destination's image from.
#[derive(Clone, Debug)]
pub struct Build<'a> {
    destination: Destination<'a>,
    image: Image<'a>,
}

impl<'a> Destination<'a> {
    /// The build of its image; nothing where buildpacks build it, or there is no Dockerfile that could
    /// be read.
    pub fn build(&self) -> Option<Build<'a>> {
        if !self.root().dig(&["builder", "pack"]).is_absent() {
            return None;
        }
        let image = self.app().image(&self.dockerfile()?)?;
        Some(Build {
            destination: self.clone(),
            image,
        })
    }

    /// Where the Dockerfile that Kamal asks for surely is not.
    pub fn lacks_dockerfile(&self) -> Option<Fact<Path>> {
        if !self.root().dig(&["builder", "pack"]).is_absent() {
            return None;
        }
        let named = self.dockerfile()?;
        let path = Path::new(&named)?;
        let is_missing = matches!(self.app().tree().entry(&path), Some(Entry::Missing));
        is_missing.then(|| named.map(|_| path))
    }
}

impl Destination<'_> {
    /// Whether Kamal surely builds from a clone of the commit, which has what git tracks and nothing
    /// else (kamal 2.12 `lib/kamal/configuration/builder.rb`, `git_clone?`).
    pub fn is_built_from_clone(&self) -> bool {
        let context = self.root().dig(&["builder", "context"]);
        context.is_absent() && self.app().tree().index().is_some()
    }

    /// `registry.server`; without one it is Docker Hub.
    pub fn registry_server(&self) -> Answer<String> {
        let server = self.root().dig(&["registry", "server"]);
        server.and_then(|server| server.text())
    }
}

impl<'a> Build<'a> {
    /// The destination that it is for.
    pub fn destination(&self) -> &Destination<'a> {
        &self.destination
    }

    /// The Dockerfile.
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// A key below `builder`.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        self.destination.root().dig(&["builder", key])
    }

    /// `builder.target`.
    pub fn target(&self) -> Answer<String> {
        self.get("target").and_then(|target| target.text())
    }

    /// The stage that becomes the image.
    pub fn stage(&self) -> Option<Stage<'a>> {
        process::stage_of(&self.destination)
    }

    /// The stages that are built; none if that cannot be told.
    pub fn stages(&self) -> Vec<Stage<'a>> {
        self.stage().map(Stage::built_with).unwrap_or_default()
    }

    /// The arguments that the build is given.
    pub fn arguments(&self) -> Vec<Fact<String>> {
        let arguments = self.get("args").known();
        let members = arguments.iter().filter(|arguments| arguments.is_mapping());
        members
            .flat_map(|arguments| arguments.members())
            .map(|member| member.name.labelled("given to the build"))
            .collect()
    }

    /// What the build is given for an argument.
    pub fn argument(&self, name: &str) -> Answer<String> {
        let value = self.destination.root().dig(&["builder", "args", name]);
        value.and_then(|value| value.text())
    }

    /// The image that a stage starts from, whatever stages are between.
    pub fn base_of(&self, stage: Stage<'a>) -> Option<Fact<String>> {
        let first = stage.lineage().into_iter().last()?;
        first.base_of_build(&|name| self.argument(name))
    }

    /// The version of Ruby that the image has, as precise as the tag of its base image.
    pub fn ruby(&self) -> Option<Fact<String>> {
        let base = self.base_of(self.stage()?)?;
        let tag = ruby_tag(&base)?;
        let version = tag.split('-').next().unwrap_or_default().to_owned();
        let is_version = version
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        is_version.then(|| base.map(|_| version).labelled("the image's Ruby"))
    }

    /// Writes another version of Ruby where the image has its own from.
    pub fn with_ruby(&self, version: &str) -> Option<Changes> {
        let has = self.ruby()?;
        let written = has.source_text(self.destination.app().tree());
        let is_there_once = written.matches(has.as_str()).count() == 1;
        is_there_once.then(|| has.replace(written.replacen(has.as_str(), version, 1)))?
    }

    /// The secrets that steps can mount; nothing if not all of them are known.
    pub fn secrets(&self) -> Option<Vec<Fact<String>>> {
        match self.get("secrets") {
            Answer::Is(secrets) => all_texts(&secrets),
            Answer::Absent(_) => Some(Vec::new()),
            Answer::Unknown(..) => None,
        }
    }

    /// The SSH agents and keys that steps can mount.
    pub fn ssh(&self) -> Answer<String> {
        self.get("ssh").and_then(|ssh| ssh.text())
    }

    /// The architectures that are built for; nothing if they cannot be told.
    pub fn arches(&self) -> Option<Vec<Fact<String>>> {
        all_texts(&self.get("arch").known()?.value)
    }

    /// Where Bundler is told to install what is locked and nothing else; nothing where a step changes
    /// the lockfile, or says otherwise.
    pub fn frozen_bundle(&self) -> Option<Fact<()>> {
        let (stage, _) = self.gem_step()?;
        let mut frozen = None;
        for name in ["BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"] {
            match stage.variable(name) {
                Answer::Is(value)
                    if ["1", "true"].contains(&value.to_ascii_lowercase().as_str()) =>
                {
                    frozen = Some(
                        value
                            .map(|_| ())
                            .labelled("nothing is added to the lockfile"),
                    );
                }
                Answer::Is(_) | Answer::Unknown(..) => return None,
                Answer::Absent(_) => {}
            }
        }
        for step in stage.lineage().into_iter().flat_map(Stage::commands) {
            let is_bundle = step.program() == Some("bundle");
            let sets = ["deployment", "frozen", "--deployment", "--frozen"];
            if is_bundle && (step.has("lock") || step.has("update") || step.has("unset")) {
                return None;
            }
            if step
                .variables
                .iter()
                .any(|name| name == "BUNDLE_DEPLOYMENT" || name == "BUNDLE_FROZEN")
            {
                return None;
            }
            if is_bundle && sets.iter().any(|word| step.has(word)) {
                if step.has("false") {
                    return None;
                }
                frozen = Some(stage.step_fact((), step.span, "nothing is added to the lockfile"));
            }
        }
        frozen.filter(|_| !self.image.mentions("add-platform"))
    }

    /// The file that keeps files out of the build, where it is the app's.
    pub fn ignore(&self) -> Option<&'a Source> {
        let folder = self.destination.folder_in_context();
        let dockerfile = self.image.source().path();
        ignore_file(self.destination.app(), dockerfile, folder.as_deref())
    }

    /// Whether Kamal builds from a clone of the commit, see [`Destination::is_built_from_clone`].
    pub fn is_from_clone(&self) -> bool {
        self.destination.is_built_from_clone()
    }

    /// What is copied from the build context by its name or a pattern, all of the context left out.
    pub fn named_sources(&self) -> Vec<Fact<String>> {
        let is_remote = |source: &str| source.contains("://") || source.starts_with("git@");
        self.copied_from_context()
            .into_iter()
            .flat_map(|copy| copy.sources)
            .filter(|source| !is_remote(source))
            .collect()
    }

    /// The folders of the app in which something is that is copied.
    pub fn copied_folders(&self) -> Vec<Path> {
        self.named_sources()
            .iter()
            .filter_map(|source| Some(self.path_in_app(fixed_part(source))?.parent()))
            .collect()
    }

    /// What surely is not there of something that is copied: itself, or the folder that a pattern
    /// looks in.
    pub fn surely_lacks(&self, source: &str) -> Option<Path> {
        let path = self.path_in_app(fixed_part(source))?;
        let tree = self.destination.app().tree();
        tree.folder(&path.parent())?;
        let is_there = match self.tracks(&path) {
            Some(true) => true,
            // What is copied by its name is told apart: it may only not be in git.
            Some(false) if self.is_from_clone() && fixed_part(source) != source => false,
            _ => tree.has(&path),
        };
        (!is_there && !path.is_empty()).then_some(path)
    }

    /// The path of something that is copied and in the app's folder, but not in git.
    pub fn untracked(&self, source: &str) -> Option<Path> {
        let path = self
            .path_in_app(source)
            .filter(|_| fixed_part(source) == source)?;
        let is_there = !path.is_empty() && self.destination.app().tree().has(&path);
        (is_there && self.tracks(&path) == Some(false)).then_some(path)
    }

    /// Whether git has a file, something in a folder, or a submodule that it is in; nothing if git has
    /// nothing yet, or cannot be asked.
    pub fn tracks(&self, path: &Path) -> Option<bool> {
        let index = self.destination.app().tree().index()?;
        index.files().next()?;
        let mut above = std::iter::successors(Some(path.parent()), |folder| {
            (!folder.is_empty()).then(|| folder.parent())
        });
        Some(
            path.is_empty()
                || index.has(path)
                || index.has_below(path)
                || above.any(|folder| index.has(&folder)),
        )
    }

    /// Whether the app has a file or a folder, tracked or not.
    pub fn has(&self, path: &Path) -> bool {
        self.destination.app().tree().has(path)
    }

    /// What copies a file of the app from the build context: the file, or a folder that it is in.
    pub fn copied_with(&self, path: &str) -> Option<Fact<String>> {
        self.copying(&self.named_sources(), path).cloned()
    }

    fn copying<'s>(&self, sources: &'s [Fact<String>], path: &str) -> Option<&'s Fact<String>> {
        let path = format!("{}{path}", self.destination.folder_in_context()?);
        sources.iter().find(|source| {
            let folder = Path::new(source.trim_start_matches('/'));
            folder.is_some_and(|folder| folder.is_empty() || is_below(&path, &folder))
        })
    }

    /// The pattern that keeps a file of the app out of the build.
    pub fn hiding(&self, path: &str) -> Option<&'a Pattern> {
        let prefix = self.destination.folder_in_context()?;
        let ignore = self.ignore()?.dockerignore();
        ignore
            .decide(&format!("{prefix}{path}"))
            .filter(|pattern| !pattern.negated)
    }

    /// Files of the app that the image surely needs and the build copies, and that the pattern keeps out.
    pub fn hidden_files(&self) -> Vec<(Path, &'a Pattern)> {
        let tree = self.destination.app().tree();
        let sources = self.named_sources();
        let scripts = self
            .destination
            .scripts()
            .into_iter()
            .map(|script| script.path().clone());
        let puma = self.destination.puma().source();
        let puma = puma.map(|source| source.path().clone());
        let named = sources
            .iter()
            .filter_map(|source| self.path_in_app(source))
            .filter(|path| !path.is_empty());
        let mut hidden: Vec<(Path, &'a Pattern)> = NEEDED
            .into_iter()
            .map(Path::from)
            .chain(puma)
            .chain(scripts)
            .filter(|path| self.copying(&sources, path).is_some())
            .chain(named)
            .filter(|path| tree.has(path))
            .filter_map(|path| Some((path.clone(), self.hiding(&path)?)))
            .collect();
        if hidden.is_empty() {
            return hidden;
        }
        let stages = self.stages().into_iter();
        let commands: Vec<Step> = stages.flat_map(Stage::commands).collect();
        // What a step writes is not what the app has.
        let is_made = |path: &Path| {
            let mut words = commands.iter().flat_map(|step| step.words.iter().flatten());
            words.any(|word| word.contains(path.as_str()))
        };
        hidden.retain(|(path, _)| !is_made(path));
        hidden.sort_by(|(one, _), (other, _)| one.cmp(other));
        hidden.dedup_by(|(one, _), (other, _)| one == other);
        hidden
    }

    /// Files with secrets that git does not have and the build gets all the same, each with what copies
    /// it: the context is a folder as it is, and no clone. What git has is no secret to begin with, or
    /// one that is out already.
    pub fn secret_files(&self) -> Vec<(Path, Fact<String>)> {
        if !self.get("context").is_known() {
            return Vec::new();
        }
        let tree = self.destination.app().tree();
        let names = |folder: &'static str| tree.folder(folder).unwrap_or_default().iter();
        let of_variables = names("")
            .filter(|listed| !listed.is_folder && is_env_file(&listed.name))
            .filter_map(|listed| Path::new(&listed.name));
        let keys = names("config/credentials")
            .filter(|listed| {
                let environment = listed.name.strip_suffix(".key");
                environment.is_some_and(|name| !["development", "test"].contains(&name))
            })
            .filter_map(|listed| Path::from("config/credentials").join(&listed.name));
        let master = Path::from("config/master.key");
        of_variables
            .chain(keys)
            .chain(tree.has(&master).then_some(master))
            .filter(|path| self.tracks(path) != Some(true) && self.hiding(path).is_none())
            .filter_map(|path| Some((path.clone(), self.copied_with(&path)?)))
            .collect()
    }

    /// Whether a step asks the repository for something, or removes it.
    pub fn uses_repository(&self) -> bool {
        let is_own = |word: &str| word == ".git" || word.ends_with("/.git") && !word.contains('*');
        let mut commands = self.stages().into_iter().flat_map(Stage::commands);
        commands.any(|step| {
            let asks = step.program() == Some("git") && !step.has("clone") && !step.has("config");
            asks || step.program() == Some("rm")
                && step.words.iter().flatten().any(|word| is_own(word))
        })
    }

    /// Whether a key of the credentials of production may be in the build.
    pub fn may_have_key(&self) -> bool {
        let tree = self.destination.app().tree();
        ["config/master.key", "config/credentials/production.key"]
            .into_iter()
            .map(Path::from)
            .filter(|path| !self.is_from_clone() || self.tracks(path) != Some(false))
            .any(|path| tree.has(&path) && self.hiding(&path).is_none())
    }

    /// The first step that installs gems, and what is copied before it.
    pub fn bundle_install(&self) -> Option<Install<'a>> {
        let (stage, _) = self.gem_step()?;
        let mut copied = Vec::new();
        let mut commands_before: Vec<String> = Vec::new();
        for stage in stage.lineage().into_iter().rev() {
            for step in stage.steps() {
                match step {
                    Instructed::Copies(copy) if copy.from.is_none() && copy.is_settled => {
                        let target = copy.destination.filter(|_| !copy.keeps_folders);
                        let sources = copy.sources.into_iter();
                        copied.extend(sources.map(|source| (source, target.clone())));
                    }
                    Instructed::Copies(_) => return None,
                    Instructed::Runs(mounts, commands) => {
                        let install = commands.iter().find(|step| step.is_bundle_install());
                        if let Some(install) = install {
                            let bound = mounts.into_iter().filter(|mount| mount.kind == "bind");
                            for mount in bound {
                                if mount.from.is_some() {
                                    return None;
                                }
                                copied.push((
                                    mount.map(|mount| mount.source.unwrap_or_default()),
                                    None,
                                ));
                            }
                            let step = stage.step_fact((), install.span, "gems are installed here");
                            let prefix = self.destination.folder_in_context()?;
                            return Some(Install {
                                step,
                                prefix,
                                tree: self.destination.app().tree(),
                                inside: only_working_folder(stage),
                                copied,
                                commands: commands_before,
                            });
                        }
                        let text = self.image.source().text();
                        commands_before
                            .extend(commands.iter().map(|step| step.span.of(text).to_owned()));
                    }
                    Instructed::Other => {}
                }
            }
        }
        None
    }

    /// The path in the app of something that is copied from the build context; nothing where it is
    /// outside of the app, or cannot be told.
    pub fn path_in_app(&self, source: &str) -> Option<Path> {
        let prefix = self.destination.folder_in_context()?;
        let source = Path::new(source.trim_start_matches('/'))?;
        match prefix.trim_end_matches('/') {
            "" => Some(source),
            folder => {
                let inside = source.strip_prefix(folder)?;
                Path::new(inside.strip_prefix('/').unwrap_or(inside))
            }
        }
    }

    /// What the built stages copy from the build context.
    pub fn copied_from_context(&self) -> Vec<Copy> {
        self.stages()
            .into_iter()
            .flat_map(Stage::copies)
            .filter(|copy| copy.from.is_none())
            .collect()
    }
}

/// A Dockerfile's own file goes first; the other one is looked for at the root of the context, which is
/// not the app's where the app has a folder in it.
pub(crate) fn ignore_file<'a>(
    app: &'a App<'a>,
    dockerfile: &str,
    folder: Option<&str>,
) -> Option<&'a Source> {
    let tree = app.tree();
    let own = tree.source(&format!("{dockerfile}.dockerignore"));
    own.or_else(|| tree.source(".dockerignore").filter(|_| folder == Some("")))
}

/// The tag of the official Ruby image or a mirror of it; nothing for another image.
pub fn ruby_tag(image: &str) -> Option<&str> {
    let (_, tag) = image
        .rsplit('/')
        .next()?
        .split('@')
        .next()?
        .split_once(':')
        .filter(|(name, _)| *name == "ruby")?;
    Some(tag)
}

/// Whether an image is the official Ruby image itself, and no mirror that may have more in it.
pub fn is_official_ruby(image: &str) -> bool {
    stores::name_and_tag(image).0 == "ruby"
}

/// What is installed, and what is there by then.
#[derive(Clone, Debug)]
pub struct Install<'a> {
    /// The command.
    pub step: Fact<()>,
    prefix: String,
    tree: &'a Tree,
    /// The folder that all of it happens in, if that is one.
    inside: Option<String>,
    /// What is copied, and where to as far as that tells where it is.
    copied: Vec<(Fact<String>, Option<String>)>,
    /// The commands before it.
    commands: Vec<String>,
}

impl Install<'_> {
    /// What copies a folder of the app so that it is somewhere else by then: of what is copied only the
    /// contents are, and of all that a pattern finds (BuildKit
    /// `frontend/dockerfile/dockerfile2llb/convert_copy.go`, `CopyDirContentsOnly`).
    pub fn misplaced(&self, path: &str) -> Option<&Fact<String>> {
        let (source, _) = self
            .copied
            .iter()
            .find(|copied| self.misplaces(copied, path))?;
        Some(source)
    }

    fn misplaces(&self, (source, target): &(Fact<String>, Option<String>), path: &str) -> bool {
        let (Some(inside), Some(target)) = (&self.inside, target) else {
            return false;
        };
        // Where the app is a folder of the context, it may be one of the image's folder as well.
        if !self.prefix.is_empty() {
            return false;
        }
        let path = path.trim_end_matches('/');
        let source = source.trim_start_matches('/').trim_start_matches("./");
        let source = source.trim_end_matches('/');
        // What of the path is copied to the target.
        let rest = match source.strip_suffix("/*") {
            Some(folder) if !folder.contains(['*', '?', '[']) => {
                let below = path
                    .strip_prefix(folder)
                    .and_then(|below| below.strip_prefix('/'));
                match below.map(|below| below.split_once('/')) {
                    Some(Some((_, rest))) => rest,
                    Some(None) if self.is_folder(path) => "",
                    _ => return false,
                }
            }
            Some(_) => return false,
            None => match path.strip_prefix(source) {
                Some("") if self.is_folder(path) => "",
                Some(below) if below.starts_with('/') => &below[1..],
                _ => return false,
            },
        };
        let whole = |path: &str| {
            let path = path.trim_start_matches("./").trim_matches('/');
            if path == "." {
                String::new()
            } else {
                path.to_owned()
            }
        };
        let target = match target.strip_prefix('/') {
            Some(target) => whole(target),
            None => whole(&format!("{}/{}", whole(inside), whole(target))),
        };
        let lands = whole(&format!("{target}/{rest}"));
        lands != whole(&format!("{}/{path}", whole(inside)))
    }

    fn is_folder(&self, path: &str) -> bool {
        let Some(path) = Path::new(path) else {
            return false;
        };
        let beside = self.tree.folder(&path.parent()).unwrap_or_default();
        let is_it = |listed: &Listed| listed.is_folder && listed.name == path.name();
        beside.iter().any(is_it)
    }

    /// Whether a file or folder of the app may be there by then.
    pub fn may_have(&self, path: &str) -> bool {
        let own = path;
        let path = format!("{}{path}", self.prefix);
        let is_copied = |copied: &(Fact<String>, Option<String>)| {
            if self.misplaces(copied, own) {
                return false;
            }
            let (source, _) = copied;
            let fixed = fixed_part(source);
            let Some(folder) = Path::new(fixed.trim_start_matches('/')) else {
                return true;
            };
            let is_pattern = fixed != source.as_str();
            folder.is_empty()
                || is_below(&path, &folder)
                || is_below(&folder, &path)
                || is_pattern && path.starts_with(folder.as_str())
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        self.copied.iter().any(is_copied) || self.commands.iter().any(|text| text.contains(name))
    }
}

/// Files that no Rails app starts without, where it has them.
const NEEDED: [&str; 14] = [
    "Gemfile",
    "Gemfile.lock",
    "bin/jobs",
    "bin/rails",
    "bin/thrust",
    "config.ru",
    "config/application.rb",
    "config/boot.rb",
    "config/cable.yml",
    "config/environment.rb",
    "config/environments/production.rb",
    "config/queue.yml",
    "config/routes.rb",
    "config/storage.yml",
];

/// Whether a name is that of a file with variables of production.
fn is_env_file(name: &str) -> bool {
    let others = [
        "ci",
        "defaults",
        "development",
        "dist",
        "docker",
        "erb",
        "example",
        "sample",
        "template",
        "test",
    ];
    name.strip_prefix(".env").is_some_and(|rest| {
        (rest.is_empty() || rest.starts_with('.'))
            && !rest.split('.').any(|part| others.contains(&part))
    })
}

/// The folder that a stage works in, if it has never been another.
fn only_working_folder(stage: Stage<'_>) -> Option<String> {
    let instructions = stage.lineage().into_iter().flat_map(Stage::instructions);
    let is_workdir = |instruction: &&Instruction| instruction.keyword.value == Keyword::Workdir;
    let folder = stage.working_folder().known()?;
    (instructions.filter(is_workdir).count() == 1).then_some(folder.value)
}

/// The part of a source that is no pattern: all of it, or the folder that the pattern begins in.
fn fixed_part(source: &str) -> &str {
    match source.find(['*', '?', '[']) {
        Some(pattern) => source[..pattern]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder),
        None => source,
    }
}

/// The texts of a list, or the one that stands in its place; nothing if one of them cannot be told.
fn all_texts(setting: &Setting<'_>) -> Option<Vec<Fact<String>>> {
    let texts = setting.texts();
    let count = if setting.is_sequence() {
        setting.items().len()
    } else {
        1
    };
    (setting.is_settled() && texts.len() == count).then_some(texts)
}
