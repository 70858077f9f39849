//! Apps on disk: where one begins, and how what the engine wants is read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use engine::tree::{Entry, Index, Listed, Path as AppPath, Source, Tree, Unreadable};

use crate::error::Error;

/// No file that a person writes for an app is larger.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Whether an app begins in this folder: Rails' own marker, or the files that describe one.
pub(crate) fn is_app(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("config/application.rb") || (has("config/deploy.yml") && has("Gemfile"))
}

/// The app that `folder` is in, itself or further up.
pub(crate) fn find_app(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    folder
        .ancestors()
        .find(|folder| is_app(folder))
        .map(Path::to_path_buf)
}

/// The app that a verb works on.
pub(crate) fn the_app(directory: Option<&Path>) -> Result<PathBuf, Error> {
    let start = directory.unwrap_or(Path::new("."));
    if !start.is_dir() {
        return Err(Error::new(format!("{} is not a folder", start.display())));
    }
    find_app(start).ok_or_else(|| {
        let shown = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
        Error::new(format!(
            "{} is not in a Rails app: no config/application.rb here or above",
            shown.display()
        ))
        .hint("go to the app's folder, or name it: seaworthy -C path/to/app")
    })
}

/// Reads all of an app that the engine wants.
pub(crate) fn read(root: &Path) -> Tree {
    let mut tree = Tree::default();
    if let Ok(root) = root.canonicalize()
        && let Some(repository) = repository(&root)
        && let Some(place) = root.strip_prefix(repository).ok().and_then(Path::to_str)
        && let Some(place) = AppPath::new(place)
    {
        if let Some(index) = index(repository, &place) {
            tree.set_index(index);
        }
        tree.set_place(place);
    }
    complete(root, &mut tree);
    tree
}

/// The root of the git repository that a folder is in.
fn repository(root: &Path) -> Option<&Path> {
    // A worktree and a submodule have a file of that name.
    root.ancestors().find(|folder| folder.join(".git").exists())
}

/// What git's index has of the app at `place` in its repository; nothing where it cannot be read.
fn index(repository: &Path, place: &AppPath) -> Option<Index> {
    let git = repository.join(".git");
    let folder = match fs::read_to_string(&git) {
        Ok(link) => repository.join(link.strip_prefix("gitdir:")?.trim()),
        Err(_) => git,
    };
    // The checksum is git's to verify: what is broken does not parse.
    let file = gix_index::File::at(
        folder.join("index"),
        gix_hash::Kind::Sha1,
        true,
        gix_index::decode::Options::default(),
    )
    .ok()?;
    let prefix = if place.is_empty() {
        String::new()
    } else {
        format!("{place}/")
    };
    let files = file.entries().iter().filter_map(|entry| {
        let path = std::str::from_utf8(entry.path(&file)).ok()?;
        let inside = path.strip_prefix(&prefix)?;
        Some((
            inside.into(),
            entry.mode == gix_index::entry::Mode::FILE_EXECUTABLE,
        ))
    });
    Some(Index::of(files))
}

/// Reads what the engine still wants after `tree` was given something.
pub(crate) fn complete(root: &Path, tree: &mut Tree) {
    loop {
        let wants = engine::wants(tree);
        if wants.is_empty() {
            return;
        }
        for folder in wants.folders {
            let names = list(&root.join(folder.as_str()));
            tree.answer_folder(folder, names);
        }
        for path in wants.files {
            let entry = read_file(root, &path);
            tree.answer(path, entry);
        }
    }
}

fn list(folder: &Path) -> Vec<Listed> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            // A link counts as what it leads to.
            let is_folder = match entry.file_type().ok()? {
                kind if kind.is_symlink() => entry.path().is_dir(),
                kind => kind.is_dir(),
            };
            Some(Listed { name, is_folder })
        })
        .collect()
}

/// A file of an app as the engine is given it; why it could not be read is an entry, too.
pub(crate) fn read_file(root: &Path, path: &AppPath) -> Entry {
    let full = root.join(path.as_str());
    let metadata = match fs::metadata(&full) {
        Ok(metadata) => metadata,
        // A link that leads nowhere is somebody's mistake; no entry at all is not.
        Err(_) if full.symlink_metadata().is_ok() => {
            return Entry::Unreadable(Unreadable::Refused(
                "it is a link that leads nowhere".to_owned(),
            ));
        }
        Err(_) => return Entry::Missing,
    };
    if metadata.is_dir() {
        return Entry::Unreadable(Unreadable::NotAFile("a folder"));
    }
    // Opening a pipe would wait for somebody to write to it.
    if !metadata.is_file() {
        return Entry::Unreadable(Unreadable::NotAFile("a device, a socket or a pipe"));
    }
    if metadata.len() > LARGEST {
        return Entry::Unreadable(Unreadable::TooLarge(metadata.len()));
    }
    let mut bytes = Vec::new();
    let read =
        fs::File::open(&full).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Entry::Unreadable(Unreadable::Refused(error.to_string())),
        Ok(_) => entry(path.clone(), bytes, is_executable(&metadata)),
    }
}

/// What bytes are to the engine.
pub(crate) fn entry(path: AppPath, bytes: Vec<u8>, executable: bool) -> Entry {
    if bytes.len() as u64 > LARGEST {
        return Entry::Unreadable(Unreadable::TooLarge(bytes.len() as u64));
    }
    if bytes.contains(&0) {
        return Entry::Unreadable(Unreadable::Binary);
    }
    Entry::Text(
        Source::from_bytes(path, bytes)
            .with_executable(executable)
            .into(),
    )
}

fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}
