//! Compose: what runs beside the app while one works on it, and now and then in production.
//!
//! Upstream: compose-go 2.14 `cli/options.go` (which files are read), `override/merge.go` (how they lie
//! on one another), `format/volume.go`, `transform` and `loader/validate.go`.

use crate::fact::{Answer, Fact, Place, Why};
use crate::facts::App;
use crate::facts::accessory::Published;
use crate::facts::mounts::Mount;
use crate::facts::setting::{Setting, Shape};
use crate::facts::stores::{self, Store};
use crate::tree::{Path, Source};

/// The names that Compose looks for; it reads the first that is there.
pub const NAMES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
];

/// The names that lie on those without being asked for.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Where Compose files are looked for.
pub(super) const FOLDERS: [&str; 2] = ["", ".devcontainer"];

/// Images without a `HEALTHCHECK`, by their names without a tag: those of docker-library, of Redis,
/// Valkey and `MariaDB`, and those that are built on PostgreSQL's.
const WITHOUT_HEALTHCHECK: [&str; 8] = [
    "mariadb",
    "mysql",
    "pgvector/pgvector",
    "postgis/postgis",
    "postgres",
    "redis",
    "ruby",
    "valkey/valkey",
];

/// Whether a file is one of Compose's: `compose.yaml`, `docker-compose.prod.yml`.
pub(super) fn is_compose(name: &str) -> bool {
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"));
    let rest = stem.and_then(|stem| {
        let stem = stem.strip_prefix("docker-").unwrap_or(stem);
        stem.strip_prefix("compose")
    });
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
}

/// Whether what a file says can be told: it is whole, and takes nothing away from one below it.
fn is_read(source: &Source) -> bool {
    let takes_away = |tag: &&str| source.text().contains(tag);
    source.yaml().errors.is_empty() && !["!reset", "!override"].iter().any(takes_away)
}

/// What Compose runs together: a file, and the override that lies on it.
#[derive(Clone, Debug)]
pub struct Project<'a> {
    app: &'a App<'a>,
    path: &'a Path,
    /// The files, lowest first.
    files: Vec<Setting<'a>>,
    /// Files that are perhaps read with them: none beside those that Compose finds by itself.
    others: Vec<Setting<'a>>,
}

impl<'a> App<'a> {
    /// Whether development may run what a Dockerfile builds, by Compose.
    pub fn is_built_by_compose(&'a self, dockerfile: &str) -> bool {
        let development = self.compose().into_iter();
        let mut services = development
            .filter(|project| !project.is_production())
            .flat_map(|project| project.services());
        services.any(|service| match service.dockerfile() {
            Answer::Is(built) => *built == dockerfile,
            Answer::Absent(_) => false,
            Answer::Unknown(..) => true,
        })
    }

    /// What Compose runs, by its files: those that it finds by itself first.
    pub fn compose(&'a self) -> Vec<Project<'a>> {
        let sources: Vec<&Source> = self
            .tree()
            .sources()
            .filter(|source| {
                let path = source.path();
                FOLDERS.contains(&path.parent().as_str()) && is_compose(path.name())
            })
            .collect();
        let named = |folder: &str, names: &[&str]| {
            names.iter().find_map(|name| {
                sources.iter().copied().find(|source| {
                    source.path().parent().as_str() == folder && source.path().name() == *name
                })
            })
        };
        let mut groups: Vec<Vec<&Source>> = Vec::new();
        if let Some(base) = named("", &NAMES) {
            groups.push([base].into_iter().chain(named("", &OVERRIDES)).collect());
        }
        let is_grouped = |source: &Source| {
            let mut grouped = groups.iter().flatten();
            grouped.any(|grouped| grouped.path() == source.path())
        };
        let alone: Vec<&Source> = sources
            .iter()
            .copied()
            .filter(|source| !is_grouped(source))
            .collect();
        let found_alone = groups.len();
        groups.extend(alone.into_iter().map(|source| vec![source]));
        let roots = |group: &[&'a Source]| -> Vec<Setting<'a>> {
            let roots = group.iter().filter_map(|source| Setting::root([*source]));
            roots.collect()
        };
        let readable = groups
            .iter()
            .enumerate()
            .filter(|(_, group)| group.iter().copied().all(is_read));
        let projects = readable.map(|(index, group)| Project {
            app: self,
            path: group[0].path(),
            files: roots(group),
            others: if index < found_alone {
                Vec::new()
            } else {
                let others = groups
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != index);
                others.flat_map(|(_, group)| roots(group)).collect()
            },
        });
        projects
            .filter(|project| !project.files.is_empty())
            .collect()
    }
}

impl<'a> Project<'a> {
    /// The app that it is part of.
    pub fn app(&self) -> &'a App<'a> {
        self.app
    }

    /// The file; the lower one where an override lies on it.
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Whether it looks like production's: its name says so, or there is no other way to deploy and
    /// Rails is told that it is in production.
    pub fn is_production(&self) -> bool {
        let says_so = |service: &Service<'_>| {
            let environment = service.variable("RAILS_ENV").known();
            environment.is_some_and(|name| name.value == "production")
        };
        self.path.name().contains("prod")
            || self.app.destinations().is_empty() && self.services().iter().any(says_so)
    }

    /// The services, in the order of the file.
    pub fn services(&self) -> Vec<Service<'a>> {
        let mut services: Vec<Service<'a>> = Vec::new();
        for file in &self.files {
            let listed = file.get("services").known();
            for member in listed.iter().flat_map(|services| services.members()) {
                let mut known = services.iter_mut();
                match known.find(|service| service.name.value == member.name.value) {
                    Some(service) => service.files.push(member.value),
                    None => services.push(Service {
                        project: self.clone(),
                        name: member.name.labelled("the service"),
                        files: vec![member.value],
                    }),
                }
            }
        }
        services
    }

    /// The service of that name.
    pub fn service(&self, name: &str) -> Option<Service<'a>> {
        let mut services = self.services().into_iter();
        services.find(|service| service.name.value == name)
    }

    /// The names below a key of the files and of those that are perhaps read with them; nothing where
    /// they cannot be told.
    pub fn names(&self, key: &str) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for file in self.files.iter().chain(&self.others) {
            if !file.get("include").is_absent() {
                return None;
            }
            match file.get(key) {
                Answer::Is(section) if section.is_settled() => {
                    let answers = section.answers().into_iter();
                    names.extend(answers.map(|(name, _)| name.value));
                }
                Answer::Absent(_) => {}
                Answer::Is(_) | Answer::Unknown(..) => return None,
            }
        }
        Some(names)
    }
}

/// A container that Compose runs.
#[derive(Clone, Debug)]
pub struct Service<'a> {
    project: Project<'a>,
    name: Fact<String>,
    /// What each file says of it, lowest first.
    files: Vec<Setting<'a>>,
}

/// Another service that has to be there first.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name.
    pub name: Fact<String>,
    /// What it has to be: `service_healthy`.
    pub condition: Option<Fact<String>>,
}

impl<'a> Service<'a> {
    /// What it is part of.
    pub fn project(&self) -> &Project<'a> {
        &self.project
    }

    /// Its name.
    pub fn name(&self) -> &Fact<String> {
        &self.name
    }

    /// Whether all that is said of it is known: it extends no other service, and no other file may lie
    /// below it.
    fn is_whole(&self) -> bool {
        let extends = |file: &Setting<'_>| !file.is_settled() || !file.get("extends").is_absent();
        let is_named = |other: &Setting<'_>| !other.dig(&["services", &self.name]).is_absent();
        !self.files.iter().any(extends) && !self.project.others.iter().any(is_named)
    }

    /// What the uppermost file that has a key sets it to.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        let lowest = &self.files[0];
        let mut answers = self.files.iter().rev().map(|file| file.get(key));
        let said = answers.find(|answer| !answer.is_absent());
        said.unwrap_or_else(|| self.nothing(lowest.slot(key)))
    }

    /// Whether a file has something at a key.
    pub fn says(&self, key: &str) -> bool {
        !self.all(key).iter().all(Answer::is_absent)
    }

    /// What is said of a key that no file has.
    fn nothing<T>(&self, slot: Place) -> Answer<T> {
        if self.is_whole() {
            Answer::Absent(slot)
        } else {
            Answer::Unknown(slot, Why::NotRead("another file may say it".to_owned()))
        }
    }

    /// A text that a key is set to.
    pub fn text(&self, key: &str) -> Answer<String> {
        self.get(key).and_then(|setting| plain(setting.text()))
    }

    /// What all files say of a key, lowest first: lists of Compose's grow from file to file.
    fn all(&self, key: &str) -> Vec<Answer<Setting<'a>>> {
        self.files.iter().map(|file| file.get(key)).collect()
    }

    /// The items of all lists of a key, as they are written.
    pub fn written(&self, key: &str) -> Vec<Fact<String>> {
        let lists = self.all(key).into_iter().filter_map(Answer::known);
        lists.flat_map(|list| list.texts()).collect()
    }

    /// `image`, with its tag.
    pub fn image(&self) -> Answer<String> {
        self.text("image")
    }

    /// The Dockerfile that it is built from, below the project's folder.
    pub fn dockerfile(&self) -> Answer<String> {
        self.get("build").and_then(|build| {
            let (context, dockerfile) = if build.is_mapping() {
                let text = |key: &str| plain(build.get(key).and_then(|key| key.text()));
                (text("context"), text("dockerfile"))
            } else {
                (plain(build.text()), Answer::Absent(build.place()))
            };
            let context = match context {
                Answer::Is(context) => context.value,
                Answer::Absent(_) => ".".to_owned(),
                Answer::Unknown(place, why) => return Answer::Unknown(place, why),
            };
            let named =
                dockerfile.or_else(|| Answer::Is(build.clone().map(|_| "Dockerfile".to_owned())));
            named.and_then(|file| {
                let place = file.origin.place.clone();
                let folder = self.project.path.parent();
                let path = folder.join(&format!("{context}/{}", file.value));
                match path {
                    Some(path) => Answer::Is(file.map(|_| path.to_string())),
                    None => {
                        let why = Why::NotRead("it is not in the app".to_owned());
                        Answer::Unknown(place, why)
                    }
                }
            })
        })
    }

    /// The stage of the Dockerfile that it is built from.
    pub fn target(&self) -> Answer<String> {
        self.get("build").and_then(|build| {
            if build.is_mapping() {
                plain(build.get("target").and_then(|target| target.text()))
            } else {
                Answer::Absent(build.place())
            }
        })
    }

    /// What Docker asks in it, as the files say.
    pub fn healthcheck(&self) -> Answer<String> {
        self.get("healthcheck").and_then(|check| {
            let test = if check.is_mapping() {
                check.get("test")
            } else {
                Answer::Absent(check.place())
            };
            test.and_then(|test| {
                if !test.is_sequence() {
                    return test.text();
                }
                let words: Vec<String> = test.texts().into_iter().map(|word| word.value).collect();
                Answer::Is(test.map(|_| words.join(" ")))
            })
        })
    }

    /// Its variables that stand in the files, with what each is set to.
    pub fn variables(&self) -> Vec<(Fact<String>, Answer<String>)> {
        let mut variables: Vec<(Fact<String>, Answer<String>)> = Vec::new();
        for section in self
            .all("environment")
            .into_iter()
            .filter_map(Answer::known)
        {
            for (name, value) in variables_of(&section) {
                variables.retain(|(known, _)| known.value != name.value);
                variables.push((name, value));
            }
        }
        variables
    }

    /// What a variable is set to.
    pub fn variable(&self, name: &str) -> Answer<String> {
        let mut variables = self.variables().into_iter();
        if let Some((_, value)) = variables.find(|(known, _)| known.value == name) {
            return value;
        }
        let slot = self.files[0].slot(&format!("environment.{name}"));
        let is_told = |answer: &Answer<Setting<'_>>| match answer {
            Answer::Is(section) => section.is_settled(),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        let is_settled = self.all("environment").iter().all(is_told)
            && self.all("env_file").iter().all(Answer::is_absent);
        if is_settled {
            self.nothing(slot)
        } else {
            Answer::Unknown(
                slot,
                Why::NotRead("a file of variables may say it".to_owned()),
            )
        }
    }

    /// All that is mounted into it; nothing if that cannot be told.
    pub fn mounts(&self) -> Option<Vec<Fact<Mount>>> {
        if !self.is_whole() || !self.get("tmpfs").is_absent() {
            return None;
        }
        let mut mounts = Vec::new();
        for list in self.all("volumes") {
            let list = match list {
                Answer::Is(list) if list.is_settled() => list,
                Answer::Absent(_) => continue,
                Answer::Is(_) | Answer::Unknown(..) => return None,
            };
            for item in list.items() {
                match mount(&item) {
                    Answer::Is(mount) => mounts.push(mount),
                    Answer::Absent(_) => {}
                    Answer::Unknown(..) => return None,
                }
            }
        }
        Some(mounts)
    }

    /// The names of volumes that it asks for.
    pub fn named_volumes(&self) -> Vec<Fact<Mount>> {
        let lists = self.all("volumes").into_iter().filter_map(Answer::known);
        let items = lists.flat_map(|list| list.items());
        let mounts = items.filter_map(|item| mount(&item).known());
        mounts.filter(|mount| is_name(&mount.source)).collect()
    }

    /// The ports that the host hands on to it; one that the host chooses is not among them.
    pub fn ports(&self) -> Vec<Fact<Published>> {
        let lists = self.all("ports").into_iter().filter_map(Answer::known);
        let items = lists.flat_map(|list| list.items());
        items.filter_map(|item| port(&item)).collect()
    }

    /// The services that have to be there first.
    pub fn dependencies(&self) -> Vec<Dependency> {
        let sections = self.all("depends_on").into_iter().filter_map(Answer::known);
        let dependencies = sections.flat_map(|section| {
            if !section.is_mapping() {
                let texts = section.texts().into_iter();
                let bare = texts.map(|name| Dependency {
                    name,
                    condition: None,
                });
                return bare.collect::<Vec<_>>();
            }
            let members = section.members().into_iter();
            let described = members.map(|member| {
                // What may be missing is not waited for at any price.
                let is_required = member.value.get("required").is_absent();
                let condition = member.value.get("condition").and_then(|text| text.text());
                Dependency {
                    name: member.name,
                    condition: condition.known().filter(|_| is_required),
                }
            });
            described.collect()
        });
        let links = self.written("links").into_iter().map(|link| Dependency {
            name: link.map(|link| link.split(':').next().unwrap_or_default().to_owned()),
            condition: None,
        });
        let told = |dependency: Dependency| Dependency {
            name: dependency.name.labelled("has to be there first"),
            ..dependency
        };
        dependencies.chain(links).map(told).collect()
    }

    /// Whether Docker surely asks nothing in it: neither the files nor the image say what to ask.
    pub fn has_no_healthcheck(&self) -> bool {
        let asks_nothing = |answer: &Answer<Setting<'_>>| match answer {
            Answer::Is(check) => check.is_settled() && check.get("test").is_absent(),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        self.is_whole()
            && self.all("healthcheck").iter().all(asks_nothing)
            && self.image_asks_nothing()
    }

    fn image_asks_nothing(&self) -> bool {
        let is_known = |image: &str| {
            let (name, _) = stores::name_and_tag(image);
            WITHOUT_HEALTHCHECK.contains(&name)
        };
        let dockerfile = match self.dockerfile() {
            Answer::Absent(_) => {
                let image = self.image().known();
                return image.is_some_and(|image| is_known(&image));
            }
            answer => answer.known(),
        };
        let image = dockerfile.and_then(|path| self.project.app.image(&path));
        let stage = image.and_then(|image| match self.target() {
            Answer::Is(target) => image.final_stage(Some(&target)),
            Answer::Absent(_) => image.final_stage(None),
            Answer::Unknown(..) => None,
        });
        stage.is_some_and(|stage| {
            let base = stage
                .lineage()
                .last()
                .and_then(|first| first.base().known());
            stage.healthcheck().is_absent() && base.is_some_and(|base| is_known(&base))
        })
    }

    /// The database server that it is; nothing if its image is not known here.
    pub fn store(&self) -> Option<Fact<Store>> {
        let command = self
            .get("command")
            .map(|command| command.written().to_owned());
        Store::of(self.image().known()?, &command, self.variable("PGDATA"))
    }
}

/// A text that Compose puts no variable into.
fn plain(answer: Answer<String>) -> Answer<String> {
    answer.and_then(|text| {
        if text.contains('$') {
            let why = Why::NotRead("Compose puts a variable there".to_owned());
            return Answer::Unknown(text.origin.place, why);
        }
        Answer::Is(text)
    })
}

/// The variables of a list or a mapping.
fn variables_of(section: &Setting<'_>) -> Vec<(Fact<String>, Answer<String>)> {
    let from_shell = |place: Place| {
        let why = Why::NotRead("the shell's variable of that name".to_owned());
        Answer::Unknown(place, why)
    };
    if section.is_mapping() {
        let members = section.members().into_iter();
        let variables = members.map(|member| {
            let is_nothing = member.value.shape() == Shape::Nothing;
            let value = if is_nothing {
                from_shell(member.value.place())
            } else {
                plain(member.value.text())
            };
            (member.name, value)
        });
        return variables.collect();
    }
    let texts = section.texts().into_iter();
    let variables = texts.map(|text| match text.value.split_once('=') {
        Some((name, value)) => {
            let value = text.clone().map(|_| value.to_owned());
            (
                text.clone().map(|_| name.to_owned()),
                plain(Answer::Is(value)),
            )
        }
        None => {
            let place = text.origin.place.clone();
            (text, from_shell(place))
        }
    });
    variables.collect()
}

/// What an item of `volumes` mounts; absent where nothing from outside.
fn mount(item: &Setting<'_>) -> Answer<Mount> {
    spec(item).and_then(|text| match Mount::of(&bare(&text)) {
        Some(mount) if mount.target.contains('$') => {
            Answer::Unknown(text.origin.place, Why::Dynamic)
        }
        Some(mount) => Answer::Is(text.map(|_| mount).labelled("mounted here")),
        None => Answer::Absent(text.origin.place),
    })
}

/// An item of `volumes` in the short form: `source:target`.
fn spec(item: &Setting<'_>) -> Answer<String> {
    if !item.is_mapping() {
        return item.text();
    }
    let text = |key: &str| item.get(key).and_then(|value| value.text());
    text("type").and_then(|kind| {
        if kind.value == "tmpfs" {
            return Answer::Unknown(kind.origin.place, Why::NotRead("a tmpfs".to_owned()));
        }
        text("target").and_then(|target| match text("source") {
            // A folder needs no dot where it is said to be one.
            Answer::Is(source) if kind.value == "bind" && is_name(&source) => {
                Answer::Is(target.map(|target| format!("./{}:{target}", source.value)))
            }
            Answer::Is(source) => {
                Answer::Is(target.map(|target| format!("{}:{target}", source.value)))
            }
            Answer::Absent(_) => Answer::Is(target),
            Answer::Unknown(place, why) => Answer::Unknown(place, why),
        })
    })
}

/// A text in which every `${…}` is a `$`, so that its colons separate nothing.
fn bare(text: &str) -> String {
    let mut depth = 0;
    let mut bare = String::new();
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '{' if before == '$' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
        before = c;
    }
    bare
}

/// Whether Compose takes the source of a mount for the name of a volume (compose-go 2.14
/// `format/volume.go`, `isFilePath`).
fn is_name(source: &str) -> bool {
    let is_drive = source.as_bytes().get(1) == Some(&b':');
    !source.starts_with(['.', '/', '~', '\\']) && !source.contains('$') && !is_drive
}

/// `5433:5432`, `127.0.0.1:5433:5432/tcp`, or a mapping that says the same.
fn port(item: &Setting<'_>) -> Option<Fact<Published>> {
    let text = if item.is_mapping() {
        let text = |key: &str| item.get(key).and_then(|value| value.text());
        let address = match text("host_ip") {
            Answer::Is(address) => format!("{}:", address.value),
            Answer::Absent(_) => String::new(),
            Answer::Unknown(..) => return None,
        };
        let target = text("target").known()?;
        let published = text("published").known()?;
        published.map(|published| format!("{address}{published}:{}", target.value))
    } else {
        item.text().known()?
    };
    if text.contains('$') || !text.contains(':') {
        return None;
    }
    let port = text.split('/').next().unwrap_or_default().to_owned();
    let port = Published::of(&port);
    Some(text.map(|_| port).labelled("the host hands this on"))
}

#[cfg(test)]
mod tests {
    use super::{bare, is_compose, is_name};

    #[test]
    fn files_of_compose_are_known_by_their_names() {
        for name in [
            "compose.yaml",
            "docker-compose.yml",
            "docker-compose.prod.yml",
            "compose.dev.yaml",
            "docker-compose-etherpad.yml",
        ] {
            assert!(is_compose(name), "{name}");
        }
        for name in [
            "composer.yml",
            "compose.json",
            "docker.yml",
            "my-compose.yml",
        ] {
            assert!(!is_compose(name), "{name}");
        }
    }

    #[test]
    fn a_source_is_a_path_or_the_name_of_a_volume() {
        for name in ["data", "tmp/db", "app_data-1"] {
            assert!(is_name(name), "{name}");
        }
        for path in ["./data", "../x", "/srv", "~/x", "C:\\x", "${HOME}/x"] {
            assert!(!is_name(path), "{path}");
        }
        assert_eq!(bare("${A:-${B:-x}}/c:/d:ro"), "$/c:/d:ro");
    }
}
