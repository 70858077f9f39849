//! Whose a folder of the image is, and so whether containers may write to what is mounted there.
//!
//! A named volume takes owner and mode of the folder that it is mounted over, or is root's where the
//! image has none (moby 28 `daemon/volumes.go`, `volume/drivers`; docker docs, *Populate a volume using
//! a container*).

use syntax::Span;
use syntax::dockerfile::{Arguments, Instruction, Keyword};

use crate::fact::Fact;
use crate::facts::build::Build;
use crate::facts::dockerfile::Stage;
use crate::facts::mounts::is_below;
use crate::facts::steps::{Copy, Instructed, Step};

/// What the shell would find files for, or fill in.
const PATTERN: [char; 5] = ['*', '?', '[', '{', '$'];

/// Folders at the root of Debian's and Ruby's images: what is in them is not told here.
const OF_THE_BASE: [&str; 19] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// Why the image's user surely cannot write to a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritable {
    /// The image has no such folder.
    Missing,
    /// It is root's.
    Root,
}

/// Whose the folder is, as far as the instructions were followed.
#[derive(Clone, Debug)]
enum Owner {
    Nobody,
    Root(Fact<()>),
    Another,
}

impl Build<'_> {
    /// Why the image's own user surely cannot write to a folder, with what makes it so. `None` where
    /// that user is root, may be able to, or it cannot be told.
    pub fn unwritable(&self, folder: &str) -> Option<Fact<Unwritable>> {
        let stage = self.stage()?;
        let user = stage.user().known()?;
        let name = user.value.split(':').next().unwrap_or_default();
        let root = stage.working_folder().known()?;
        let first = folder.trim_start_matches('/').split('/').next()?;
        if is_root(name) || OF_THE_BASE.contains(&first) && !is_below(folder, &root) {
            return None;
        }
        let followed = Followed {
            build: self,
            last: stage,
            folder,
            root: &root,
        };
        match followed.through()? {
            Owner::Nobody => Some(
                user.map(|_| Unwritable::Missing)
                    .labelled("containers run as this user"),
            ),
            Owner::Root(made) => Some(made.map(|()| Unwritable::Root).because(user.origin)),
            Owner::Another => None,
        }
    }
}

fn is_root(user: &str) -> bool {
    ["0", "root"].contains(&user.split(':').next().unwrap_or(user))
}

/// The instructions that lead to a stage, followed for one folder. `None` is what cannot be told.
struct Followed<'f, 'a> {
    build: &'f Build<'a>,
    last: Stage<'a>,
    /// The folder, from the root of the image.
    folder: &'f str,
    /// The app's folder in the image.
    root: &'f str,
}

impl Followed<'_, '_> {
    fn through(&self) -> Option<Owner> {
        let mut owner = Owner::Nobody;
        let mut user = "root".to_owned();
        let mut inside = "/".to_owned();
        for stage in self.last.lineage().into_iter().rev() {
            for instruction in stage.instructions() {
                match instruction.keyword.value {
                    Keyword::User => user = only_word(instruction)?,
                    Keyword::Workdir => {
                        inside = resolved(&inside, &only_word(instruction)?);
                        if is_below(&inside, self.folder) {
                            return None;
                        }
                    }
                    Keyword::Volume | Keyword::Onbuild => return None,
                    _ => match stage.instructed(instruction) {
                        Instructed::Copies(copy) => {
                            let why = "the folder comes from here, and is root's";
                            if let Change::Given(new) = self.copied(&copy, &inside)? {
                                // Whether a folder that is there keeps its owner is not told here.
                                if matches!(owner, Owner::Another) {
                                    return None;
                                }
                                owner = Owner::of(&new, stage, instruction.span, why);
                            }
                        }
                        Instructed::Runs(_, steps) => {
                            if steps.is_empty() && self.may_name(stage, instruction.span) {
                                return None;
                            }
                            for step in steps {
                                let why = "this makes it root's";
                                let new = match self.changed(stage, &step, &inside, &user)? {
                                    Change::None => continue,
                                    Change::Made(_) if !matches!(owner, Owner::Nobody) => continue,
                                    Change::Handed(_) if matches!(owner, Owner::Nobody) => continue,
                                    Change::Made(new)
                                    | Change::Handed(new)
                                    | Change::Given(new) => new,
                                };
                                owner = Owner::of(&new, stage, instruction.span, why);
                            }
                        }
                        Instructed::Other => {}
                    },
                }
            }
        }
        Some(owner)
    }

    fn changed(&self, stage: Stage<'_>, step: &Step, inside: &str, user: &str) -> Option<Change> {
        let is_it = |path: &String| path == self.folder;
        let is_above = |path: &String| is_below(self.folder, path);
        let is_in_it = |path: &String| is_below(path, self.folder);
        match step.program()? {
            "chown" => {
                let mut words = step.words.iter().skip(1).flatten();
                let new = words.find(|word| !word.starts_with('-'))?.clone();
                let paths = paths(step, 1, inside)?;
                let whole = has_option(step, 'R', "--recursive");
                Some(if paths.iter().any(is_it) {
                    Change::Given(new)
                } else if whole && paths.iter().any(is_above) {
                    Change::Handed(new)
                } else {
                    Change::None
                })
            }
            "mkdir" => {
                let is_named = paths(step, 0, inside)?.iter().any(is_in_it);
                match (is_named, has_option(step, 'm', "--mode")) {
                    (true, true) => None,
                    (true, false) => Some(Change::Made(user.to_owned())),
                    (false, _) => Some(Change::None),
                }
            }
            "install" if step.has("-d") || step.has("--directory") => {
                let (new, named) = installed(step, inside)?;
                Some(if named.iter().any(is_it) {
                    Change::Given(new.unwrap_or_else(|| user.to_owned()))
                } else if named.iter().any(is_in_it) {
                    Change::Made(user.to_owned())
                } else {
                    Change::None
                })
            }
            "chmod" => {
                let mut paths = paths(step, 1, inside)?.into_iter();
                (!paths.any(|path| is_it(&path) || is_above(&path))).then_some(Change::None)
            }
            _ => (!self.may_name(stage, step.span)).then_some(Change::None),
        }
    }

    /// What a `COPY` does to the folder, which comes with an owner or not at all.
    fn copied(&self, copy: &Copy, inside: &str) -> Option<Change> {
        let target = resolved(inside, copy.destination.as_ref()?);
        if is_below(&target, self.folder) || !copy.is_settled && is_below(self.folder, &target) {
            return None;
        }
        let Some(below) = self.folder.strip_prefix(target.trim_end_matches('/')) else {
            return Some(Change::None);
        };
        let Some(below) = below.strip_prefix('/') else {
            return Some(Change::None);
        };
        let mut change = Change::None;
        for source in &copy.sources {
            let source = source.trim_end_matches('/');
            let origin = match &copy.from {
                None if [".", "./", ""].contains(&source) => below.to_owned(),
                None => {
                    // A file has nothing below it; of a folder the contents are copied.
                    let copied = self.build.path_in_app(&format!("{source}/{below}"))?;
                    if self.build.has(&copied) {
                        return None;
                    }
                    continue;
                }
                Some(_) if source == self.root => below.to_owned(),
                // Something else of another stage, such as the gems.
                Some(_) if is_below(self.root, source) || is_below(source, self.root) => {
                    return None;
                }
                Some(_) => continue,
            };
            if self.is_in_the_app(&origin)? {
                change = Change::Given(match &copy.owner {
                    Some(new) if new.contains('$') => return None,
                    Some(new) => new.clone(),
                    None => "root".to_owned(),
                });
            }
        }
        Some(change)
    }

    /// Whether a folder of the app is in what is built: git has a file in it, and nothing hides the
    /// folder. Not to be told where another stage may make it.
    fn is_in_the_app(&self, folder: &str) -> Option<bool> {
        let lineage = self.last.lineage();
        let is_made = self
            .build
            .stages()
            .into_iter()
            .filter(|other| lineage.iter().all(|own| own.index() != other.index()))
            .flat_map(|other| other.instructions().iter().map(move |step| (other, step)))
            .any(|(other, step)| {
                step.keyword.value == Keyword::Run && self.may_name(other, step.span)
            });
        if is_made {
            return None;
        }
        let path = self.build.path_in_app(folder)?;
        let is_there = match self.build.tracks(&path) {
            // Whether Kamal builds from a clone or from here is another question.
            Some(false) if self.build.has(&path) => return None,
            Some(is_tracked) => is_tracked,
            None => self.build.has(&path),
        };
        Some(is_there && self.build.hiding(&path).is_none())
    }

    /// Whether a part of the Dockerfile has the folder's own name in it.
    fn may_name(&self, stage: Stage<'_>, span: Span) -> bool {
        let name = self.folder.rsplit('/').next().unwrap_or(self.folder);
        span.of(stage.image().source().text()).contains(name)
    }
}

impl Owner {
    fn of(owner: &str, stage: Stage<'_>, span: Span, why: &'static str) -> Self {
        if is_root(owner) {
            Self::Root(stage.step_fact((), span, why))
        } else {
            Self::Another
        }
    }
}

/// The paths that a command names, behind `skipped` other words; nothing if a word cannot be told, or
/// the shell finds files for it.
fn paths(step: &Step, skipped: usize, inside: &str) -> Option<Vec<String>> {
    let words: Option<Vec<&String>> = step.words.iter().skip(1).map(Option::as_ref).collect();
    let named: Vec<String> = words?
        .into_iter()
        .filter(|word| !word.starts_with('-'))
        .skip(skipped)
        .map(|path| resolved(inside, path))
        .collect();
    let is_plain = named.iter().all(|path| !path.contains(PATTERN));
    is_plain.then_some(named)
}

/// What a command does to the folder.
enum Change {
    None,
    /// It is made, where it is not there yet, by a user.
    Made(String),
    /// It is there now, and surely an owner's.
    Given(String),
    /// It gets an owner, where it is there.
    Handed(String),
}

/// Whether an option is given, alone or together with others: `-R`, `-vR`, `--recursive`.
fn has_option(step: &Step, short: char, long: &str) -> bool {
    step.words.iter().flatten().any(|word| {
        let is_short = word.starts_with('-') && !word.starts_with("--") && word.contains(short);
        is_short || word.starts_with(long)
    })
}

/// The owner and the folders of `install -d`.
fn installed(step: &Step, inside: &str) -> Option<(Option<String>, Vec<String>)> {
    let words: Option<Vec<&String>> = step.words.iter().skip(1).map(Option::as_ref).collect();
    let mut owner = None;
    let mut folders = Vec::new();
    let mut words = words?.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" | "--owner" => owner = Some(words.next()?.clone()),
            "-g" | "--group" => {
                words.next()?;
            }
            "-d" | "--directory" => {}
            option if option.starts_with("--owner=") => {
                owner = option.strip_prefix("--owner=").map(str::to_owned);
            }
            // Modes, and options that are written together.
            option if option.starts_with('-') => return None,
            path if path.contains(PATTERN) => return None,
            path => folders.push(resolved(inside, path)),
        }
    }
    Some((owner, folders))
}

/// A path of the image, from its root.
fn resolved(inside: &str, path: &str) -> String {
    let path = path.trim_end_matches('/').trim_start_matches("./");
    let whole = match path {
        "" | "." => inside.to_owned(),
        _ if path.starts_with('/') => path.to_owned(),
        _ => format!("{}/{path}", inside.trim_end_matches('/')),
    };
    if whole.is_empty() {
        "/".to_owned()
    } else {
        whole
    }
}

fn only_word(instruction: &Instruction) -> Option<String> {
    match &instruction.arguments {
        Arguments::Words(words) => words.first()?.literal(),
        _ => None,
    }
}
