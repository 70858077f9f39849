//! Names of secrets, and how each is looked up. Never a value.

use syntax::dotenv::{self, Value};

use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::tree::{Path, Source};

/// The files that Kamal 2 looks secrets up in, for one destination.
#[derive(Clone, Debug)]
pub struct Secrets<'a> {
    /// Later ones win.
    sources: Vec<&'a Source>,
    /// Where a name that is missing would be added.
    path: Path,
}

/// How a secret gets its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Nothing: the value is empty.
    Empty,
    /// The value stands in the file.
    Literal,
    /// An environment variable of whoever deploys.
    Variable(String),
    /// A program's output; the program.
    Command(String),
    /// Several of these, joined.
    Mixed,
}

impl<'a> Secrets<'a> {
    /// The secrets of a destination. With one, the plain file is not read
    /// (kamal 2.12 `lib/kamal/secrets.rb`).
    pub(super) fn of(app: &'a App<'a>, path: Option<String>, destination: Option<&str>) -> Self {
        let path = path.unwrap_or_else(|| ".kamal/secrets".to_owned());
        let names = file_names(&path, destination);
        let sources = names
            .iter()
            .filter_map(|name| app.tree().source(Path::new(name)?.as_str()))
            .collect();
        let path = names.iter().filter_map(|name| Path::new(name)).next_back();
        Self {
            sources,
            path: path.unwrap_or_else(|| ".kamal/secrets".into()),
        }
    }

    /// The files that are there.
    pub fn sources(&self) -> &[&'a Source] {
        &self.sources
    }

    /// How a secret gets its value.
    pub fn lookup(&self, name: &str) -> Answer<Lookup> {
        for source in self.sources.iter().rev() {
            if let Some(entry) = source.dotenv().get(name) {
                let place = Place::text(source.path(), entry.key.span);
                return Answer::Is(Fact::new(
                    how(&entry.value),
                    Origin::at(place, "looked up here"),
                ));
            }
        }
        Answer::Absent(Place::File(self.path.clone()))
    }

    /// All names, in the order of the files.
    pub fn names(&self) -> Vec<Fact<String>> {
        let mut names: Vec<Fact<String>> = Vec::new();
        for source in &self.sources {
            for entry in &source.dotenv().entries {
                if names.iter().all(|name| name.value != entry.key.value) {
                    let key = &entry.key;
                    names.push(Fact::read(
                        key.value.clone(),
                        source.path(),
                        key.span,
                        "a secret",
                    ));
                }
            }
        }
        names
    }
}

/// The files for a destination, those that win last.
pub(super) fn file_names(path: &str, destination: Option<&str>) -> [String; 2] {
    let own = match destination {
        Some(destination) => format!("{path}.{destination}"),
        None => path.to_owned(),
    };
    [format!("{path}-common"), own]
}

fn how(value: &Value) -> Lookup {
    match value {
        Value::Empty => Lookup::Empty,
        Value::Literal { .. } => Lookup::Literal,
        Value::Parts(parts) => match parts.as_slice() {
            [dotenv::Part::Variable(name)] => Lookup::Variable(name.value.clone()),
            [dotenv::Part::Command(command)] => Lookup::Command(
                command
                    .program
                    .clone()
                    .unwrap_or_else(|| "a program".to_owned()),
            ),
            _ => Lookup::Mixed,
        },
    }
}
