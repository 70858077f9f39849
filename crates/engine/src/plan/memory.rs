//! `config/seaworthy.yml`: what was chosen, and digests of what was written.

use std::collections::BTreeMap;

use syntax::yaml::Insert;

use super::intent::{Choice, FILE, Intent};
use super::{PlannedFile, State};
use crate::change::Change;
use crate::digest::sha256;
use crate::facts::rails::PRODUCTION;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source, Tree};

/// What the file begins with where it is new.
const HEADER: &str = "\
# What seaworthy was told about this app, and digests of the files that `seaworthy init` wrote:
# a file whose digest still fits is updated by the next run, any other is yours and stays.
";

/// What stands above the digests.
pub(super) const SECTION: &str = "written";

/// What stands above the digests of what was offered and declined.
pub(super) const DECLINED: &str = "declined";

/// Digests of what init wrote, and of what the user did not want, by path.
pub(super) struct Memory {
    digests: BTreeMap<String, String>,
    declined: BTreeMap<String, String>,
}

impl Memory {
    /// What `config/seaworthy.yml` remembers.
    pub(super) fn of(tree: &Tree) -> Self {
        let root = tree.source(FILE).and_then(|source| Setting::root([source]));
        let section = |name: &str| -> BTreeMap<String, String> {
            let section = root.as_ref().and_then(|root| root.get(name).known());
            let members = section.map(|section| section.members()).unwrap_or_default();
            members
                .into_iter()
                .filter_map(|member| Some((member.name.value, member.value.text().known()?.value)))
                .collect()
        };
        Self {
            digests: section(SECTION),
            declined: section(DECLINED),
        }
    }

    /// Whether the user has declined this very text.
    pub(super) fn was_declined(&self, path: &Path, text: &str) -> bool {
        self.declined
            .get(path.as_str())
            .is_some_and(|known| *known == digest(text))
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
        let is_written_anew = |path: &Path| {
            files
                .iter()
                .any(|file| file.path == *path && file.state == State::Replaced)
        };
        for (keys, choice, values) in intent.given(is_written_anew) {
            text = with(&text, &keys, choice, values)?;
        }
        let mut digests = self.digests.clone();
        let mut declined = self.declined.clone();
        for file in files {
            let path = file.path.to_string();
            match file.state {
                // The file is the user's own from now on, or was all the time.
                State::Kept | State::Edited | State::Extended => {
                    if intent.keep.contains(&file.path) {
                        declined.insert(path, digest(&file.text));
                    }
                }
                State::Replaced if is_foundation(&file.path) => {}
                _ => {
                    declined.remove(&path);
                    digests.insert(path, digest(&file.text));
                }
            }
        }
        if declined != self.declined {
            text = with_digests(&text, DECLINED, &declined)?;
        }
        if digests != self.digests {
            text = with_digests(&text, SECTION, &digests)?;
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
fn with(text: &str, keys: &[&str], choice: Choice, values: &[String]) -> Option<String> {
    let source = Source::new(FILE.into(), text);
    let known = Setting::root([&source]).and_then(|root| root.dig(keys).known());
    if known.is_some_and(|known| known.texts().iter().map(|text| &text.value).eq(values)) {
        return Some(text.to_owned());
    }
    let text = without(text, keys)?;
    let value = match values {
        [one] if !choice.is_list() => Insert::Scalar(one.clone()),
        values => Insert::Sequence(values.to_vec()),
    };
    let edits = syntax::yaml::parse(&text).insert(keys, &value).ok()?;
    syntax::edit::apply(&text, &edits).ok()
}

/// Files that hold what is the user's beside what init offers; they stay evidence.
fn is_foundation(path: &Path) -> bool {
    matches!(
        path.as_str(),
        "config/cable.yml"
            | "config/cache.yml"
            | "config/database.yml"
            | "config/puma.rb"
            | "config/puma/production.rb"
    ) || path.as_str() == PRODUCTION
}

/// `text` with a section of digests as given, at its end.
fn with_digests(text: &str, section: &str, digests: &BTreeMap<String, String>) -> Option<String> {
    let mut text = without(text, &[section])?.trim_end().to_owned();
    if digests.is_empty() {
        text.push('\n');
        return Some(text);
    }
    text.push_str("\n\n");
    text.push_str(section);
    text.push_str(":\n");
    for (path, digest) in digests {
        text.extend(["  ", path, ": ", digest, "\n"]);
    }
    Some(text)
}

/// `text` without a key.
pub(super) fn without(text: &str, keys: &[&str]) -> Option<String> {
    let document = syntax::yaml::parse(text);
    let mut entry = None;
    let mut node = document.root();
    for key in keys {
        entry = node.and_then(|node| node.get(key));
        node = entry.map(|entry| entry.value);
    }
    let Some(entry) = entry else {
        return Some(text.to_owned());
    };
    let edits = document.remove(entry).ok()?;
    syntax::edit::apply(text, &edits).ok()
}
