//! Pages as tests, and golden apps as trees.

// Each test file is a program of its own and uses a part of this; tests may read what the engine may
// not.
#![allow(dead_code, unreachable_pub, clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use engine::App;
use engine::finding::Finding;
use engine::plan::{Choice, Intent, plan};
use engine::tree::{Entry, Index, Path as AppPath, Source, Tree, Unreadable};

/// Whether expected texts are rewritten: `UPDATE=1 cargo test`.
pub fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is there")
}

/// Compares `actual` with the file at `path`, or writes it there when expected texts are updated.
pub fn assert_file(path: &Path, actual: &str) {
    if updates() {
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("the folder can be made");
        fs::write(path, actual).expect("the file can be written");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} is not up to date; UPDATE=1 cargo test rewrites it\n{}",
        path.display(),
        similar::TextDiff::from_lines(&expected, actual)
            .unified_diff()
            .context_radius(2)
    );
}

/// Whether init has said itself what is found afterwards: what only the user can give or do.
pub fn is_said_by_init(finding: &Finding, notes: &[String]) -> bool {
    let is_noted = |text: &str| notes.iter().any(|note| note.contains(text));
    match finding.rule.id().as_str() {
        "build/missing-platform" => is_noted("Gemfile.lock was not resolved for"),
        "build/unsupported-node" => is_noted("Support of Node"),
        "build/unsupported-ruby" => is_noted("Support of Ruby"),
        "kamal/placeholder-value" => true,
        "database/missing-schema" => is_noted("is missing, so `db:prepare` would make an empty"),
        "database/fewer-connections-than-threads" => is_noted("jobs wait for one"),
        "storage/uploads-on-several-hosts" => is_noted("Uploads are kept on the disk"),
        _ => false,
    }
}

/// The names of the golden apps, in order.
pub fn golden_apps() -> Vec<String> {
    let folder = workspace().join("tests/apps");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("golden apps are there")
        .map(|entry| {
            entry
                .expect("an entry can be read")
                .file_name()
                .into_string()
                .expect("names are text")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 6, "the golden apps are gone");
    names
}

/// All texts below a folder.
pub fn tree_of(folder: &Path) -> Tree {
    let mut sources = Vec::new();
    collect(folder, folder, &mut sources);
    Tree::of(sources)
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    use std::os::unix::fs::PermissionsExt;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(root, &path, sources);
            continue;
        }
        let inside = path
            .strip_prefix(root)
            .expect("it is below")
            .to_str()
            .expect("names are text");
        let bytes = fs::read(&path).expect("the file can be read");
        let mode = fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        let inside = AppPath::new(inside).expect("it is relative");
        sources.push(Source::from_bytes(inside, bytes).with_executable(mode & 0o100 != 0));
    }
}

/// A page that is a test: prose with fenced blocks.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
}

/// One `###` section of a page's cases.
pub struct Case {
    pub title: String,
    /// The lines between the title and the first block.
    pub prose: Vec<String>,
    /// Named blocks: where each file stands, and its text.
    pub files: Vec<(String, String)>,
    /// Blocks `edit path`: what is otherwise in a file.
    pub edits: Vec<(String, String)>,
    /// The blocks of expectations: their name (`findings`, `diff fix`), their text, and where the
    /// text stands in the page.
    pub expected: Vec<(String, String, std::ops::Range<usize>)>,
}

impl Page {
    /// Takes the page's cases apart.
    pub fn cases(&self) -> Vec<Case> {
        let start = self
            .text
            .find("\n## Cases")
            .map_or(self.text.len(), |start| start + 1);
        let mut cases: Vec<Case> = Vec::new();
        let mut offset = start;
        let mut open: Option<(String, usize)> = None;
        for line in self.text[start..].split_inclusive('\n') {
            let begins = offset;
            offset += line.len();
            let trimmed = line.trim_end();
            match (&open, trimmed.strip_prefix("```")) {
                (None, Some(name)) => open = Some((name.to_owned(), offset)),
                (Some((name, from)), Some("")) => {
                    let text = self.text[*from..begins].to_owned();
                    let case = cases.last_mut().expect("blocks stand in a case");
                    match name.split_once(' ') {
                        Some(("edit", path)) => case.edits.push((path.to_owned(), text)),
                        Some((language, path)) if language != "diff" && language != "expected" => {
                            case.files.push((path.to_owned(), text));
                        }
                        _ => case.expected.push((name.clone(), text, *from..begins)),
                    }
                    open = None;
                }
                (None, None) => {
                    if let Some(title) = trimmed.strip_prefix("### ") {
                        let title = title.to_owned();
                        cases.push(Case {
                            title,
                            prose: Vec::new(),
                            files: Vec::new(),
                            edits: Vec::new(),
                            expected: Vec::new(),
                        });
                    } else if let Some(case) = cases.last_mut()
                        && case.files.is_empty()
                        && case.edits.is_empty()
                        && case.expected.is_empty()
                    {
                        case.prose.push(trimmed.to_owned());
                    }
                }
                _ => {}
            }
        }
        assert!(
            open.is_none(),
            "{}: a block is not closed",
            self.path.display()
        );
        cases
    }
}

impl Case {
    /// `Name: value` lines of its prose.
    pub fn said<'c>(&'c self, name: &str) -> Vec<&'c str> {
        self.prose
            .iter()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .collect()
    }

    /// The case's files as a tree. A file `.git/index` lists what git tracks, as `git ls-files
    /// --stage` does: a mode and a path on each line; `Place: folder` says where the app is in its
    /// repository.
    pub fn tree(&self) -> Tree {
        let path = |path: &str| AppPath::new(path).expect("paths in cases are relative");
        let is_index = |(path, _): &&(String, String)| path == ".git/index";
        let files = self.files.iter().filter(|file| !is_index(file));
        let mut tree = Tree::of(files.map(|(place, text)| Source::new(path(place), text.clone())));
        if let Some((_, lines)) = self.files.iter().find(is_index) {
            let files = lines.lines().map(|line| {
                let (mode, place) = line.split_once(' ').expect("a mode and a path");
                (place.into(), mode == "100755")
            });
            tree.set_index(Index::of(files));
        }
        if let [place] = self.said("Place").as_slice() {
            tree.set_place(path(place));
        }
        tree
    }
}

/// A text with the changes of a block `edit path`: groups of lines, as in a diff, with an empty line
/// between them. Each must be in the text exactly once.
pub fn edited(text: &str, edit: &str) -> String {
    edit.split("\n\n").fold(text.to_owned(), |text, group| {
        let side = |sign: char| -> String {
            group
                .lines()
                .filter_map(|line| Some(line.strip_prefix([' ', sign])?.to_owned() + "\n"))
                .collect()
        };
        let (before, after) = (side('-'), side('+'));
        assert_eq!(
            text.matches(&before).count(),
            1,
            "once in the text:\n{before}"
        );
        text.replace(&before, &after)
    })
}

/// The pages of golden apps with one thing otherwise.
pub fn variant_pages() -> Vec<Page> {
    pages("tests/variants")
}

/// The pages of mistakes.
pub fn mistake_pages() -> Vec<Page> {
    pages("tests/mistakes")
}

fn pages(folder: &str) -> Vec<Page> {
    let folder = workspace().join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the pages are there")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| Page {
            text: fs::read_to_string(&path).expect("a page can be read"),
            path,
        })
        .collect()
}

/// The golden app that a variant starts from.
pub fn base_of_variant(case: &Case) -> Tree {
    let bases = case.said("Base");
    let [base] = bases.as_slice() else {
        panic!(
            "{}: one `Base: name` says which app it starts from",
            case.title
        );
    };
    tree_of(&workspace().join("tests/apps").join(base).join("app"))
}

/// The base app with the variant's files.
pub fn tree_of_variant(case: &Case) -> Tree {
    let mut tree = base_of_variant(case);
    change(case, &mut tree);
    tree
}

/// A golden app as it is after `init`, with a server and a domain, all of it in git but its keys.
pub fn clean(name: &str) -> Tree {
    let mut tree = tree_of(&workspace().join("tests/apps").join(name).join("app"));
    let app = App::new(&tree);
    let mut intent = Intent::remembered(&app);
    for (choice, value) in [
        (Choice::Servers, "203.0.113.10"),
        (Choice::Domain, "app.example.org"),
        (Choice::Email, "ops@example.org"),
    ] {
        intent.choose(choice, vec![value.to_owned()]);
    }
    let changes = plan(&app, &intent)
        .unwrap_or_else(|obstacles| panic!("{name}: {obstacles:?}"))
        .changes;
    changes.apply(&mut tree).expect("a plan applies");
    let is_tracked = |source: &&Source| !source.path().ends_with(".key");
    let files: Vec<(Box<str>, bool)> = tree
        .sources()
        .filter(is_tracked)
        .map(|source| (source.path().as_str().into(), source.is_executable()))
        .collect();
    tree.set_index(Index::of(files));
    tree
}

/// The app of a case: what it starts from, golden as it is or clean after `init`, with the case's files.
pub fn tree_of_case(case: &Case) -> Tree {
    match (case.said("Base").as_slice(), case.said("Clean").as_slice()) {
        ([_], []) => tree_of_variant(case),
        ([], [name]) => {
            let mut tree = clean(name);
            change(case, &mut tree);
            tree
        }
        _ => case.tree(),
    }
}

/// A clean app with one mistake.
pub fn tree_of_mistake(case: &Case) -> Tree {
    let bases = case.said("Base");
    let [base] = bases.as_slice() else {
        panic!("{}: one `Base: name` says which app it is in", case.title);
    };
    let mut tree = clean(base);
    let mut files: BTreeMap<Box<str>, bool> = tree
        .index()
        .expect("a clean app is in git")
        .files()
        .map(|path| {
            let source = tree.source(path);
            (path.into(), source.is_some_and(Source::is_executable))
        })
        .collect();
    change(case, &mut tree);
    files.retain(|path, _| tree.has(path));
    for (path, _) in &case.files {
        files.insert(path.as_str().into(), false);
    }
    for mode in case.said("Mode") {
        let (mode, path) = mode.split_once(' ').expect("a mode and a path");
        files.insert(path.into(), mode == "100755");
    }
    for path in case.said("Untracked") {
        files.remove(path);
    }
    tree.set_index(Index::of(files));
    tree
}

/// Makes of a tree what a case says of it.
fn change(case: &Case, tree: &mut Tree) {
    for path in case.said("Without") {
        assert!(
            tree.has(path),
            "{}: {path} is not there to be left out",
            case.title
        );
        tree.remove(&AppPath::new(path).expect("paths are relative"));
    }
    for (path, text) in &case.files {
        tree.insert(Source::new(
            AppPath::new(path).expect("paths are relative"),
            text.clone(),
        ));
    }
    for (path, edit) in &case.edits {
        let source = tree.source(path).expect("what is edited is there");
        let executable = source.is_executable();
        let text = edited(source.text(), edit);
        let path = AppPath::new(path).expect("paths are relative");
        tree.insert(Source::new(path, text).with_executable(executable));
    }
    for path in case.said("Windows") {
        let source = tree.source(path).expect("what is saved again is there");
        let executable = source.is_executable();
        let text = source.text().replace('\n', "\r\n");
        let path = AppPath::new(path).expect("paths are relative");
        tree.insert(Source::new(path, text).with_executable(executable));
    }
    for path in case.said("Unreadable") {
        let path = AppPath::new(path).expect("paths are relative");
        tree.answer(path, Entry::Unreadable(Unreadable::NotAFile("a folder")));
    }
    if let [place] = case.said("Place").as_slice() {
        tree.set_place(AppPath::new(place).expect("places are relative"));
    }
}
