//! Rails' encrypted credentials: their files and keys, never what is in them.
//!
//! Upstream: rails 8.1 `railties/lib/rails/application/configuration.rb`, `credentials_defaults`.

use syntax::{Edit, dockerignore};

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::App;
use crate::facts::build::ignore_file;
use crate::facts::kamal::Destination;
use crate::tree::{Index, Path, Source};

/// Environments whose credentials protect nothing of production's.
const LOCAL: [&str; 2] = ["development", "test"];

/// The app's credentials.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    app: &'a App<'a>,
}

impl<'a> App<'a> {
    /// Rails' encrypted credentials.
    pub fn credentials(&'a self) -> Credentials<'a> {
        Credentials { app: self }
    }
}

impl Credentials<'_> {
    /// The keys of the credentials that are there, those of development and test left out.
    pub fn keys(self) -> Vec<Path> {
        let tree = self.app.tree();
        let own = tree.folder("config/credentials").unwrap_or_default();
        let environments = own
            .iter()
            .filter_map(|listed| listed.name.strip_suffix(".yml.enc"))
            .filter(|environment| !LOCAL.contains(environment));
        std::iter::once(None)
            .chain(environments.map(Some))
            .filter_map(Pair::of)
            .filter(|pair| tree.has(&pair.file))
            .map(|pair| pair.key)
            .collect()
    }

    /// Whether git tracks what a key decrypts, too.
    pub fn has_tracked_file_of(self, key: &Path) -> bool {
        let environment = key
            .strip_prefix("config/credentials/")
            .and_then(|name| name.strip_suffix(".key"));
        Pair::of(environment).is_some_and(|pair| self.app.is_tracked(&pair.file))
    }

    /// The keys of deployed environments that git tracks.
    pub fn tracked_keys(self) -> Vec<Path> {
        let index = self.app.tree().index();
        let files = index.into_iter().flat_map(Index::files);
        files
            .filter(|path| is_key(path))
            .filter_map(Path::new)
            .collect()
    }
}

/// Encrypted credentials and the key that opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The credentials.
    pub file: Path,
    /// Where their key is kept.
    pub key: Path,
}

impl Pair {
    fn of(environment: Option<&str>) -> Option<Self> {
        let (file, key) = match environment {
            Some(name) => (
                format!("config/credentials/{name}.yml.enc"),
                format!("config/credentials/{name}.key"),
            ),
            None => (
                "config/credentials.yml.enc".to_owned(),
                "config/master.key".to_owned(),
            ),
        };
        Some(Self {
            file: Path::new(&file)?,
            key: Path::new(&key)?,
        })
    }
}

/// Settings that have Rails look elsewhere, or need no credentials to boot.
const ELSEWHERE: [&str; 3] = [
    "config.credentials.content_path",
    "config.credentials.key_path",
    "config.secret_key_base",
];

impl Destination<'_> {
    /// The credentials that Rails reads: those of its environment where there are some, else those
    /// of all. Nothing where there are none, or a setting may have it look elsewhere.
    pub fn credentials(&self) -> Option<Pair> {
        let app = self.app();
        let environment = match self.rails_environment() {
            Answer::Is(environment) => environment.value.clone(),
            Answer::Absent(_) => "production".to_owned(),
            Answer::Unknown(..) => return None,
        };
        let is_set = |path| !app.rails().setting(path).is_absent();
        if ELSEWHERE.into_iter().any(is_set) {
            return None;
        }
        let own = Pair::of(Some(&environment))?;
        [own, Pair::of(None)?]
            .into_iter()
            .find(|pair| app.tree().has(&pair.file))
    }

    /// Whether a file of the app may be in the image: git has it, or Kamal builds from the working
    /// tree, and `.dockerignore` does not surely keep it out.
    pub fn may_ship(&self, path: &str) -> bool {
        let is_tracked = self.app().is_tracked(path);
        (is_tracked || !self.is_built_from_clone()) && !self.is_ignored_by_docker(path)
    }

    /// Whether a file may be in the build's context: git has it, Kamal builds from a working tree that
    /// is not a runner's checkout, or what deploys names the file and so may make it.
    pub fn may_be_built_with(&self, path: &Path) -> bool {
        self.app().is_tracked(path)
            || !self.is_built_from_clone()
                && self
                    .deploy_job()
                    .is_none_or(|(job, _)| !job.is_hosted() || job.may_make(path))
    }

    /// Whether `.dockerignore` surely keeps a file of the app out of the image.
    pub fn is_ignored_by_docker(&self, path: &str) -> bool {
        let (Some(dockerfile), Some(folder)) = (self.dockerfile(), self.folder_in_context()) else {
            return false;
        };
        let ignore = ignore_file(self.app(), &dockerfile, Some(&folder));
        ignore.is_some_and(|ignore| ignore.dockerignore().excludes(&format!("{folder}{path}")))
    }

    /// The file that says what the build of the image leaves out.
    pub fn dockerignore(&self) -> Option<Ignore<'_>> {
        let folder = self.folder_in_context()?;
        let source = ignore_file(self.app(), &self.dockerfile()?.value, Some(&folder))?;
        Some(Ignore { source, folder })
    }
}

/// What the build leaves out.
#[derive(Clone, Debug)]
pub struct Ignore<'a> {
    source: &'a Source,
    /// The app's folder in the context.
    folder: String,
}

impl Ignore<'_> {
    /// The file.
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// The pattern that would keep a file out if it were not anchored at the root of the context.
    pub fn near_miss(&self, path: &str) -> Option<Fact<String>> {
        let patterns = self.source.dockerignore().patterns.iter();
        let near = patterns
            .filter(|pattern| !pattern.negated)
            .find(|pattern| {
                let anywhere = dockerignore::parse(&format!("**/{}", pattern.text));
                anywhere.excludes(path)
            })?;
        Some(Fact::read(
            near.text.clone(),
            self.source.path(),
            near.span,
            "anchored",
        ))
    }

    /// Adds a line that keeps a file out.
    pub fn excluding(&self, path: &str) -> Option<Changes> {
        let text = self.source.text();
        let sign = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let line = format!("{sign}/{}{path}\n", self.folder);
        let edit = Edit::insert(text.len(), line);
        self.source
            .is_exact()
            .then(|| Changes::edit(self.source.path(), vec![edit]))
    }
}

/// Whether a file has the key of all environments, or of one that is deployed.
fn is_key(path: &str) -> bool {
    let of_environment = path
        .strip_prefix("config/credentials/")
        .and_then(|name| name.strip_suffix(".key"));
    path == "config/master.key"
        || of_environment.is_some_and(|environment| !LOCAL.contains(&environment))
}
