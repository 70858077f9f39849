//! Names of secrets, and how each is looked up. Never a value.

use syntax::dotenv::{self, Value};
use syntax::{Span, shell};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::kamal::{Destination, container_name, source_name};
use crate::facts::servers;
use crate::facts::setting::Setting;
use crate::tree::{Path, Source, Tree};

/// The files that Kamal 2 looks secrets up in, for one destination.
#[derive(Clone, Debug)]
pub struct Secrets<'a> {
    tree: &'a Tree,
    /// Later ones win.
    sources: Vec<&'a Source>,
    /// Where a name that is missing would be added.
    path: Path,
    /// All that are looked for, there or not.
    paths: Vec<Path>,
}

/// A secret that Kamal looks up for something.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The name that the secrets files have it by.
    pub name: Fact<String>,
    /// The key that asks for it: `env.secret`, `registry.password`.
    pub key: String,
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

/// A value that a shell would read in another way than dotenv does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// The secret.
    pub name: String,
    /// What is read otherwise.
    pub how: Misreading,
}

/// What dotenv reads otherwise than a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misreading {
    /// `${NAME:-default}`: the name is put in, and the rest stays.
    Operator,
    /// `'$NAME'`: it stays as it is.
    SingleQuotes,
    /// `` `command` ``: it is not run.
    Backticks,
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
        let paths: Vec<Path> = names.iter().filter_map(|name| Path::new(name)).collect();
        let path = paths.last().cloned();
        Self {
            tree: app.tree(),
            sources,
            path: path.unwrap_or_else(|| ".kamal/secrets".into()),
            paths,
        }
    }

    /// Where a name that is missing would be added: the destination's own file.
    pub fn own_path(&self) -> &Path {
        &self.path
    }

    /// All files that are looked for, there or not.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// The files that are there.
    pub fn sources(&self) -> &[&'a Source] {
        &self.sources
    }

    /// How a secret gets its value.
    pub fn lookup(&self, name: &str) -> Answer<Lookup> {
        let Some((source, entry)) = self.entry(name) else {
            return Answer::Absent(Place::File(self.path.clone()));
        };
        let place = Place::text(source.path(), entry.key.span);
        Answer::Is(Fact::new(
            how(&entry.value),
            Origin::at(place, "looked up here"),
        ))
    }

    /// The entry of a name that wins.
    fn entry(&self, name: &str) -> Option<(&'a Source, &'a dotenv::Entry)> {
        let mut sources = self.sources.iter().rev();
        sources.find_map(|source| Some((*source, source.dotenv().get(name)?)))
    }

    /// The scheme and the host of a URL that stands in a file, where the host is the container itself.
    pub fn url_to_itself(&self, name: &str) -> Option<Fact<(String, String)>> {
        let (source, entry) = self.entry(name)?;
        let written = entry.value_span.of(source.text()).trim_matches(['"', '\'']);
        let own = servers::url_to_itself(written)?;
        Some(Fact::read(
            own,
            source.path(),
            entry.key.span,
            "looked up here",
        ))
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

impl Secrets<'_> {
    /// Values that a shell would read in another way (dotenv 3.2 `lib/dotenv/parser.rb` and
    /// `lib/dotenv/substitutions/variable.rb`), in files without an error.
    pub fn misread(&self) -> Vec<Fact<Misread>> {
        let sources = self.sources.iter();
        let whole = sources.filter(|source| source.dotenv().errors.is_empty());
        whole
            .flat_map(|source| {
                source
                    .dotenv()
                    .entries
                    .iter()
                    .map(move |entry| (source, entry))
            })
            .filter_map(|(source, entry)| {
                let how = misreading(entry, source.text())?;
                let name = entry.key.value.clone();
                let misread = Misread { name, how };
                Some(Fact::read(
                    misread,
                    source.path(),
                    entry.key.span,
                    "set here",
                ))
            })
            .collect()
    }

    /// Files that are there and look like the secrets of this destination, but are not read: the plain
    /// one, and those whose name is put together otherwise.
    pub fn unread(&self, destination: &str) -> Vec<Path> {
        let Some(plain) = self.path.strip_suffix(&format!(".{destination}")) else {
            return Vec::new();
        };
        let names = [
            plain.to_owned(),
            format!("{plain}-{destination}"),
            format!("{plain}_{destination}"),
        ];
        let paths = names.iter().filter_map(|name| Path::new(name));
        paths.filter(|path| self.tree.has(path)).collect()
    }

    /// The file whose content a secret is: `$(cat config/master.key)`.
    pub fn file(&self, name: &str) -> Option<Fact<String>> {
        let (source, entry) = self.entry(name)?;
        let Value::Parts(parts) = &entry.value else {
            return None;
        };
        let [dotenv::Part::Command(command)] = parts.as_slice() else {
            return None;
        };
        let code = Span::new(
            command.span.start as usize + 2,
            command.span.end as usize - 1,
        );
        let text = code.of(source.text());
        let script = shell::parse(text);
        let commands = script.commands();
        let [only] = commands.as_slice() else {
            return None;
        };
        let [program, file] = only.words.as_slice() else {
            return None;
        };
        let is_cat = program.literal().as_deref() == Some("cat");
        let file = file.span.of(text).trim_matches(['"', '\'']);
        if !is_cat || file.contains(['$', '*', '(', '`']) {
            return None;
        }
        let file = file.trim_start_matches("./").to_owned();
        let origin = Origin::at(Place::text(source.path(), code), "read from here");
        Some(Fact::new(file, origin))
    }
}

impl App<'_> {
    /// Whether a file is among those that some deploy looks secrets up in.
    pub fn is_read_for_secrets(&self, path: &Path) -> bool {
        let destinations = self.destinations();
        destinations.is_empty()
            || destinations.iter().any(|destination| {
                let secrets = destination.secrets();
                secrets.sources().iter().any(|source| source.path() == path)
            })
    }
}

impl<'a> Destination<'a> {
    /// The secrets files, if what is in them is known: their path is plain, none has a syntax error,
    /// and none is missing that git may only have left behind.
    pub fn known_secrets(&self) -> Option<&Secrets<'a>> {
        let known = &self.known.secrets;
        known.get_or_init(|| self.find_known_secrets()).as_ref()
    }

    fn find_known_secrets(&self) -> Option<Secrets<'a>> {
        let path = self.root().get("secrets_path").and_then(|path| path.text());
        let secrets = self.secrets();
        let is_broken = |source: &&Source| {
            let mut errors = source.dotenv().errors.iter();
            errors.any(|error| error.message != dotenv::PASSED_OVER) || !source.is_exact()
        };
        if path.is_unknown() || secrets.sources.iter().any(is_broken) {
            return None;
        }
        let tree = self.app().tree();
        let is_left_out = |path: &&Path| self.app().is_ignored_by_git(path);
        let is_there = |path: &&Path| tree.has(path);
        // Whoever has one of the ignored files here has them all.
        let (there, missing): (Vec<&Path>, Vec<&Path>) = secrets.paths.iter().partition(is_there);
        let is_whole = there.iter().any(is_left_out) || !missing.iter().any(is_left_out);
        (is_whole && there.len() == secrets.sources.len()).then_some(secrets)
    }

    /// Whether containers of a role or of an accessory get a secret.
    pub fn gives_containers(&self, secret: &str) -> bool {
        let roles = self.roles();
        let accessories = self.accessories();
        let of_roles = roles
            .iter()
            .flat_map(|role| role.environment().secret().to_vec());
        let of_accessories = accessories
            .iter()
            .flat_map(|accessory| accessory.environment().secret().to_vec());
        of_roles
            .chain(of_accessories)
            .any(|given| source_name(&given) == secret)
    }

    /// The secrets that Kamal looks up from building the image to starting containers, and stops
    /// without (kamal 2.12 `lib/kamal/configuration/{env,builder,registry,proxy}.rb`).
    pub fn asked_secrets(&self) -> Vec<Asked> {
        let mut asked = Vec::new();
        let mut ask = |setting: Answer<Setting<'a>>| {
            let Some(setting) = setting.known() else {
                return;
            };
            let names = setting.texts().into_iter().map(|name| {
                let source = source_name(&name).to_owned();
                Asked {
                    name: name.map(|_| source).labelled("asked for here"),
                    key: setting.key(),
                }
            });
            asked.extend(names);
        };
        for holder in self.secret_holders() {
            ask(holder);
        }
        for registry in self.registries() {
            for key in ["username", "password"] {
                ask(registry.dig(&[key]).and_then(listed));
            }
        }
        for ssl in self.proxy_sections().iter().map(|proxy| proxy.get("ssl")) {
            ask(ssl.clone().and_then(|ssl| ssl.dig(&["certificate_pem"])));
            ask(ssl.and_then(|ssl| ssl.dig(&["private_key_pem"])));
        }
        asked
    }

    /// The secrets that Kamal looks up in files that git does not have, each with the file.
    pub fn secrets_in_untracked_files(&self) -> Vec<(String, Fact<Path>)> {
        let (Some(secrets), Some(index)) = (self.known_secrets(), self.app().tree().index()) else {
            return Vec::new();
        };
        let mut found: Vec<(String, Fact<Path>)> = Vec::new();
        for asked in self.asked_secrets() {
            let is_new = found.iter().all(|(name, _)| *name != asked.name.value);
            let Some(file) = secrets.file(&asked.name).filter(|_| is_new) else {
                continue;
            };
            let is_own = !file.starts_with(['~', '/']);
            if let Some(path) = Path::new(&file).filter(|path| is_own && !index.has(path)) {
                found.push((asked.name.value, file.map(|_| path)));
            }
        }
        found
    }

    /// Every list of names: `secret` of each `env`, and `builder.secrets`.
    fn secret_holders(&self) -> Vec<Answer<Setting<'a>>> {
        let mut lists: Vec<Answer<Setting<'a>>> = self
            .secret_sections()
            .into_iter()
            .map(|(section, key)| section.get(key))
            .collect();
        let tags = self.root().dig(&["env", "tags"]).known();
        let tags = tags.map_or_else(Vec::new, |tags| tags.members());
        lists.extend(tags.iter().map(|tag| tag.value.dig(&["secret"])));
        lists
    }

    /// The mappings that have such a list, with its key; those of tags left out.
    fn secret_sections(&self) -> Vec<(Setting<'a>, &'static str)> {
        let root = self.root();
        let of_roles = self.roles().into_iter().map(|role| role.get("env"));
        let of_accessories = self
            .accessories()
            .into_iter()
            .map(|accessory| accessory.get("env"));
        let environments = std::iter::once(root.get("env"))
            .chain(of_roles)
            .chain(of_accessories)
            .map(|env| (env, "secret"));
        environments
            .chain([(root.get("builder"), "secrets")])
            .filter_map(|(section, key)| Some((section.known()?.value, key)))
            .filter(|(section, _)| section.is_mapping())
            .collect()
    }

    /// The lists of secrets of a lower file that one of a destination replaces as if to add to it:
    /// it takes up none of the names.
    pub fn replaced_secrets(&self) -> Vec<Replaced<'a>> {
        if self.may_stand_alone() {
            return Vec::new();
        }
        self.secret_sections()
            .into_iter()
            .filter_map(|(section, key)| {
                let now = section.get(key).known()?.value;
                let before = section.replaced(key)?;
                let names = |list: &Setting<'a>| -> Option<Vec<Fact<String>>> {
                    let names = list.texts();
                    let is_known = list.is_settled() && names.len() == list.items().len();
                    (is_known && !names.is_empty()).then_some(names)
                };
                let (kept, lost) = (names(&now)?, names(&before)?);
                let has = |name: &Fact<String>| {
                    kept.iter()
                        .any(|kept| container_name(kept) == container_name(name))
                };
                (!lost.iter().any(has)).then_some(Replaced { now, before, lost })
            })
            .collect()
    }

    /// Whether a secret is missing because a list of a destination replaces the one that has it.
    pub fn has_replaced(&self, name: &str) -> bool {
        let replaced = self.replaced_secrets();
        let mut lost = replaced.iter().flat_map(|replaced| &replaced.lost);
        lost.any(|lost| container_name(lost) == name)
    }
}

/// A list of secrets in a destination's file, in the place of another one.
#[derive(Clone, Debug)]
pub struct Replaced<'a> {
    /// The destination's list.
    pub now: Setting<'a>,
    /// The list that it replaces.
    pub before: Setting<'a>,
    /// What that has.
    pub lost: Vec<Fact<String>>,
}

/// A value that names a secret, as it is a list; a text would be the value itself.
fn listed(setting: Fact<Setting<'_>>) -> Answer<Setting<'_>> {
    if setting.is_sequence() {
        Answer::Is(setting)
    } else {
        Answer::Unknown(setting.place(), Why::NotRead("it is no list".to_owned()))
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

/// What of a value a shell would read otherwise.
fn misreading(entry: &dotenv::Entry, text: &str) -> Option<Misreading> {
    let written = entry.value_span.of(text).trim_matches(['"', '\'']);
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters
            .next()
            .is_some_and(|first| first == '_' || first.is_ascii_uppercase())
            && letters.all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let within = |open: &str, close: char| written.strip_prefix(open)?.strip_suffix(close);
    if entry.quotes == dotenv::Quotes::Single {
        let name = within("${", '}').or_else(|| written.strip_prefix('$'));
        let is_meant = within("$(", ')').is_some() || name.is_some_and(is_name);
        return is_meant.then_some(Misreading::SingleQuotes);
    }
    if within("`", '`').is_some_and(|command| !command.is_empty() && !command.contains('`')) {
        return Some(Misreading::Backticks);
    }
    let has_operator = entry.value.variables().into_iter().any(|name| {
        let operators = [':', '-', '+', '?', '%', '#', '/', '^', ','];
        let is_open = !name.span.of(text).ends_with('}');
        let rest = &text[name.span.end as usize..];
        is_open && name.span.of(text).starts_with("${") && rest.starts_with(operators)
    });
    has_operator.then_some(Misreading::Operator)
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
