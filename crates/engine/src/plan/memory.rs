//! `config/seaworthy.yml`: what was chosen, and digests of what was written.

use std::collections::BTreeMap;

use syntax::yaml::Insert;

use super::intent::{FILE, Intent};
use super::{PlannedFile, State};
use crate::change::Change;
use crate::digest::sha256;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source, Tree};

/// What the file begins with where it is new.
const HEADER: &str = "\
# What seaworthy was told about this app, and digests of the files that `seaworthy init` wrote:
# a file whose digest still fits is updated by the next run, any other is yours and stays.
";

/// What stands above the digests.
const SECTION: &str = "written";

/// Digests of what init wrote, by path.
pub(super) struct Memory {
    digests: BTreeMap<String, String>,
}

impl Memory {
    /// What `config/seaworthy.yml` remembers.
    pub(super) fn of(tree: &Tree) -> Self {
        let root = tree.source(FILE).and_then(|source| Setting::root([source]));
        let written = root.and_then(|root| root.get(SECTION).known());
        let members = written.map(|written| written.members()).unwrap_or_default();
        let digests = members
            .into_iter()
            .filter_map(|member| Some((member.name.value, member.value.text().known()?.value)))
            .collect();
        Self { digests }
    }

    /// Whether a file is as init wrote it.
    pub(super) fn wrote(&self, source: &Source) -> bool {
        self.digests
            .get(source.path().as_str())
            .is_some_and(|known| *known == digest(source.text()))
    }

    /// The files that are as init wrote them.
    pub(super) fn untouched(&self, tree: &Tree) -> Vec<Path> {
        tree.sources()
            .filter(|source| self.wrote(source))
            .map(|source| source.path().clone())
            .collect()
    }

    /// The change that remembers the choices of this run and the digests of its files; nothing if
    /// all is remembered already, or the file is in no state to be changed.
    pub(super) fn remember(
        &self,
        tree: &Tree,
        intent: &Intent,
        files: &[PlannedFile],
    ) -> Option<Change> {
        let path = Path::from(FILE);
        let before = match tree.source(FILE) {
            Some(source) if !source.is_exact() || !source.yaml().errors.is_empty() => return None,
            Some(source) => source.text(),
            None if tree.has(FILE) => return None,
            None => HEADER,
        };
        let mut text = before.to_owned();
        for (choice, values) in intent.given() {
            text = with(&text, choice.key(), values)?;
        }
        let mut digests = self.digests.clone();
        for file in files.iter().filter(|file| file.state != State::Kept) {
            digests.insert(file.path.to_string(), digest(&file.text));
        }
        if digests != self.digests {
            text = with_digests(&text, &digests)?;
        }
        let is_same = tree
            .source(FILE)
            .is_some_and(|source| source.text() == text);
        (!is_same).then_some(Change::Create {
            path,
            text,
            executable: false,
        })
    }
}

fn digest(text: &str) -> String {
    format!("sha256:{}", sha256(text))
}

/// `text` with a key set to a value or a list of values.
fn with(text: &str, key: &str, values: &[String]) -> Option<String> {
    let text = without(text, key)?;
    let value = match values {
        [one] if key != "servers" => Insert::Scalar(one.clone()),
        values => Insert::Sequence(values.to_vec()),
    };
    let edits = syntax::yaml::parse(&text).insert(&[key], &value).ok()?;
    syntax::edit::apply(&text, &edits).ok()
}

/// `text` with the section of digests as given, at its end.
fn with_digests(text: &str, digests: &BTreeMap<String, String>) -> Option<String> {
    let mut text = without(text, SECTION)?.trim_end().to_owned();
    text.push_str("\n\n");
    text.push_str(SECTION);
    text.push_str(":\n");
    for (path, digest) in digests {
        text.extend(["  ", path, ": ", digest, "\n"]);
    }
    Some(text)
}

/// `text` without a key.
fn without(text: &str, key: &str) -> Option<String> {
    let document = syntax::yaml::parse(text);
    let Some(entry) = document.root().and_then(|root| root.get(key)) else {
        return Some(text.to_owned());
    };
    let edits = document.remove(entry).ok()?;
    syntax::edit::apply(text, &edits).ok()
}
