//! The keys of Kamal's configuration, by version, and what a configuration gives of them.
//!
//! Upstream: kamal `lib/kamal/configuration/docs/*.yml`, which its validation takes for the schema,
//! and `lib/kamal/configuration/validator.rb`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::fact::{Answer, Fact, Origin};
use crate::facts::App;
use crate::facts::kamal::Destination;
use crate::facts::setting::{Setting, Shape};
use crate::facts::workflows::{Installed, Job};
use crate::near::nearest;
use crate::tree::{Path, Source};

/// A release of Kamal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Version([u64; 3]);

impl Version {
    /// The first one whose proxy is kamal-proxy.
    pub const TWO: Self = Self::new(2, 0, 0);
    /// The first one that the table of keys knows.
    const OLDEST: Self = Self::new(1, 9, 0);

    /// A release by its numbers.
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self([major, minor, patch])
    }

    /// Reads `2.12` or `2.12.0`; nothing else is a release.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = [0; 3];
        for (index, part) in text.split('.').enumerate() {
            *numbers.get_mut(index)? = part.parse().ok()?;
        }
        Some(Self(numbers))
    }

    /// Whether it has what came with the release `major.minor`.
    pub fn has(self, major: u64, minor: u64) -> bool {
        self >= Self::new(major, minor, 0)
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or(text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        match patch {
            0 => write!(f, "{major}.{minor}"),
            patch => write!(f, "{major}.{minor}.{patch}"),
        }
    }
}

/// The Kamal that reads the configuration.
#[derive(Clone, Debug)]
pub struct Kamal {
    /// Its release.
    pub version: Version,
    /// Where the bundle or the user says so; nothing where the newest known is taken for granted.
    pub origin: Option<Origin>,
    /// The step of a workflow that installs the newest one, where no bundle says which it is.
    pub installed: Option<Origin>,
}

impl Kamal {
    /// Whether the table of keys has all of its keys.
    pub fn is_known(&self) -> bool {
        let [major, minor, _] = self.version.0;
        let [newest_major, newest_minor, _] = newest().0;
        [major, minor] <= [newest_major, newest_minor]
    }
}

impl fmt::Display for Kamal {
    /// The release as the bundle names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.origin, self.version.0) {
            (Some(_), [major, minor, patch]) if self.version != Version::OLDEST => {
                write!(f, "{major}.{minor}.{patch}")
            }
            _ => self.version.fmt(f),
        }
    }
}

impl App<'_> {
    /// The Kamal that reads the configuration: the one that `config/seaworthy.yml` was told to
    /// write for, else the locked one, else the newest known. Nothing if it is older than what is
    /// known, or cannot be told.
    pub fn kamal(&self) -> Option<Kamal> {
        if let Some(origin) = self.chose_kamal_1() {
            return Some(Kamal {
                version: Version::OLDEST,
                origin: Some(origin),
                installed: None,
            });
        }
        let kamal = match self.gems().locked("kamal") {
            Answer::Is(locked) => Kamal {
                version: Version::parse(&locked)?,
                origin: Some(locked.origin),
                installed: None,
            },
            Answer::Absent(_) => Kamal {
                version: newest(),
                origin: None,
                installed: self.installed_kamal(),
            },
            Answer::Unknown(..) => return None,
        };
        (kamal.version >= Version::OLDEST).then_some(kamal)
    }

    /// The step of a workflow that installs the newest Kamal and deploys with it.
    fn installed_kamal(&self) -> Option<Origin> {
        let jobs = self.kamal_jobs();
        let mut deploys = jobs.iter().filter(|job| job.deploy().is_some());
        let installed = deploys.find_map(Job::installs_kamal)?;
        (installed.value == Installed::Newest)
            .then(|| installed.labelled("installs the newest one").origin)
    }

    fn chose_kamal_1(&self) -> Option<Origin> {
        let memory = self.tree().source("config/seaworthy.yml")?;
        let chosen = Setting::root([memory])?.get("kamal").known()?;
        let text = chosen.text().known()?;
        (text.value == "1").then(|| text.labelled("written for Kamal 1").origin)
    }
}

/// A kind of value that Kamal takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// A text, a number or a boolean.
    Text,
    /// A text that is no number and not `true`: Kamal takes one, and then fails to use it as text.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `false`.
    False,
    /// A list of texts.
    List,
    /// A mapping of texts.
    Map,
    /// A list of anything.
    Items,
    /// A list of hosts, each with or without tags.
    Hosts,
    /// A list of files or folders to mount.
    Files,
    /// A mapping of anything.
    Mapping,
    /// A mapping of keys that the table has.
    Section,
    /// A text that is no number, or a list with one.
    Secret,
}

impl Type {
    /// What it is, in words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text | Self::String => "a text",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::False => "false",
            Self::List => "a list of texts",
            Self::Map => "a mapping of texts",
            Self::Items | Self::Hosts => "a list of hosts",
            Self::Files => "a list of files",
            Self::Mapping | Self::Section => "a mapping",
            Self::Secret => "a text or a list with the name of one secret",
        }
    }

    /// Whether a value is of this kind, before one looks into it.
    fn takes(self, shape: Shape) -> bool {
        match self {
            Self::Text => is_text(shape),
            Self::String => matches!(shape, Shape::Text | Shape::Boolean(false)),
            Self::Integer => shape == Shape::Integer,
            Self::Boolean => matches!(shape, Shape::Boolean(_)),
            Self::False => shape == Shape::Boolean(false),
            Self::List | Self::Items | Self::Hosts | Self::Files => shape == Shape::List,
            Self::Map | Self::Mapping | Self::Section => shape == Shape::Mapping,
            Self::Secret => matches!(shape, Shape::Text | Shape::List),
        }
    }
}

/// Kamal takes numbers and booleans for strings as well.
fn is_text(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Text | Shape::Integer | Shape::Float | Shape::Boolean(_)
    )
}

/// One type, or several of which any will do.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Types {
    One(Type),
    AnyOf(Vec<Type>),
}

/// A key of Kamal's configuration, as it is in some of its releases.
#[derive(Debug, Deserialize)]
pub struct Key {
    /// Its dotted path, with `*` for a name that is the user's.
    pub path: String,
    #[serde(rename = "type")]
    types: Types,
    /// The release that it came with; none is the oldest known.
    pub since: Option<Version>,
    /// The first release that has it no longer, or otherwise.
    pub until: Option<Version>,
    /// The section that has its keys, where that is another one.
    like: Option<String>,
    /// What holds without it.
    pub default: Option<String>,
    /// What it is for, in one sentence.
    pub meaning: String,
    /// What gets it, where that is not what gets its section.
    used: Option<String>,
    /// What to do where it is gone.
    pub instead: Option<String>,
}

#[derive(Deserialize)]
struct Table {
    newest: Version,
    key: Vec<Key>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../knowledge/tables/kamal.toml"))
        .expect("the table of Kamal's keys is valid")
});

/// The keys of each section.
static SECTIONS: LazyLock<BTreeMap<&'static str, Vec<&'static Key>>> = LazyLock::new(|| {
    let mut sections: BTreeMap<&'static str, Vec<&'static Key>> = BTreeMap::new();
    for key in Key::all() {
        sections.entry(key.parent()).or_default().push(key);
    }
    sections
});

fn keys_in(section: &str) -> impl Iterator<Item = &'static Key> {
    SECTIONS.get(section).into_iter().flatten().copied()
}

/// The newest Kamal whose keys are known.
pub fn newest() -> Version {
    TABLE.newest
}

/// The section of the table that is the root.
const ROOT: &str = "";

impl Key {
    /// All keys, in the order of the table.
    pub fn all() -> &'static [Key] {
        &TABLE.key
    }

    /// What Kamal takes as its value.
    pub fn types(&self) -> &[Type] {
        match &self.types {
            Types::One(only) => std::slice::from_ref(only),
            Types::AnyOf(types) => types,
        }
    }

    /// What Kamal takes as its value, in words.
    pub fn wanted(&self) -> String {
        let words: Vec<&str> = self.types().iter().map(|kind| kind.describe()).collect();
        words.join(" or ")
    }

    /// Whether a release has it.
    pub fn is_in(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self.until.is_none_or(|until| version < until)
    }

    /// The rows of the table that a key's path, as a file would have it, leads to: in a release
    /// or in any.
    pub fn named(path: &str) -> Vec<&'static Key> {
        let mut section = ROOT;
        let mut found: Vec<&'static Key> = Vec::new();
        for name in path.split('.') {
            found = rows(section, name).collect();
            if found.is_empty() && name != "*" {
                found = rows(section, "*").collect();
            }
            let Some(key) = found.last() else {
                return Vec::new();
            };
            section = key.section();
        }
        found
    }

    /// The paths that `path` may be meant for, where no key has it: with a slip in one of its names, or with
    /// its last name in another section.
    pub fn near(path: &str) -> Vec<String> {
        let mut section = ROOT;
        let mut names: Vec<&str> = Vec::new();
        for name in path.split('.') {
            let known = || keys_in(section).map(Key::name).filter(|name| *name != "*");
            let is_free = rows(section, "*").next().is_some();
            let meant = match nearest(name, known()) {
                _ if known().any(|known| known == name) || is_free => name,
                Some(near) => near,
                None => break,
            };
            let rows = rows(section, meant)
                .next()
                .or_else(|| rows(section, "*").next());
            names.push(meant);
            section = rows.map_or(ROOT, Key::section);
        }
        let mended = names.join(".");
        if !Self::named(&mended).is_empty() && names.len() == path.split('.').count() {
            return vec![mended];
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        let mut elsewhere: Vec<String> = Key::all()
            .iter()
            .filter(|key| key.name() == last)
            .map(|key| key.path.clone())
            .collect();
        elsewhere.dedup();
        elsewhere.truncate(3);
        elsewhere
    }

    /// The command that gets it, or what Kamal itself takes it for: what the table says of it, else of the
    /// nearest section around it.
    pub fn used(&self) -> Option<&'static str> {
        let mut path = self.path.as_str();
        loop {
            let mut rows = Key::all().iter().filter(|key| key.path == path);
            if let Some(used) = rows.find_map(|key| key.used.as_deref()) {
                return Some(used);
            }
            (path, _) = path.rsplit_once('.')?;
        }
    }

    /// Its last name.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// The section that it stands in.
    pub fn parent(&self) -> &str {
        self.path
            .rsplit_once('.')
            .map_or(ROOT, |(parent, _)| parent)
    }

    fn section(&'static self) -> &'static str {
        self.like.as_deref().unwrap_or(&self.path)
    }
}

/// Whether a file has any key of Kamal's, or nothing at all.
pub(super) fn are_in(source: &Source) -> bool {
    Setting::root([source]).is_none_or(|root| {
        let members = root.members();
        members.is_empty()
            || members
                .iter()
                .any(|member| rows(ROOT, &member.name).next().is_some())
    })
}

/// The rows of one key of a section.
fn rows(section: &str, name: &str) -> impl Iterator<Item = &'static Key> {
    keys_in(section).filter(move |key| key.name() == name)
}

/// The keys that a section has in a release; names that are the user's are left out.
fn keys_of(section: &str, version: Version) -> impl Iterator<Item = &'static Key> {
    keys_in(section).filter(move |key| key.name() != "*" && key.is_in(version))
}

/// A key that a configuration gives, and what the table knows of it.
#[derive(Debug)]
pub struct Given<'a> {
    /// The key.
    pub name: Fact<String>,
    /// What it is set to.
    pub value: Setting<'a>,
    /// What it is in the Kamal that reads it.
    pub known: Known,
    /// The keys that its section has.
    section: &'static str,
    version: Version,
}

/// What a key is in the Kamal that reads it.
#[derive(Clone, Copy, Debug)]
pub enum Known {
    /// A key.
    Key(&'static Key),
    /// A key of other releases, of which this is the nearest.
    Elsewhen(&'static Key),
    /// A variable that stands beside `clear`, `secret` or `tags`.
    BesideSections,
    /// `tags` in an `env` that is not the root's.
    TagsBelow,
    /// No key in any release.
    Nothing,
}

impl Given<'_> {
    /// Its dotted path, to be shown.
    pub fn path(&self) -> String {
        self.value.key()
    }

    /// The section that it stands in, to be shown; empty for the root.
    pub fn section(&self) -> String {
        let path = self.path();
        path.strip_suffix(&self.name.value)
            .map_or_else(String::new, |section| {
                section.trim_end_matches('.').to_owned()
            })
    }

    /// The keys that Kamal takes in its place.
    pub fn siblings(&self) -> impl Iterator<Item = &'static str> {
        keys_of(self.section, self.version).map(Key::name)
    }

    /// The one section that has such a key.
    pub fn belongs_in(&self) -> Option<&'static str> {
        let mut rows = Key::all()
            .iter()
            .filter(|key| key.is_in(self.version) && key.name() == self.name.value);
        match (rows.next(), rows.next()) {
            (Some(only), None) if only.parent() != self.section => Some(only.parent()),
            _ => None,
        }
    }

    /// What of its value Kamal does not take.
    pub fn mismatch(&self) -> Option<Mismatch<'_>> {
        match self.known {
            Known::Key(key) => Mismatch::of(key, &self.value),
            _ => None,
        }
    }
}

/// A value that Kamal does not take.
pub struct Mismatch<'a> {
    /// The value: the key's, or one of its items.
    pub value: Setting<'a>,
    /// Its dotted path, to be shown.
    pub path: String,
    /// What Kamal takes, in words.
    pub wanted: String,
}

impl<'a> Mismatch<'a> {
    fn of(key: &Key, value: &Setting<'a>) -> Option<Self> {
        let shape = value.shape();
        if shape == Shape::Dynamic {
            return None;
        }
        match key.types().iter().find(|kind| kind.takes(shape)) {
            Some(kind) => Self::within(*kind, value),
            None => Some(Self::at(value, key.wanted())),
        }
    }

    fn at(value: &Setting<'a>, wanted: impl Into<String>) -> Self {
        Self {
            value: value.clone(),
            path: value.key(),
            wanted: wanted.into(),
        }
    }

    /// The first item of a value that Kamal does not take.
    fn within(kind: Type, value: &Setting<'a>) -> Option<Self> {
        let mut items = value.items().into_iter();
        match kind {
            Type::List => items.find_map(|item| Self::unless_text(&item)),
            Type::Map => Self::unless_texts(value),
            Type::Hosts => items.find_map(|item| Self::unless_host(&item)),
            Type::Files => items.find_map(|item| Self::unless_file(&item)),
            Type::Secret if value.is_sequence() => {
                let items: Vec<Setting<'a>> = items.collect();
                let is_one = match items.as_slice() {
                    [only] => matches!(only.shape(), Shape::Text | Shape::Dynamic),
                    _ => !value.is_settled() || items.is_empty(),
                };
                (!is_one).then(|| Self::at(value, kind.describe()))
            }
            _ => None,
        }
    }

    fn unless_text(item: &Setting<'a>) -> Option<Self> {
        let shape = item.shape();
        (shape != Shape::Dynamic && !is_text(shape)).then(|| Self::at(item, Type::Text.describe()))
    }

    fn unless_texts(value: &Setting<'a>) -> Option<Self> {
        let members = value.members().into_iter();
        members
            .map(|member| member.value)
            .find_map(|value| Self::unless_text(&value))
    }

    /// A host, or one host with its tags.
    fn unless_host(item: &Setting<'a>) -> Option<Self> {
        let wanted = "a host, or one host with its tags";
        match item.shape() {
            Shape::Mapping => {
                let tags = item.members();
                match tags.as_slice() {
                    [tags] if tags.value.is_sequence() => Self::within(Type::List, &tags.value),
                    [tags] => {
                        let shape = tags.value.shape();
                        (shape != Shape::Dynamic && !is_text(shape))
                            .then(|| Self::at(&tags.value, "a tag or a list of tags"))
                    }
                    _ => item.is_settled().then(|| Self::at(item, wanted)),
                }
            }
            shape => (shape != Shape::Dynamic && !is_text(shape)).then(|| Self::at(item, wanted)),
        }
    }

    fn unless_file(item: &Setting<'a>) -> Option<Self> {
        let parts = ["local", "remote", "mode", "owner", "options"];
        match item.shape() {
            Shape::Mapping => {
                let members = item.members().into_iter();
                members
                    .filter(|member| parts.contains(&member.name.as_str()))
                    .find_map(|member| Self::unless_text(&member.value))
            }
            shape => (shape != Shape::Dynamic && !is_text(shape))
                .then(|| Self::at(item, "a text or a mapping")),
        }
    }
}

impl<'a> Destination<'a> {
    /// The Kamal that reads it, see [`App::kamal`]. Nothing where neither a bundle nor a workflow says
    /// which one it is and the file is written for Kamal 1: it has `traefik`, and no `proxy`.
    pub fn kamal(&self) -> Option<Kamal> {
        let kamal = self.app().kamal()?;
        let root = self.root();
        let may_be_kamal_1 = !root.get("traefik").is_absent() && root.get("proxy").is_absent();
        let is_said = kamal.origin.is_some() || kamal.installed.is_some();
        (is_said || !may_be_kamal_1).then_some(kamal)
    }

    /// Whether Kamal surely reads it as it is: not so for a file that destinations complete, as
    /// nobody need ever deploy it alone. A sample of a destination tells that there are some,
    /// which git does not have.
    pub fn is_deployed(&self) -> bool {
        let listed = self.app().tree().folder("config").unwrap_or_default();
        let has_samples = listed
            .iter()
            .any(|listed| listed.name.starts_with("deploy.") && listed.name.contains(".yml."));
        self.name().is_some() || (!has_samples && self.app().destinations().len() == 1)
    }

    /// Every key that it gives, of each section that the [`App::kamal`] that reads it validates;
    /// extensions are left out, and what is conditional.
    pub fn given(&self) -> &[Given<'a>] {
        self.known.given.get_or_init(|| {
            let mut given = Vec::new();
            if let Some(kamal) = self.app().kamal() {
                collect(self.root(), ROOT, kamal.version, &mut given);
            }
            given
        })
    }

    /// The registries that it signs in to: the app's and those of accessories, but for one that Kamal
    /// runs itself.
    pub fn registries(&self) -> Vec<Setting<'a>> {
        let version = self.kamal().map(|kamal| kamal.version);
        let is_local = |registry: &Setting<'_>| {
            version.is_some_and(|version| is_local_registry(registry, version))
        };
        let accessories = self.accessories();
        let of_accessories = accessories
            .iter()
            .map(|accessory| accessory.get("registry"));
        std::iter::once(self.root().get("registry"))
            .chain(of_accessories)
            .filter_map(Answer::known)
            .map(|registry| registry.value)
            .filter(|registry| !is_local(registry))
            .collect()
    }

    /// What is said of each container: roles and accessories.
    pub fn containers(&self) -> Vec<Setting<'a>> {
        let roles = self.roles().into_iter();
        let accessories = self.accessories().into_iter();
        roles
            .map(|role| role.setting().clone())
            .chain(accessories.map(|accessory| accessory.setting().clone()))
            .filter(Setting::is_mapping)
            .collect()
    }

    /// Hooks of Kamal 1 in the folder of hooks, as far as it was read.
    pub fn traefik_hooks(&self) -> Vec<Path> {
        let folder = match self.root().get("hooks_path").and_then(|path| path.text()) {
            Answer::Is(path) => Path::new(&path),
            Answer::Absent(_) => Some(Path::from(".kamal/hooks")),
            Answer::Unknown(..) => None,
        };
        let Some(folder) = folder else {
            return Vec::new();
        };
        let tree = self.app().tree();
        let listed = tree.folder(&folder).unwrap_or_default();
        ["pre-traefik-reboot", "post-traefik-reboot"]
            .into_iter()
            .filter(|hook| listed.iter().any(|listed| listed.name == *hook))
            .filter_map(|hook| folder.join(hook))
            .collect()
    }

    /// Every `proxy` section: the root's, those of roles and those of accessories.
    pub fn proxy_sections(&self) -> Vec<Setting<'a>> {
        let root = self.root();
        let below = |key: &str| {
            let parents = root.get(key).known().map(|parents| parents.value);
            parents
                .into_iter()
                .filter(Setting::is_mapping)
                .flat_map(|parents| parents.members())
                .filter(|parent| parent.value.is_mapping())
                .filter_map(|parent| parent.value.get("proxy").known())
                .collect::<Vec<_>>()
        };
        root.get("proxy")
            .known()
            .into_iter()
            .chain(below("servers"))
            .chain(below("accessories"))
            .map(|proxy| proxy.value)
            .filter(Setting::is_mapping)
            .collect()
    }
}

/// Adds the keys of a mapping, and of the sections in it. The table is no deeper than a few
/// sections, so that aliases cannot lead anywhere for ever.
fn collect<'a>(
    setting: &Setting<'a>,
    section: &'static str,
    version: Version,
    given: &mut Vec<Given<'a>>,
) {
    let members = setting.members();
    // What ERB adds could be `clear` or `secret`, so that all other names would be wrong.
    let free = rows(section, "*").find(|key| key.is_in(version));
    let is_sectioned = free.is_some()
        && members
            .iter()
            .any(|member| rows(section, &member.name).next().is_some());
    if section == "env" && !is_sectioned && !setting.is_settled() {
        return;
    }
    // Kamal does not look at what a registry of its own needs not.
    let needs_credentials = section != "registry" || !is_local_registry(setting, version);
    for member in members {
        if section == ROOT && member.name.starts_with("x-") {
            continue;
        }
        if !needs_credentials && ["username", "password"].contains(&member.name.as_str()) {
            continue;
        }
        let known = match rows(section, &member.name).find(|key| key.is_in(version)) {
            Some(tags) if tags.path == "env.tags" && member.value.key() != "env.tags" => {
                Known::TagsBelow
            }
            Some(key) => Known::Key(key),
            None => match (free, nearest_row(section, &member.name, version)) {
                (Some(_), _) if is_sectioned => Known::BesideSections,
                (Some(free), _) => Known::Key(free),
                (None, Some(other)) => Known::Elsewhen(other),
                (None, None) => Known::Nothing,
            },
        };
        let inner = match known {
            Known::Key(key) if key.types().contains(&Type::Section) => Some(key.section()),
            _ => None,
        };
        if let Some(inner) = inner.filter(|_| member.value.is_mapping()) {
            collect(&member.value, inner, version, given);
        }
        given.push(Given {
            name: member.name,
            value: member.value,
            known,
            section,
            version,
        });
    }
}

/// Whether a `registry` is one that Kamal runs itself: `localhost:PORT`
/// (kamal 2.8 `lib/kamal/configuration/registry.rb`).
pub fn is_local_registry(registry: &Setting<'_>, version: Version) -> bool {
    let server = registry.get("server").and_then(|server| server.text());
    version.has(2, 8)
        && server
            .known()
            .is_some_and(|server| server.starts_with("localhost:"))
}

/// The row of a key that another release has: the next one that has it, else the last.
fn nearest_row(section: &str, name: &str, version: Version) -> Option<&'static Key> {
    let later = rows(section, name).find(|key| key.since.is_some_and(|since| since > version));
    later.or_else(|| rows(section, name).last())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_key_follow_one_another() {
        for key in Key::all() {
            let rows: Vec<&Key> = Key::all()
                .iter()
                .filter(|row| row.path == key.path)
                .collect();
            for pair in rows.windows(2) {
                assert_eq!(pair[0].until, pair[1].since, "{}", key.path);
            }
            if !key.parent().is_empty() {
                let parent = Key::named(key.parent());
                assert!(!parent.is_empty(), "{} stands in nothing", key.path);
                assert!(
                    parent
                        .iter()
                        .any(|parent| parent.types().contains(&Type::Section)),
                    "{} stands in no section",
                    key.path
                );
            }
            assert!(key.meaning.ends_with('.'), "{}", key.path);
            let used = key.used();
            assert!(used.is_some_and(|used| used.ends_with('.')), "{}", key.path);
            assert!(
                key.instead
                    .as_ref()
                    .is_none_or(|instead| !instead.ends_with('.')),
                "{}",
                key.path
            );
        }
    }

    #[test]
    fn paths_lead_through_names_and_likenesses() {
        let path = |path: &str| Key::named(path).last().map(|key| key.path.as_str());
        assert_eq!(path("servers.web.proxy.app_port"), Some("proxy.app_port"));
        assert_eq!(path("accessories.db.env.clear"), Some("env.clear"));
        assert_eq!(path("env.RAILS_ENV"), Some("env.*"));
        assert_eq!(path("proxy.nothing"), None);
    }

    #[test]
    fn versions_are_compared_by_number() {
        let version = |text| Version::parse(text).expect("a version");
        assert!(version("2.12.0") > version("2.9.0"));
        assert_eq!(version("2.12"), version("2.12.0"));
        assert_eq!(Version::parse("2.0.0.rc1"), None);
        assert_eq!(version("2.8.2").to_string(), "2.8.2");
    }
}
