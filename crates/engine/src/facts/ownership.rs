//! Whose a folder of the image is, and so whether containers may write to what is mounted there.
//!
//! A named volume takes owner and mode of the folder that it is mounted over, or is root's where the
//! image has none (moby 28 `daemon/volumes.go`, `volume/drivers`; docker docs, *Populate a volume using
//! a container*).

use syntax::dockerfile::{Arguments, Instruction, Keyword, Word};
use syntax::shell::{self, Command};

use crate::fact::Fact;
use crate::facts::App;
use crate::facts::dockerfile::Stage;
use crate::facts::mounts::is_below;

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

impl Stage<'_> {
    /// Why the image's own user surely cannot write to a folder, with what makes it so. `None` where
    /// that user is root, may be able to, or it cannot be told.
    pub fn unwritable(self, app: &App<'_>, folder: &str) -> Option<Fact<Unwritable>> {
        let user = self.user().known()?;
        let name = user.value.split(':').next().unwrap_or_default();
        let root = self.working_folder().known()?;
        let first = folder.trim_start_matches('/').split('/').next()?;
        if is_root(name) || OF_THE_BASE.contains(&first) && !is_below(folder, &root) {
            return None;
        }
        let followed = Followed {
            app,
            folder,
            root: &root,
        };
        match followed.through(self)? {
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
struct Followed<'a> {
    app: &'a App<'a>,
    /// The folder, from the root of the image.
    folder: &'a str,
    /// The app's folder in the image.
    root: &'a str,
}

impl Followed<'_> {
    fn through(&self, last: Stage<'_>) -> Option<Owner> {
        let mut owner = Owner::Nobody;
        let mut user = "root".to_owned();
        let mut inside = "/".to_owned();
        for stage in last.lineage().into_iter().rev() {
            for instruction in stage.instructions() {
                match instruction.keyword.value {
                    Keyword::User => user = only_word(instruction)?,
                    Keyword::Workdir => {
                        inside = resolved(&inside, &only_word(instruction)?);
                        if is_below(&inside, self.folder) {
                            return None;
                        }
                    }
                    Keyword::Run => self.run(stage, instruction, &inside, &user, &mut owner)?,
                    Keyword::Copy | Keyword::Add => {
                        self.copy(stage, instruction, &inside, &mut owner)?;
                    }
                    Keyword::Volume | Keyword::Onbuild => return None,
                    _ => {}
                }
            }
        }
        Some(owner)
    }

    fn run(
        &self,
        stage: Stage<'_>,
        instruction: &Instruction,
        inside: &str,
        user: &str,
        owner: &mut Owner,
    ) -> Option<()> {
        let Arguments::Shell(text) = &instruction.arguments else {
            return (!self.may_be_named(stage, instruction)).then_some(());
        };
        if !instruction.heredocs.is_empty() {
            return None;
        }
        let script = shell::parse(&text.masked);
        let made = || {
            let source = stage.image().source();
            Fact::read((), source.path(), instruction.span, "this makes it root's")
        };
        for command in script.commands() {
            let change = self.command(command, &text.masked, inside, user)?;
            match change {
                Change::None => {}
                Change::Given(new) if !is_root(&new) => *owner = Owner::Another,
                Change::Given(_) => *owner = Owner::Root(made()),
                Change::Made(_) if !matches!(owner, Owner::Nobody) => {}
                Change::Made(new) if is_root(&new) => *owner = Owner::Root(made()),
                Change::Made(_) => *owner = Owner::Another,
                Change::Handed(new) => match owner {
                    Owner::Nobody => {}
                    _ if is_root(&new) => *owner = Owner::Root(made()),
                    _ => *owner = Owner::Another,
                },
            }
        }
        Some(())
    }

    fn command(&self, command: &Command, text: &str, inside: &str, user: &str) -> Option<Change> {
        let name = command.name()?;
        let words: Vec<Option<String>> = command.arguments();
        let paths = |skipped: usize| -> Option<Vec<String>> {
            let plain: Option<Vec<String>> = words.iter().cloned().collect();
            let plain = plain?;
            let named: Vec<String> = plain
                .into_iter()
                .filter(|word| !word.starts_with('-'))
                .skip(skipped)
                .map(|path| resolved(inside, &path))
                .collect();
            // What the shell would find by itself is not worked out.
            let is_plain = named
                .iter()
                .all(|path| !path.contains(['*', '?', '[', '{', '$']));
            is_plain.then_some(named)
        };
        let is_it = |path: &String| path == self.folder;
        let is_above = |path: &String| is_below(self.folder, path);
        let is_in_it = |path: &String| is_below(path, self.folder);
        match name.as_str() {
            "chown" => {
                let new = words
                    .iter()
                    .flatten()
                    .find(|word| !word.starts_with('-'))?
                    .clone();
                let paths = paths(1)?;
                let whole = command.has_flag(&["-R", "--recursive"]);
                Some(if paths.iter().any(is_it) {
                    Change::Given(new)
                } else if whole && paths.iter().any(is_above) {
                    Change::Handed(new)
                } else {
                    Change::None
                })
            }
            "mkdir" => {
                let named = paths(0)?.iter().any(is_in_it);
                match (named, command.has_flag(&["-m", "--mode"])) {
                    (true, true) => None,
                    (true, false) => Some(Change::Made(user.to_owned())),
                    (false, _) => Some(Change::None),
                }
            }
            "install" if command.has_flag(&["-d", "--directory"]) => {
                let plain: Option<Vec<String>> = words.iter().cloned().collect();
                let (new, named) = installed(&plain?, inside)?;
                Some(if named.iter().any(is_it) {
                    Change::Given(new.unwrap_or_else(|| user.to_owned()))
                } else if named.iter().any(is_in_it) {
                    Change::Made(user.to_owned())
                } else {
                    Change::None
                })
            }
            "chmod" => {
                let paths = paths(1)?;
                (!paths.iter().any(|path| is_it(path) || is_above(path))).then_some(Change::None)
            }
            _ => {
                let own = text.get(command.span.start as usize..command.span.end as usize);
                (!own?.contains(self.name())).then_some(Change::None)
            }
        }
    }

    fn copy(
        &self,
        stage: Stage<'_>,
        instruction: &Instruction,
        inside: &str,
        owner: &mut Owner,
    ) -> Option<()> {
        let flag = |name: &str| {
            let flag = instruction
                .flags
                .iter()
                .find(|flag| flag.name.value == name)?;
            Some(flag.value.as_ref().map_or("", |value| value.value.as_str()))
        };
        let words: Vec<String> = match &instruction.arguments {
            Arguments::Words(words) => words.iter().map(Word::literal).collect::<Option<_>>()?,
            Arguments::Exec(words) => words.iter().map(|word| word.value.clone()).collect(),
            _ => return None,
        };
        let (target, sources) = words.split_last()?;
        let target = resolved(inside, target);
        if is_below(&target, self.folder) {
            return None;
        }
        let Some(below) = self.folder.strip_prefix(target.trim_end_matches('/')) else {
            return Some(());
        };
        let Some(below) = below.strip_prefix('/') else {
            return Some(());
        };
        let from = flag("from");
        for source in sources {
            let source = source.trim_end_matches('/');
            let origin = match from {
                None if [".", "./", ""].contains(&source) => below.to_owned(),
                None => {
                    let name = source.trim_start_matches("./");
                    // A file has nothing below it; of a folder the contents are copied.
                    let copied = format!("{name}/{below}");
                    if self.app.tree().has(&copied) {
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
            if !self.is_in_the_app(stage, &origin)? {
                continue;
            }
            *owner = match flag("chown") {
                Some(new) if new.contains('$') => return None,
                Some(new) if !is_root(new) => Owner::Another,
                Some(_) | None => {
                    let file = stage.image().source();
                    let why = "the folder comes from here, and is root's";
                    Owner::Root(Fact::read((), file.path(), instruction.span, why))
                }
            };
        }
        Some(())
    }

    /// Whether a folder of the app is in what is built: git has a file in it, and nothing hides the
    /// folder. Not to be told where another stage may make it.
    fn is_in_the_app(&self, stage: Stage<'_>, folder: &str) -> Option<bool> {
        let image = stage.image();
        let others = image.stages();
        let lineage = stage.lineage();
        let is_made = others
            .iter()
            .filter(|other| lineage.iter().all(|own| !own.is(**other)))
            .flat_map(|other| {
                other
                    .instructions()
                    .iter()
                    .map(move |instruction| (other, instruction))
            })
            .any(|(other, instruction)| {
                instruction.keyword.value == Keyword::Run && self.may_be_named(*other, instruction)
            });
        if is_made {
            return None;
        }
        let tree = self.app.tree();
        if tree.place().is_some_and(|place| !place.as_str().is_empty()) {
            return None;
        }
        let has_file = match tree.index() {
            Some(index) => index
                .files()
                .any(|file| is_below(file, folder) && file != folder),
            None => tree.has(folder),
        };
        // Whether Kamal builds from a clone or from here is another question.
        if !has_file && tree.has(folder) {
            return None;
        }
        let is_hidden = tree
            .source(".dockerignore")
            .is_some_and(|ignore| ignore.dockerignore().excludes(folder));
        Some(has_file && !is_hidden)
    }

    fn may_be_named(&self, stage: Stage<'_>, instruction: &Instruction) -> bool {
        instruction
            .span
            .of(stage.image().source().text())
            .contains(self.name())
    }

    /// The folder's own name.
    fn name(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(self.folder)
    }
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

/// The owner and the folders of `install -d`.
fn installed(words: &[String], inside: &str) -> Option<(Option<String>, Vec<String>)> {
    let mut owner = None;
    let mut folders = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-o" | "--owner" => owner = Some(words.next()?.clone()),
            "-g" | "--group" => {
                words.next()?;
            }
            "-m" | "--mode" => return None,
            option if option.starts_with("--owner=") => {
                owner = option.strip_prefix("--owner=").map(str::to_owned);
            }
            option if option.starts_with('-') => {
                if option.starts_with("-m")
                    || option.starts_with("--mode")
                    || option.starts_with("-o")
                {
                    return None;
                }
            }
            path if path.contains(['*', '?', '[', '{', '$']) => return None,
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
