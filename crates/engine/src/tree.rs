//! What the engine is given to read: paths, and the texts that it asked for.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Bound, Deref};
use std::sync::{Arc, OnceLock};

use syntax::{LineIndex, Position, Span};
use syntax::{dockerfile, dockerignore, dotenv, json, lockfile, ruby, shell, yaml};

/// A path below the app's root: relative, with `/`, without `.` and `..`.
///
/// The root itself is the empty path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<str>);

impl Path {
    /// Normalises `path`; `None` if it is absolute or would leave the root.
    pub fn new(path: &str) -> Option<Self> {
        if path.starts_with('/') || path.contains('\0') {
            return None;
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()?),
                part => parts.push(part),
            }
        }
        Some(Self(parts.join("/").into()))
    }

    /// The path as text; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder that holds it; the root for the root.
    #[must_use]
    pub fn parent(&self) -> Path {
        Self(
            self.0
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .into(),
        )
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// `relative` below this folder; `None` if it would leave the root.
    pub fn join(&self, relative: &str) -> Option<Path> {
        Path::new(&format!(
            "{}/{relative}",
            if self.0.is_empty() { "." } else { &self.0 }
        ))
    }
}

impl From<&'static str> for Path {
    /// A path that the program itself names.
    ///
    /// # Panics
    ///
    /// If it is not relative: a mistake in the program, never of its input.
    fn from(path: &'static str) -> Self {
        Path::new(path).expect("paths in the program are relative")
    }
}

impl Deref for Path {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Path {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file's text, parsed at most once for each language that is asked of it.
pub struct Source {
    path: Path,
    text: String,
    /// Whether `text` is the file's bytes; else bytes that are not UTF-8 were replaced.
    exact: bool,
    executable: bool,
    lines: OnceLock<LineIndex>,
    yaml: OnceLock<yaml::Document>,
    ruby: OnceLock<ruby::Document>,
    dockerfile: OnceLock<dockerfile::Dockerfile>,
    scripts: OnceLock<Vec<dockerfile::RunScript>>,
    dockerignore: OnceLock<dockerignore::Dockerignore>,
    dotenv: OnceLock<dotenv::Dotenv>,
    json: OnceLock<json::Document>,
    lockfile: OnceLock<lockfile::Lockfile>,
    shell: OnceLock<shell::Script>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.path, self.text.len())
    }
}

/// One accessor for each language: parses on the first call.
macro_rules! documents {
    ($($name:ident: $document:ty = $parse:path),* $(,)?) => {
        $(
            #[doc = concat!("The text read as ", stringify!($name), ".")]
            pub fn $name(&self) -> &$document {
                self.$name.get_or_init(|| $parse(&self.text))
            }
        )*
    };
}

impl Source {
    /// A text at `path`.
    pub fn new(path: Path, text: impl Into<String>) -> Self {
        Self {
            path,
            text: text.into(),
            exact: true,
            executable: false,
            lines: OnceLock::new(),
            yaml: OnceLock::new(),
            ruby: OnceLock::new(),
            dockerfile: OnceLock::new(),
            scripts: OnceLock::new(),
            dockerignore: OnceLock::new(),
            dotenv: OnceLock::new(),
            json: OnceLock::new(),
            lockfile: OnceLock::new(),
            shell: OnceLock::new(),
        }
    }

    /// What the `RUN`s of the text, read as a Dockerfile, hand to a shell.
    pub fn run_scripts(&self) -> &[dockerfile::RunScript] {
        self.scripts
            .get_or_init(|| self.dockerfile().scripts(&self.text))
    }

    /// A file's bytes. Bytes that are not UTF-8 read as U+FFFD, and the source is not
    /// [exact](Self::is_exact), so that it is never edited.
    pub fn from_bytes(path: Path, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::new(path, text),
            Err(error) => Self {
                exact: false,
                ..Self::new(path, String::from_utf8_lossy(error.as_bytes()))
            },
        }
    }

    /// The same source with the executable bit as given.
    #[must_use]
    pub fn with_executable(self, executable: bool) -> Self {
        Self { executable, ..self }
    }

    /// Gives back the memory of what was parsed; it is parsed again when somebody asks.
    fn forget_documents(&mut self) {
        let text = std::mem::take(&mut self.text);
        *self = Self {
            exact: self.exact,
            executable: self.executable,
            ..Self::new(self.path.clone(), text)
        };
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is the file, byte for byte.
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether its owner may execute it.
    pub fn is_executable(&self) -> bool {
        self.executable
    }

    /// Where its lines begin.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of a byte.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }

    documents! {
        yaml: yaml::Document = yaml::parse,
        ruby: ruby::Document = ruby::parse,
        dockerfile: dockerfile::Dockerfile = dockerfile::parse,
        dockerignore: dockerignore::Dockerignore = dockerignore::parse,
        dotenv: dotenv::Dotenv = dotenv::parse,
        json: json::Document = json::parse,
        lockfile: lockfile::Lockfile = lockfile::parse,
        shell: shell::Script = shell::parse,
    }
}

/// Why a file that is there was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It holds NUL bytes, so it is no text.
    Binary,
    /// It is larger than any file of its kind has reason to be; its size in bytes.
    TooLarge(u64),
    /// A folder, device, socket or pipe stands where a file should be; what it is.
    NotAFile(&'static str),
    /// The system refused; its words.
    Refused(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary => f.write_str("it holds NUL bytes, so it is not a text"),
            Self::TooLarge(bytes) => {
                write!(
                    f,
                    "it has {bytes} bytes, more than any file of its kind needs"
                )
            }
            Self::NotAFile(what) => write!(f, "it is {what}, not a file"),
            Self::Refused(why) => f.write_str(why),
        }
    }
}

/// What was found at a path that was asked for.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A text.
    Text(Arc<Source>),
    /// Something that could not be read.
    Unreadable(Unreadable),
    /// Nothing.
    Missing,
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The name, without its folder.
    pub name: String,
    /// Whether it is a folder itself.
    pub is_folder: bool,
}

/// What git has of an app in its index: what the next commit, and so a clone, has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Whether each file is executable, by its path below the app, which is as git writes it: not
    /// worth checking for all of thousands.
    files: BTreeMap<Box<str>, bool>,
}

impl Index {
    /// The files, each with whether it is executable.
    pub fn of(files: impl IntoIterator<Item = (Box<str>, bool)>) -> Self {
        Self {
            files: files.into_iter().collect(),
        }
    }

    /// The files, in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(AsRef::as_ref)
    }

    /// Whether a file is tracked.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Whether something below a folder is tracked.
    pub fn has_below(&self, folder: &str) -> bool {
        let start = format!("{}/", folder.trim_end_matches('/'));
        let mut after = self
            .files
            .range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
        after
            .next()
            .is_some_and(|(file, _)| file.starts_with(&start))
    }

    /// Whether a tracked file is executable; `None` if it is not tracked.
    pub fn is_executable(&self, path: &str) -> Option<bool> {
        self.files.get(path).copied()
    }
}

/// The part of an app that was asked for: texts and listings, never evaluated.
///
/// The engine says what it needs with [`wants`](crate::wants); whoever holds the disk (or a
/// revision, or an editor's buffers) answers, until nothing more is wanted.
#[derive(Clone, Default)]
pub struct Tree {
    entries: BTreeMap<Path, Entry>,
    folders: BTreeMap<Path, Vec<Listed>>,
    /// The app's folder below the root of its git repository; empty where it is the root.
    place: Option<Path>,
    /// What git has, where it could be read.
    index: Option<Arc<Index>>,
    /// Whether what was never answered is not there, rather than not known.
    complete: bool,
}

impl fmt::Debug for Tree {
    /// The paths alone: texts may hold secrets, and are long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

impl Tree {
    /// A tree that is known whole: any other path is missing.
    pub fn of(sources: impl IntoIterator<Item = Source>) -> Self {
        let mut tree = Self {
            complete: true,
            ..Self::default()
        };
        for source in sources {
            tree.insert(source);
        }
        tree
    }

    /// Puts a text into the tree, in the place of what was there; its folders list it.
    pub fn insert(&mut self, source: Source) {
        let mut child = source.path().clone();
        let mut is_folder = false;
        while !child.is_empty() {
            let folder = child.parent();
            if self.complete || self.folders.contains_key(&folder) {
                let listed = Listed {
                    name: child.name().to_owned(),
                    is_folder,
                };
                let names = self.folders.entry(folder.clone()).or_default();
                if let Err(place) = names.binary_search(&listed) {
                    names.insert(place, listed);
                }
            }
            (child, is_folder) = (folder, true);
        }
        self.entries
            .insert(source.path().clone(), Entry::Text(Arc::new(source)));
    }

    /// Says where the app's folder is in its git repository; the empty path is the root.
    pub fn set_place(&mut self, place: Path) {
        self.place = Some(place);
    }

    /// The app's folder below the root of its git repository; `None` if nobody said so.
    pub fn place(&self) -> Option<&Path> {
        self.place.as_ref()
    }

    /// Says what git's index has of the app.
    pub fn set_index(&mut self, index: Index) {
        self.index = Some(Arc::new(index));
    }

    /// What git's index has of the app; `None` outside of a repository, or where it could not be
    /// read.
    pub fn index(&self) -> Option<&Index> {
        self.index.as_deref()
    }

    /// Answers what stands at a path.
    pub fn answer(&mut self, path: Path, entry: Entry) {
        self.entries.insert(path, entry);
    }

    /// Answers what a folder holds; nothing if there is no such folder.
    pub fn answer_folder(&mut self, folder: Path, mut names: Vec<Listed>) {
        names.sort();
        self.folders.insert(folder, names);
    }

    /// Takes a path out, as if nothing stood there.
    pub fn remove(&mut self, path: &Path) {
        self.entries.insert(path.clone(), Entry::Missing);
        if let Some(names) = self.folders.get_mut(&path.parent()) {
            names.retain(|listed| listed.name != path.name());
        }
    }

    /// What stands at `path`; `None` if nobody answered yet.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        match self.entries.get(path) {
            None if self.complete => Some(&Entry::Missing),
            entry => entry,
        }
    }

    /// The text at `path`, if there is one that could be read.
    pub fn source(&self, path: &str) -> Option<&Source> {
        match self.entries.get(path) {
            Some(Entry::Text(source)) => Some(source),
            _ => None,
        }
    }

    /// The names in a folder; `None` if nobody answered yet.
    pub fn folder(&self, folder: &str) -> Option<&[Listed]> {
        match self.folders.get(folder) {
            None if self.complete => Some(&[]),
            names => names.map(Vec::as_slice),
        }
    }

    /// Whether a file or a folder stands at `path`, as far as was answered.
    pub fn has(&self, path: &str) -> bool {
        if matches!(
            self.entries.get(path),
            Some(Entry::Text(_) | Entry::Unreadable(_))
        ) {
            return true;
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.folder(folder)
            .is_some_and(|names| names.iter().any(|listed| listed.name == name))
    }

    /// Gives back the memory of what was parsed of its texts, for those who look at many trees.
    pub fn forget_documents(&mut self) {
        for entry in self.entries.values_mut() {
            if let Entry::Text(source) = entry
                && let Some(source) = Arc::get_mut(source)
            {
                source.forget_documents();
            }
        }
    }

    /// All texts, in the order of their paths.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.entries.values().filter_map(|entry| match entry {
            Entry::Text(source) => Some(source.as_ref()),
            _ => None,
        })
    }

    /// All files that were there but could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = (&Path, &Unreadable)> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            Entry::Unreadable(why) => Some((path, why)),
            _ => None,
        })
    }

    /// The text of `span` in the file at `path`; empty if it is not there.
    pub fn text(&self, path: &str, span: Span) -> &str {
        self.source(path)
            .map_or("", |source| span.of(source.text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        assert_eq!(
            Path::new("config//./deploy.yml").unwrap().as_str(),
            "config/deploy.yml"
        );
        assert_eq!(Path::new("a/../b").unwrap().as_str(), "b");
        assert_eq!(Path::new(""), Path::new("."));
        for outside in ["/etc/passwd", "..", "a/../../b", "a\0b"] {
            assert_eq!(Path::new(outside), None, "{outside:?}");
        }
        let folder = Path::from("config");
        assert_eq!(folder.join("../Gemfile").unwrap().as_str(), "Gemfile");
        assert_eq!(folder.join("../../Gemfile"), None);
        assert_eq!(
            Path::from("Gemfile").parent().join("bin").unwrap().as_str(),
            "bin"
        );
    }

    #[test]
    fn an_index_knows_what_is_executable() {
        let index = Index::of([("bin/rails".into(), true), ("README.md".into(), false)]);
        assert_eq!(index.is_executable("bin/rails"), Some(true));
        assert_eq!(index.is_executable("README.md"), Some(false));
        assert_eq!(index.is_executable("bin/jobs"), None);
        assert_eq!(
            index.files().collect::<Vec<_>>(),
            ["README.md", "bin/rails"]
        );
    }

    #[test]
    fn folders_list_what_was_put_in() {
        let mut tree = Tree::of([Source::new(Path::from("config/environments/test.rb"), "")]);
        assert!(tree.has("config/environments"));
        assert!(!tree.has("config/deploy.yml"));
        assert!(matches!(
            tree.entry("config/deploy.yml"),
            Some(Entry::Missing)
        ));
        tree.remove(&Path::from("config/environments/test.rb"));
        assert!(!tree.has("config/environments/test.rb"));
        assert!(Tree::default().entry("Gemfile").is_none());
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_but_not_exact() {
        let source = Source::from_bytes(Path::from("Gemfile"), b"gem \"\xff\"".to_vec());
        assert!(!source.is_exact());
        assert_eq!(source.text(), "gem \"\u{fffd}\"");
    }
}
