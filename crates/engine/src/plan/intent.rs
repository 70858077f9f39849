//! What only the user knows or wants: from options, else from `config/seaworthy.yml`.

use std::collections::BTreeMap;

use super::memory;
use super::view::Obstacle;
use crate::fact::{Answer, Fact, Origin, Place};
use crate::facts::App;
use crate::facts::labels::Form;
use crate::facts::placeholders::is_placeholder;
use crate::facts::setting::Setting;
use crate::near::nearest;
use crate::tree::Path;

/// The file that remembers choices, and what init wrote.
pub const FILE: &str = "config/seaworthy.yml";

/// The key below which findings are allowed.
pub const ALLOW: &str = "allow";

/// The key with the registries that images may come from.
pub const TRUSTED_REGISTRIES: &str = "trusted_registries";

/// The key with the labels that images are to have, each with its form.
pub const LABEL_SCHEMA: &str = "label_schema";

/// The key that forbids all other labels.
pub const STRICT_LABELS: &str = "strict_labels";

/// What stands above the choices of destinations.
pub(super) const DESTINATIONS: &str = "destinations";

/// A choice that has a name in `config/seaworthy.yml` and an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Choice {
    /// The service's name, after which containers and accessories are called.
    Service,
    /// The app's folder in the image.
    Workdir,
    /// Addresses of the servers.
    Servers,
    /// The domain that the app is reached by.
    Domain,
    /// Where TLS ends: `letsencrypt`, `certificate`, `load-balancer`.
    Tls,
    /// The address that Let's Encrypt writes to.
    Email,
    /// The registry's host; `docker.io` is Docker Hub.
    Registry,
    /// The user at the registry.
    RegistryUser,
    /// The architectures of the servers.
    Arch,
    /// The address of a database server outside of the deploy.
    DatabaseHost,
    /// The major version of the database server.
    DatabaseVersion,
    /// The variables that database.yml reads: its own, or `fields`.
    DatabaseEnv,
    /// The Solid trio's databases: `separate`, or `single`.
    Solid,
    /// Where jobs run: `puma`, or `role`.
    Jobs,
    /// The image to start from: `slim`, `trixie`, `bookworm`, `alpine`.
    Base,
    /// Whether containers get a read-only root filesystem.
    Hardened,
    /// Whether Thruster stands in front of Puma, where it is in the bundle.
    Thruster,
    /// Packages that the image gets besides those that gems need.
    Packages,
    /// Packages that the image does not get although something asks for them.
    Without,
    /// Kamal's major version.
    Kamal,
    /// Whether Traefik stands in front of kamal-proxy.
    Traefik,
    /// Hooks of Kamal to write.
    Hooks,
    /// Where secrets are kept: the environment, or a password manager.
    Secrets,
    /// The account at the password manager.
    SecretsAccount,
    /// The vault, folder or project there.
    SecretsVault,
    /// Whether Compose runs what development needs.
    Compose,
    /// What builds and deploys after a push: `github`.
    Ci,
}

/// What a choice may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Anything.
    Any,
    /// One of these.
    Of(&'static [&'static str]),
}

/// What is known of a choice.
struct Row {
    key: &'static str,
    option: &'static str,
    values: Values,
    /// Whether several values are a list in the file.
    is_list: bool,
    /// Whether a destination has its own.
    is_of_destination: bool,
}

const YES_OR_NO: Values = Values::Of(&["true", "false"]);

/// Hooks that init writes, in the order in which Kamal runs them.
pub const HOOKS: [&str; 6] = [
    "docker-setup",
    "pre-connect",
    "pre-build",
    "pre-deploy",
    "pre-app-boot",
    "post-deploy",
];

/// Password managers that Kamal has an adapter for, and the environment
/// (kamal 2.12 `lib/kamal/secrets/adapters`).
pub const SECRET_STORES: [&str; 10] = [
    "environment",
    "1password",
    "bitwarden",
    "bitwarden-sm",
    "lastpass",
    "aws_secrets_manager",
    "gcp",
    "doppler",
    "enpass",
    "passbolt",
];

impl Choice {
    /// All choices, in the order of the file.
    pub const ALL: [Choice; 27] = [
        Self::Service,
        Self::Workdir,
        Self::Servers,
        Self::Domain,
        Self::Tls,
        Self::Email,
        Self::Registry,
        Self::RegistryUser,
        Self::Arch,
        Self::DatabaseHost,
        Self::DatabaseVersion,
        Self::DatabaseEnv,
        Self::Solid,
        Self::Jobs,
        Self::Base,
        Self::Hardened,
        Self::Thruster,
        Self::Packages,
        Self::Without,
        Self::Kamal,
        Self::Traefik,
        Self::Hooks,
        Self::Secrets,
        Self::SecretsAccount,
        Self::SecretsVault,
        Self::Compose,
        Self::Ci,
    ];

    fn row(self) -> Row {
        let one = |key, option, values| Row {
            key,
            option,
            values,
            is_list: false,
            is_of_destination: false,
        };
        let list = |key, option, values| Row {
            is_list: true,
            ..one(key, option, values)
        };
        let own = |row| Row {
            is_of_destination: true,
            ..row
        };
        match self {
            Self::Service => one("service", "--service", Values::Any),
            Self::Workdir => one("workdir", "--workdir", Values::Any),
            Self::Servers => own(list("servers", "--server", Values::Any)),
            Self::Domain => own(one("domain", "--domain", Values::Any)),
            Self::Tls => own(one(
                "tls",
                "--tls",
                Values::Of(&["letsencrypt", "certificate", "load-balancer"]),
            )),
            Self::Email => one("email", "--email", Values::Any),
            Self::Registry => one("registry", "--registry", Values::Any),
            Self::RegistryUser => one("registry_user", "--registry-user", Values::Any),
            Self::Arch => list("arch", "--arch", Values::Of(&["amd64", "arm64"])),
            Self::DatabaseHost => own(one("database_host", "--database-host", Values::Any)),
            Self::DatabaseVersion => one("database_version", "--database-version", Values::Any),
            Self::DatabaseEnv => one(
                "database_env",
                "--database-env",
                Values::Of(&["app", "fields"]),
            ),
            Self::Solid => one("solid", "--solid", Values::Of(&["separate", "single"])),
            Self::Jobs => one("jobs", "--jobs", Values::Of(&["puma", "role"])),
            Self::Base => one(
                "base",
                "--base",
                Values::Of(&["slim", "trixie", "bookworm", "alpine"]),
            ),
            Self::Hardened => one("hardened", "--hardened", YES_OR_NO),
            Self::Thruster => one("thruster", "--thruster", YES_OR_NO),
            Self::Packages => list("packages", "--package", Values::Any),
            Self::Without => list("without", "--without", Values::Any),
            Self::Kamal => one("kamal", "--kamal", Values::Of(&["1", "2"])),
            Self::Traefik => one("traefik", "--traefik", YES_OR_NO),
            Self::Hooks => list("hooks", "--hook", Values::Of(&HOOKS)),
            Self::Secrets => one("secrets", "--secrets", Values::Of(&SECRET_STORES)),
            Self::SecretsAccount => one("secrets_account", "--secrets-account", Values::Any),
            Self::SecretsVault => one("secrets_vault", "--secrets-vault", Values::Any),
            Self::Compose => one("compose", "--compose", YES_OR_NO),
            Self::Ci => one("ci", "--ci", Values::Of(&["github", "none"])),
        }
    }

    /// The one of a key in `config/seaworthy.yml`.
    pub fn named(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.key() == key)
    }

    /// Its key in `config/seaworthy.yml`.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    /// Its option.
    pub fn option(self) -> &'static str {
        self.row().option
    }

    /// What it may be.
    pub fn values(self) -> Values {
        self.row().values
    }

    /// Whether its values are a list in the file.
    pub(super) fn is_list(self) -> bool {
        self.row().is_list
    }

    /// Whether a destination has its own.
    pub fn is_of_destination(self) -> bool {
        self.row().is_of_destination
    }
}

/// Values by choice, of the app or of one destination.
type Choices = BTreeMap<Choice, Fact<Vec<String>>>;

/// What the user chose.
#[derive(Clone, Debug, Default)]
pub struct Intent {
    choices: Choices,
    destinations: BTreeMap<String, Choices>,
    /// Files that may be overwritten although they are the user's.
    pub replace: Vec<Path>,
    /// Files that stay as they are, and were asked about.
    pub keep: Vec<Path>,
    /// Texts that the user made of what was offered.
    pub edited: BTreeMap<Path, String>,
    /// The only files to write; empty is all.
    pub only: Vec<Path>,
}

impl Intent {
    /// The choices that `config/seaworthy.yml` remembers.
    pub fn remembered(app: &App<'_>) -> Self {
        let root = app
            .tree()
            .source(FILE)
            .and_then(|source| Setting::root([source]));
        let Some(root) = root else {
            return Self::default();
        };
        let destinations = root.get(DESTINATIONS).known();
        Self {
            choices: read(&root, |_| true),
            destinations: destinations
                .map(|setting| setting.members())
                .unwrap_or_default()
                .into_iter()
                .filter(|member| member.value.is_mapping())
                .map(|member| {
                    let own = read(&member.value, Choice::is_of_destination);
                    (member.name.value, own)
                })
                .collect(),
            ..Self::default()
        }
    }

    /// The same, where nothing is chosen: what the user's own `config/deploy.yml` and `Dockerfile` say.
    pub(super) fn completed(&self, app: &App<'_>) -> Self {
        let mut intent = self.clone();
        if let Some(folder) = workdir(app) {
            let is_of_image = folder
                .origin
                .place
                .path()
                .is_some_and(|path| path.as_str() == "Dockerfile");
            let stays = !self
                .replace
                .iter()
                .any(|path| path.as_str() == "Dockerfile");
            let fact = folder.map(|folder| vec![folder]);
            if is_of_image && stays {
                // Whatever was chosen: the image is the user's, and has its folder.
                intent.choices.insert(Choice::Workdir, fact);
            } else {
                intent.choices.entry(Choice::Workdir).or_insert(fact);
            }
        }
        let service = app
            .destinations()
            .into_iter()
            .find_map(|destination| destination.service().known());
        if let Some(service) = service.filter(|service| !is_placeholder(service)) {
            let fact = service.map(|service| vec![service]);
            intent.choices.entry(Choice::Service).or_insert(fact);
        }
        let Some(base) = app
            .destinations()
            .into_iter()
            .find(|destination| destination.name().is_none())
        else {
            return intent;
        };
        let text = |keys: &[&str]| -> Vec<Fact<String>> {
            let setting = base.root().dig(keys).known();
            setting.map(|setting| setting.texts()).unwrap_or_default()
        };
        let primary = base.primary_role();
        let hosts = base
            .roles()
            .into_iter()
            .find(|role| {
                primary
                    .as_ref()
                    .is_some_and(|primary| primary.value == role.name().value)
            })
            .map(|role| role.hosts())
            .unwrap_or_default();
        let registry = match text(&["registry", "server"]) {
            none if none.is_empty() => text(&["registry", "username"])
                .into_iter()
                .map(|user| user.map(|_| "docker.io".to_owned()))
                .collect(),
            server => server,
        };
        for (choice, found) in [
            (Choice::Servers, hosts),
            (Choice::Domain, text(&["proxy", "host"])),
            (Choice::Registry, registry),
            (Choice::RegistryUser, text(&["registry", "username"])),
            (Choice::Arch, text(&["builder", "arch"])),
        ] {
            let is_theirs = !found.iter().any(|fact| is_placeholder(fact));
            let Some(first) = found.first().filter(|_| is_theirs) else {
                continue;
            };
            let values: Vec<String> = found.iter().map(|fact| fact.value.clone()).collect();
            let fact = Fact::new(values, first.origin.clone()).labelled("you wrote it");
            intent.choices.entry(choice).or_insert(fact);
        }
        intent
    }

    /// Chooses on the command line, which wins over what is remembered.
    pub fn choose(&mut self, choice: Choice, values: Vec<String>) {
        self.choices.insert(choice, chosen(choice, values));
    }

    /// Chooses for one destination, which is planned from now on.
    pub fn choose_for(&mut self, destination: &str, choice: Choice, values: Vec<String>) {
        self.add_destination(destination)
            .insert(choice, chosen(choice, values));
    }

    /// Plans a destination, whether anything is chosen for it or not.
    pub fn add_destination(&mut self, name: &str) -> &mut BTreeMap<Choice, Fact<Vec<String>>> {
        self.destinations.entry(name.to_owned()).or_default()
    }

    /// Whether a destination has a choice of its own.
    pub fn is_chosen_for(&self, destination: &str, choice: Choice) -> bool {
        self.destinations
            .get(destination)
            .is_some_and(|choices| choices.contains_key(&choice))
    }

    /// The destinations that have files of their own.
    pub fn destinations(&self) -> impl Iterator<Item = &str> {
        self.destinations.keys().map(String::as_str)
    }

    /// The same choices as one destination has them: its own, else the app's; but for the servers, the
    /// domain and the database server, which no two can share.
    #[must_use]
    pub(super) fn of_destination(&self, name: &str) -> Self {
        let mut choices = self.choices.clone();
        choices.retain(|choice, _| !choice.is_of_destination() || *choice == Choice::Tls);
        choices.extend(self.destinations.get(name).cloned().unwrap_or_default());
        Self {
            choices,
            ..Self::default()
        }
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

    /// A choice that is yes or no; `None` where nothing was said.
    pub fn yes_or_no(&self, choice: Choice) -> Option<Fact<bool>> {
        Some(self.one(choice)?.map(|value| value == "true"))
    }

    /// Whether a choice is yes.
    pub(super) fn is_yes(&self, choice: Choice) -> bool {
        self.yes_or_no(choice).is_some_and(|fact| fact.value)
    }

    /// The choices to be remembered: those of the command line, and those that were read in a file
    /// which is written anew. The keys from the root, and the values.
    pub(super) fn given(
        &self,
        is_written_anew: impl Fn(&Path) -> bool,
    ) -> Vec<(Vec<&str>, Choice, &[String])> {
        let is_given = |fact: &Fact<Vec<String>>| match &fact.origin.place {
            Place::Option(_) => true,
            place => place
                .path()
                .is_some_and(|path| path.as_str() != FILE && is_written_anew(path)),
        };
        let mut given = Vec::new();
        for (choice, fact) in &self.choices {
            if is_given(fact) {
                given.push((vec![choice.key()], *choice, fact.value.as_slice()));
            }
        }
        for (name, choices) in &self.destinations {
            for (choice, fact) in choices {
                if is_given(fact) {
                    let keys = vec![DESTINATIONS, name.as_str(), choice.key()];
                    given.push((keys, *choice, fact.value.as_slice()));
                }
            }
        }
        given
    }

    /// Choices that are none of those that there are.
    pub(super) fn obstacles(&self, app: &App<'_>) -> Vec<Obstacle> {
        let all = std::iter::once(&self.choices).chain(self.destinations.values());
        let mut obstacles = unknown_keys(app);
        obstacles.extend(app.unknown_label_forms().into_iter().map(|name| {
            let place = name.origin.place.describe(app.tree());
            Obstacle::new(
                format!("{place}: `{name}` is no form of a label"),
                format!("it is one of: {}", Form::NAMES.join(", ")),
            )
        }));
        let wrong = all.flatten().filter_map(|(choice, fact)| {
            let Values::Of(known) = choice.values() else {
                return None;
            };
            let wrong = fact
                .value
                .iter()
                .find(|value| !known.contains(&value.as_str()))?;
            let place = fact.origin.place.describe(app.tree());
            Some(Obstacle::new(
                format!("{place}: `{wrong}` is nothing that {} can be", choice.key()),
                format!("it is one of: {}", known.join(", ")),
            ))
        });
        obstacles.extend(wrong);
        obstacles
    }
}

/// Keys of `config/seaworthy.yml` that say nothing, as nobody reads them.
fn unknown_keys(app: &App<'_>) -> Vec<Obstacle> {
    let root = app
        .tree()
        .source(FILE)
        .and_then(|source| Setting::root([source]));
    let known = || {
        let choices = Choice::ALL.into_iter().map(Choice::key);
        choices.chain([
            DESTINATIONS,
            ALLOW,
            TRUSTED_REGISTRIES,
            LABEL_SCHEMA,
            STRICT_LABELS,
            memory::SECTION,
            memory::DECLINED,
        ])
    };
    let members = root.map(|root| root.members()).unwrap_or_default();
    members
        .into_iter()
        .map(|member| member.name)
        .filter(|name| known().all(|known| *known != name.value))
        .map(|name| {
            let place = name.origin.place.describe(app.tree());
            let help = match nearest(&name, known()) {
                Some(known) => format!("did you mean `{known}`?"),
                None => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
            };
            Obstacle::new(format!("{place}: {FILE} has no key `{name}`"), help)
        })
        .collect()
}

/// The folder that the app's own files speak of.
fn workdir(app: &App<'_>) -> Option<Fact<String>> {
    let image = app.image("Dockerfile");
    let in_image = image
        .and_then(|image| image.final_stage(None))
        .and_then(|stage| stage.working_folder().known())
        .filter(|folder| folder.starts_with('/') && folder.value != "/");
    in_image.or_else(|| {
        app.destinations().into_iter().find_map(|destination| {
            let path = destination.root().get("asset_path");
            let path = path.and_then(|path| path.text()).known()?;
            let whole = path.strip_suffix("/public");
            let folder = whole.or_else(|| Some(path.split_once("/public/")?.0))?;
            let folder = folder.to_owned();
            folder.starts_with('/').then(|| path.map(|_| folder))
        })
    })
}

fn chosen(choice: Choice, values: Vec<String>) -> Fact<Vec<String>> {
    let place = Place::Option(choice.option().to_owned());
    Fact::new(values, Origin::at(place, "you chose it"))
}

fn read(setting: &Setting<'_>, is_wanted: impl Fn(Choice) -> bool) -> Choices {
    let mut choices = Choices::new();
    for choice in Choice::ALL.into_iter().filter(|choice| is_wanted(*choice)) {
        if let Answer::Is(setting) = setting.get(choice.key()) {
            let values: Vec<String> = setting.texts().into_iter().map(|text| text.value).collect();
            if !values.is_empty() {
                let fact = setting.map(|_| values).labelled("you chose it");
                choices.insert(choice, fact);
            }
        }
    }
    choices
}
