//! What Docker is given to build from, where the app's folder is not enough: gems that lie beside it
//! in the same repository.

use serde::Serialize;

use super::Notebook;
use super::basis::{Obstacle, WORKDIR};
use crate::fact::Fact;
use crate::facts::App;
use crate::plan::intent::{Choice, Intent};

/// Folders of the system, where nobody looks for gems.
const OF_THE_SYSTEM: [&str; 18] = [
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root",
    "run", "sbin", "srv", "sys", "tmp", "usr",
];

/// A build context above the app's folder.
#[derive(Clone, Debug, Serialize)]
pub(in crate::plan) struct Context {
    /// From the app's folder: `..`, `../..`.
    pub(in crate::plan) path: String,
    /// The app's folder in it, with a slash at its end.
    pub(super) prefix: String,
    /// The gems that lie in it, outside of the app.
    pub(super) gems: Vec<GemBeside>,
}

/// A folder with gems, outside of the app's.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GemBeside {
    /// As the lockfile has it, seen from the app.
    #[serde(skip)]
    pub(super) folder: Fact<String>,
    /// The same, seen from the context.
    source: String,
    /// Where Bundler looks for it in the image.
    target: String,
}

impl Context {
    /// The smallest context that has the app and its gems; nothing where the app's folder does.
    pub(super) fn of(
        app: &App<'_>,
        intent: &Intent,
        obstacles: &mut Vec<Obstacle>,
    ) -> Option<Self> {
        let folders: Vec<Fact<String>> = app
            .gems()
            .path_gems()
            .into_iter()
            .map(|gem| gem.folder)
            .filter(|folder| folder.starts_with('/') || levels(folder) > 0)
            .collect();
        let highest = folders.iter().map(|folder| levels(folder)).max()?;
        let place: Vec<&str> = match app.tree().place() {
            Some(place) => place.split('/').filter(|part| !part.is_empty()).collect(),
            None => Vec::new(),
        };
        let mut refuse = |folder: &Fact<String>, what: &str, help: &str| {
            let at = folder.origin.place.describe(app.tree());
            obstacles.push(Obstacle::new(
                format!("{at}: gems come from {}, {what}", folder.value),
                help,
            ));
        };
        let outside = folders
            .iter()
            .find(|folder| folder.starts_with('/') || levels(folder) > place.len());
        if let Some(folder) = outside {
            refuse(
                folder,
                "which is outside of the app's git repository",
                "keep both in one repository, or release the gem: what lies elsewhere on other machines cannot be built from",
            );
            return None;
        }
        let own = &place[place.len() - highest..];
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
        if let Some(folder) = folders.iter().find(|folder| !folder.chars().all(is_plain)) {
            refuse(
                folder,
                "whose name no Dockerfile can copy as it is",
                "name it with letters, digits, `-` and `_`",
            );
            return None;
        }
        if !own.iter().all(|part| part.chars().all(is_plain)) {
            refuse(
                &folders[0],
                "beside a folder of the app's whose name no Dockerfile can copy as it is",
                "name that folder with letters, digits, `-` and `_`",
            );
            return None;
        }
        let mut context = Self {
            path: vec![".."; highest].join("/"),
            prefix: format!("{}/", own.join("/")),
            gems: Vec::new(),
        };
        let workdir = intent
            .one(Choice::Workdir)
            .map_or_else(|| context.default_workdir(), |workdir| workdir.value);
        let workdir: Vec<&str> = workdir.split('/').filter(|part| !part.is_empty()).collect();
        for folder in folders {
            let source = resolve(own, &folder).expect("the context is high enough");
            if own.starts_with(&source) {
                refuse(
                    &folder,
                    "which the app's own folder is part of",
                    "move the app beside the gem: a copy of the gem would hold the app, and change whenever it does",
                );
                return None;
            }
            let target = resolve(&workdir, &folder).filter(|target| {
                target.len() > 1 || target.iter().all(|part| !OF_THE_SYSTEM.contains(part))
            });
            let Some(target) = target else {
                refuse(
                    &folder,
                    &format!(
                        "which, seen from /{}, is a folder of the system's",
                        workdir.join("/")
                    ),
                    "let the app lie deeper in the image, with --workdir",
                );
                return None;
            };
            context.gems.push(GemBeside {
                source: source.join("/"),
                target: format!("/{}", target.join("/")),
                folder,
            });
        }
        Some(context)
    }

    /// Below Rails' usual folder, everything lies as it does in the repository.
    pub(super) fn default_workdir(&self) -> String {
        format!("{WORKDIR}/{}", self.prefix.trim_end_matches('/'))
    }

    pub(super) fn think(&self, notebook: &mut Notebook) {
        for gem in &self.gems {
            notebook.decide(
                "build context",
                &gem.folder.clone().map(|folder| format!("{}, for the gems in {folder}", self.path)),
                "Docker copies nothing from outside of its context; Dockerfile.dockerignore lets in what is named, and nothing else",
            );
        }
        notebook.note("Kamal builds from a clone of the last commit, but not with a context of its own: what is not committed gets into the image as well.");
    }
}

/// How many folders up a path leads.
pub(super) fn levels(path: &str) -> usize {
    let mut depth = 0_usize;
    let mut highest = 0;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => highest += 1,
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    highest
}

/// `path`, seen from a folder; `None` if it leads above its root.
fn resolve<'p>(folder: &[&'p str], path: &'p str) -> Option<Vec<&'p str>> {
    let mut parts = folder.to_vec();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts)
}
