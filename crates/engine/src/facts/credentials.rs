//! Rails' encrypted credentials: their files and keys, never what is in them.
//!
//! Upstream: rails 8.1 `railties/lib/rails/application/configuration.rb`, `credentials_defaults`.

use crate::facts::App;
use crate::tree::Path;

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

impl<'a> Credentials<'a> {
    /// Where a key of a deployed environment is or would be: of all environments, and of each that
    /// has credentials of its own on disk or in git.
    pub fn keys(self) -> impl Iterator<Item = Path> + 'a {
        let tree = self.app.tree();
        let on_disk = tree
            .folder("config/credentials")
            .unwrap_or_default()
            .iter()
            .filter_map(|listed| Path::from("config/credentials").join(&listed.name));
        let in_git = tree.index().into_iter().flat_map(|index| {
            index
                .files()
                .filter(|path| path.parent().as_str() == "config/credentials")
                .cloned()
        });
        let mut keys: Vec<Path> = on_disk
            .chain(in_git)
            .filter_map(|path| {
                let (environment, _) = path.name().split_once('.')?;
                let key = format!("config/credentials/{environment}.key");
                (!LOCAL.contains(&environment))
                    .then(|| Path::new(&key))
                    .flatten()
            })
            .collect();
        keys.push("config/master.key".into());
        keys.sort();
        keys.dedup();
        keys.into_iter()
    }
}
