//! What is checked: apps, files of an app, Dockerfiles of none, standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use engine::tree::{Path as AppPath, Tree};
use rayon::prelude::*;

use crate::arguments::{Check, Global};
use crate::disk;
use crate::error::Error;

/// One app, or one Dockerfile on its own, and what of it is reported.
pub(super) struct Subject {
    pub(super) root: PathBuf,
    pub(super) tree: Tree,
    /// The only files whose findings are reported; empty is all.
    pub(super) only: Vec<String>,
    /// What it is called where several are checked: its path as it was given.
    pub(super) prefix: String,
    /// What goes before the paths of its files: its place in the repository, else its folder as it was
    /// given.
    pub(super) folder: String,
}

/// What the arguments name: without any, the app that this is in.
pub(super) fn subjects(global: &Global, check: &Check) -> Result<Vec<Subject>, Error> {
    let start = global
        .directory
        .clone()
        .unwrap_or_else(|| PathBuf::from("."));
    if let Some(path) = &check.stdin_path {
        if check.paths.iter().any(|path| path != "-") {
            return Err(Error::new("--stdin-path takes `-` and no other path"));
        }
        return Ok(vec![from_stdin(&start, path)?]);
    }
    if check.paths.iter().any(|path| path == "-") {
        return Err(Error::new("standard input has no name")
            .hint("say which file it is: --stdin-path Dockerfile -"));
    }
    if check.paths.is_empty() {
        return Ok(vec![whole(
            disk::the_app(global.directory.as_deref())?,
            String::new(),
        )]);
    }
    let mut subjects: Vec<Subject> = Vec::new();
    for path in &check.paths {
        let full = start.join(path);
        if full.is_dir() {
            add_folder(&full, path, &mut subjects)?;
        } else if full.exists() {
            add_file(&full, path, &mut subjects)?;
        } else {
            return Err(Error::new(format!("there is no {path}")));
        }
    }
    // One app needs no name in front of its findings.
    if let [only] = subjects.as_mut_slice() {
        only.prefix.clear();
    }
    Ok(subjects)
}

fn whole(root: PathBuf, prefix: String) -> Subject {
    let tree = disk::read(&root);
    let folder = tree
        .place()
        .map_or(prefix.clone(), |place| place.as_str().to_owned());
    Subject {
        root,
        tree,
        only: Vec::new(),
        prefix,
        folder,
    }
}

/// An app, or a folder that is searched for apps and Dockerfiles outside of them.
fn add_folder(folder: &Path, shown: &str, subjects: &mut Vec<Subject>) -> Result<(), Error> {
    if disk::is_app(folder) {
        subjects.push(whole(folder.to_path_buf(), shown.to_owned()));
        return Ok(());
    }
    let before = subjects.len();
    let mut apps: Vec<(PathBuf, String)> = Vec::new();
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut walk = ignore::WalkBuilder::new(folder);
    walk.hidden(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(|entry| !matches!(entry.file_name().to_str(), Some(".git" | "node_modules")));
    for entry in walk.build().filter_map(Result::ok) {
        let path = entry.path();
        if apps.iter().any(|(app, _)| path.starts_with(app)) {
            continue;
        }
        let shown = path.strip_prefix(folder).map_or_else(
            |_| shown.to_owned(),
            |inside| Path::new(shown).join(inside).to_string_lossy().into_owned(),
        );
        if path.is_dir() && disk::is_app(path) {
            apps.push((path.to_path_buf(), shown));
        } else if path.is_file() && is_dockerfile(path) {
            files.push((path.to_path_buf(), shown));
        }
    }
    subjects.par_extend(apps.into_par_iter().map(|(app, shown)| whole(app, shown)));
    subjects.extend(
        files
            .into_iter()
            .filter_map(|(file, shown)| alone(&file, shown)),
    );
    if subjects.len() == before {
        return Err(Error::new(format!(
            "there is neither a Rails app nor a Dockerfile in {shown}"
        )));
    }
    Ok(())
}

/// A file of an app, or a Dockerfile outside of any.
fn add_file(file: &Path, shown: &str, subjects: &mut Vec<Subject>) -> Result<(), Error> {
    let full = file
        .canonicalize()
        .map_err(|error| Error::io("reading", file, &error))?;
    let folder = full.parent().unwrap_or(Path::new("/"));
    let Some(root) = disk::find_app(folder) else {
        if is_dockerfile(&full) {
            subjects.extend(alone(&full, shown.to_owned()));
            return Ok(());
        }
        return Err(Error::new(format!(
            "{shown} is in no Rails app, and is no Dockerfile"
        )));
    };
    let inside = full
        .strip_prefix(&root)
        .unwrap_or(&full)
        .to_string_lossy()
        .into_owned();
    if let Some(known) = subjects
        .iter_mut()
        .find(|known| known.root == root && !known.only.is_empty())
    {
        known.only.push(inside);
        return Ok(());
    }
    let prefix = root.to_string_lossy().into_owned();
    subjects.push(Subject {
        only: vec![inside],
        ..whole(root, prefix)
    });
    Ok(())
}

fn is_dockerfile(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(engine::facts::dockerfile::is_dockerfile)
}

/// A Dockerfile that belongs to no app: nothing else is read. If it cannot be, that is a finding.
fn alone(file: &Path, shown: String) -> Option<Subject> {
    let root = file.parent().unwrap_or(Path::new(".")).to_path_buf();
    let path = AppPath::new(file.file_name()?.to_str()?)?;
    let mut tree = Tree::of([]);
    let entry = disk::read_file(&root, &path);
    tree.answer(path, entry);
    let folder = Path::new(&shown).parent().map(Path::to_string_lossy);
    Some(Subject {
        root,
        tree,
        only: Vec::new(),
        folder: folder.unwrap_or_default().into_owned(),
        prefix: shown,
    })
}

/// The app with one of its files as standard input has it.
fn from_stdin(start: &Path, path: &str) -> Result<Subject, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io("reading", Path::new("standard input"), &error))?;
    let outside = || Error::new(format!("{path} is not a path inside the app"));
    let (root, inside) = match disk::find_app(start) {
        Some(root) => {
            let here = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
            let below = here
                .strip_prefix(&root)
                .unwrap_or(Path::new(""))
                .to_string_lossy()
                .into_owned();
            let inside = AppPath::new(&below)
                .and_then(|below| below.join(path))
                .ok_or_else(outside)?;
            (Some(root), inside)
        }
        None => (None, AppPath::new(path).ok_or_else(outside)?),
    };
    let entry = disk::entry(inside.clone(), bytes, false);
    let only = vec![inside.as_str().to_owned()];
    let mut tree = if root.is_some() {
        Tree::default()
    } else {
        Tree::of([])
    };
    tree.answer(inside, entry);
    if let Some(root) = &root {
        disk::complete(root, &mut tree);
    }
    Ok(Subject {
        root: root.unwrap_or_default(),
        tree,
        only,
        prefix: String::new(),
        folder: String::new(),
    })
}
