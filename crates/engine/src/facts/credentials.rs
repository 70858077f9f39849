//! Rails' encrypted credentials: their files and keys, never what is in them.
//!
//! Upstream: rails 8.1 `railties/lib/rails/application/configuration.rb`, `credentials_defaults`.

use crate::facts::App;
use crate::tree::{Index, Path};

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

/// Whether a file has the key of all environments, or of one that is deployed.
fn is_key(path: &str) -> bool {
    let of_environment = path
        .strip_prefix("config/credentials/")
        .and_then(|name| name.strip_suffix(".key"));
    path == "config/master.key"
        || of_environment.is_some_and(|environment| !LOCAL.contains(&environment))
}
