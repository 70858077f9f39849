//! What only the user knows or wants: from options, else from `config/seaworthy.yml`.

use std::collections::BTreeMap;

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::setting::Setting;
use crate::tree::Path;

/// The file that remembers choices, and what init wrote.
pub const FILE: &str = "config/seaworthy.yml";

/// A choice that has a name in `config/seaworthy.yml` and an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// Addresses of the servers.
    Servers,
    /// The domain that the app is reached by.
    Domain,
    /// The registry's host; `docker.io` is Docker Hub.
    Registry,
    /// The user at the registry.
    RegistryUser,
    /// The architecture of the servers.
    Arch,
    /// The address of a database server outside of the deploy.
    DatabaseHost,
}

impl Choice {
    /// All choices, in the order of the file.
    pub const ALL: [Choice; 6] = [
        Self::Servers,
        Self::Domain,
        Self::Registry,
        Self::RegistryUser,
        Self::Arch,
        Self::DatabaseHost,
    ];

    /// Its key in `config/seaworthy.yml`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::Domain => "domain",
            Self::Registry => "registry",
            Self::RegistryUser => "registry_user",
            Self::Arch => "arch",
            Self::DatabaseHost => "database_host",
        }
    }

    /// Its option.
    pub fn option(self) -> &'static str {
        match self {
            Self::Servers => "--server",
            Self::Domain => "--domain",
            Self::Registry => "--registry",
            Self::RegistryUser => "--registry-user",
            Self::Arch => "--arch",
            Self::DatabaseHost => "--database-host",
        }
    }
}

/// What the user chose.
#[derive(Clone, Debug, Default)]
pub struct Intent {
    choices: BTreeMap<Choice, Fact<Vec<String>>>,
    /// Files that may be overwritten although they are the user's.
    pub replace: Vec<Path>,
    /// The only files to write; empty is all.
    pub only: Vec<Path>,
}

impl Intent {
    /// The choices that `config/seaworthy.yml` remembers.
    pub fn remembered(app: &App<'_>) -> Self {
        let mut intent = Self::default();
        let root = app
            .tree()
            .source(FILE)
            .and_then(|source| Setting::root([source]));
        let Some(root) = root else { return intent };
        for choice in Choice::ALL {
            if let Answer::Is(setting) = root.get(choice.key()) {
                let values: Vec<String> =
                    setting.texts().into_iter().map(|text| text.value).collect();
                if !values.is_empty() {
                    intent
                        .choices
                        .insert(choice, setting.map(|_| values).labelled("you chose it"));
                }
            }
        }
        intent
    }

    /// Chooses on the command line, which wins over what is remembered.
    pub fn choose(&mut self, choice: Choice, values: Vec<String>) {
        let place = Place::Option(choice.option().to_owned());
        self.choices
            .insert(choice, Fact::new(values, Origin::at(place, "you chose it")));
    }

    /// All values of a choice.
    pub fn all(&self, choice: Choice) -> Option<Fact<Vec<String>>> {
        self.choices.get(&choice).cloned()
    }

    /// The value of a choice that has one.
    pub fn one(&self, choice: Choice) -> Option<Fact<String>> {
        let fact = self.all(choice)?;
        let first = fact.value.first()?.clone();
        Some(fact.map(|_| first))
    }

    /// The choices that were made on the command line, to be remembered.
    pub fn given(&self) -> impl Iterator<Item = (Choice, &[String])> {
        self.choices
            .iter()
            .filter(|(_, fact)| matches!(fact.origin.place, Place::Option(_)))
            .map(|(choice, fact)| (*choice, fact.value.as_slice()))
    }
}
