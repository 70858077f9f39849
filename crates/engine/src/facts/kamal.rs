//! `config/deploy.yml` and its destinations, as Kamal merges them.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration.rb` and `lib/kamal/configuration/*.rb`.

use std::cell::OnceCell;
use std::rc::Rc;

use syntax::shell;

use crate::change::Changes;
use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::dockerfile::Stage;
use crate::facts::environment::has_sections;
use crate::facts::kamal_keys::{self, Given};
use crate::facts::ports;
use crate::facts::process::{self, Process};
use crate::facts::secrets::Secrets;
use crate::facts::setting::Setting;
use crate::facts::workflows::Command;
use crate::tree::Source;

pub use crate::facts::accessory::{Accessory, Published};
pub use crate::facts::environment::{Environment, Variable, container_name, source_name};

/// Kamal's own defaults, as origins name them.
pub const DEFAULTS: &str = "Kamal's defaults";

/// The port of the container that kamal-proxy talks to where nothing else is said
/// (kamal 2.12 `lib/kamal/configuration/docs/proxy.yml`).
pub const APP_PORT: u16 = 80;

/// Where Kamal reads its configuration.
pub const FILE: &str = "config/deploy.yml";

/// What `kamal deploy -d NAME` would deploy; without a name, what `kamal deploy` would.
#[derive(Clone, Debug)]
pub struct Destination<'a> {
    app: &'a App<'a>,
    name: Option<String>,
    /// What `-d` is given.
    option: Option<String>,
    root: Setting<'a>,
    /// What many rules ask for, and is worked out once.
    pub(super) known: Rc<Known<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    environment: OnceCell<Answer<String>>,
    /// The stage that its image is.
    pub(super) stage: OnceCell<Option<Stage<'a>>>,
    /// What is known of each role.
    roles: OnceCell<Vec<Rc<KnownOfRole<'a>>>>,
    pub(super) given: OnceCell<Vec<Given<'a>>>,
    pub(super) secrets: OnceCell<Option<Secrets<'a>>>,
}

impl<'a> App<'a> {
    /// Everything that `kamal deploy` can be told to deploy: each destination, and the base file
    /// on its own unless it cannot be deployed so.
    ///
    /// A file can also be a base of its own, for `kamal deploy -c`: if there is no `deploy.yml`, or
    /// if it has destinations itself, as `deploy.api.yml` has in `deploy.api.eu.yml`.
    pub fn destinations(&'a self) -> Vec<Destination<'a>> {
        let base = self.tree().source(FILE);
        let has_family = |name: &str| {
            destination_files(self)
                .filter_map(|source| destination_name(source.path().name()))
                .any(|other| other.rsplit_once('.').is_some_and(|(base, _)| base == name))
        };
        let named: Vec<Destination<'a>> = destination_files(self)
            .filter_map(|source| {
                let name = destination_name(source.path().name())?;
                let own = name.rsplit_once('.').and_then(|(base, option)| {
                    let base = self.tree().source(&format!("config/deploy.{base}.yml"))?;
                    Some((base, option))
                });
                let (root, option) = match (own, base) {
                    (Some((base, option)), _) => (Setting::root([base, source]), Some(option)),
                    (None, Some(base)) if !has_family(name) => {
                        (Setting::root([base, source]), Some(name))
                    }
                    (None, _) => (Setting::root([source]), None),
                };
                Some(Destination {
                    app: self,
                    name: Some(name.to_owned()),
                    option: option.map(str::to_owned),
                    root: root?,
                    known: Rc::default(),
                })
            })
            .filter(|named| named.option.is_some() || named.is_deployable())
            .collect();
        let alone = base
            .and_then(|base| Setting::root([base]))
            .map(|root| Destination {
                app: self,
                name: None,
                option: None,
                root,
                known: Rc::default(),
            })
            .filter(|alone| named.is_empty() || alone.is_deployable());
        alone.into_iter().chain(named).collect()
    }
}

/// `config/deploy.NAME.yml`, in the order of the names. A file `deploy.BASE.NAME.yml` without any
/// of Kamal's keys is something else: values, for one, that ERB reads.
fn destination_files<'a>(app: &'a App<'a>) -> impl Iterator<Item = &'a Source> {
    let paths = app.deploys.get_or_init(|| {
        let is_one = |source: &&Source| {
            let path = source.path();
            path.parent().as_str() == "config"
                && destination_name(path.name())
                    .is_some_and(|name| !name.contains('.') || kamal_keys::are_in(source))
        };
        let sources = app.tree().sources().filter(is_one);
        sources.map(|source| source.path().clone()).collect()
    });
    paths.iter().filter_map(|path| app.tree().source(path))
}

/// The destination that a file in `config` is for: NAME of `deploy.NAME.yml`.
pub(super) fn destination_name(file: &str) -> Option<&str> {
    file.strip_prefix("deploy.")?
        .strip_suffix(".yml")
        .filter(|name| !name.is_empty())
}

impl<'a> Destination<'a> {
    /// The app that is deployed.
    pub fn app(&self) -> &'a App<'a> {
        self.app
    }

    /// The destination's name; `None` for the base file alone.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What `kamal -d` is given for it; `None` for a file that is deployed on its own.
    pub fn option(&self) -> Option<&str> {
        self.option.as_deref()
    }

    /// The merged configuration.
    pub fn root(&self) -> &Setting<'a> {
        &self.root
    }

    /// Whether its own file says all that a deploy needs, so that it may be one for `kamal -c`.
    pub fn may_stand_alone(&self) -> bool {
        ["service", "image", "servers"]
            .into_iter()
            .all(|key| self.root.is_in_uppermost(key))
    }

    /// Whether the file deploys anything without a destination on top of it: some role may have a host.
    fn is_deployable(&self) -> bool {
        let required = self
            .boolean(&["require_destination"])
            .is_some_and(|required| *required);
        let has_hosts = |role: &Role<'_>| !role.has_settled_hosts() || !role.hosts().is_empty();
        !required && (!self.has_settled_roles() || self.roles().iter().any(has_hosts))
    }

    /// The environment that Rails runs in: `RAILS_ENV` of all roles, else of the image. Absent
    /// where neither sets it.
    pub fn rails_environment(&self) -> &Answer<String> {
        self.known
            .environment
            .get_or_init(|| match self.environment().text("RAILS_ENV") {
                Answer::Absent(place) => process::stage_of(self)
                    .map_or(Answer::Absent(place), |stage| stage.variable("RAILS_ENV")),
                answer => answer,
            })
    }

    /// Whether Rails surely runs as production, whose configuration is what is read.
    pub fn is_production(&self) -> bool {
        match self.rails_environment() {
            Answer::Is(environment) => environment.value == "production",
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        }
    }

    /// The environment that Rails runs in, if a file that has a part for each surely has none for it, and
    /// where that would stand. Nothing where the environment has no file of its own either, which is
    /// another finding, or where the image or its entrypoint names the file, and so may write it.
    pub fn lacks_environment(&self, file: &str) -> Option<(Fact<String>, Place)> {
        let environment = self.rails_environment().clone().known()?;
        let tree = self.app.tree();
        let own = format!("{}.rb", environment.value);
        let known = tree.folder("config/environments")?;
        let root = Setting::of_file(tree.source(file)?).known()?;
        let name = file.rsplit('/').next()?;
        let may_be_written =
            process::stage_of(self)?.image().mentions(name) || self.entrypoint_mentions(name);
        // Rails takes `shared` for all environments.
        let is_settled = root.is_settled() && root.lacks("shared").is_some();
        let is_known = known.iter().any(|listed| listed.name == own);
        let slot = root.lacks(&environment)?;
        (is_known && is_settled && !may_be_written)
            .then(|| (environment.labelled("RAILS_ENV"), slot))
    }

    /// `service`: the name that containers and accessories begin with.
    pub fn service(&self) -> Answer<String> {
        self.root.get("service").and_then(|setting| setting.text())
    }

    /// `image`, without the registry.
    pub fn image(&self) -> Answer<String> {
        self.root.get("image").and_then(|setting| setting.text())
    }

    /// The roles, `web` alone where `servers` is a plain list of hosts.
    pub fn roles(&self) -> Vec<Role<'a>> {
        let Some(servers) = self.root.get("servers").known() else {
            return Vec::new();
        };
        let named: Vec<(Fact<String>, Setting<'a>)> = if servers.is_sequence() {
            let name = Fact::new("web".to_owned(), Origin::at(servers.place(), "the hosts"));
            vec![(name, servers.value)]
        } else {
            let members = servers.members().into_iter();
            members
                .map(|member| (member.name.labelled("the role"), member.value))
                .collect()
        };
        let roles = &self.known.roles;
        let known = roles.get_or_init(|| named.iter().map(|_| Rc::default()).collect());
        named
            .into_iter()
            .zip(known)
            .map(|((name, setting), known)| Role {
                destination: self.clone(),
                name,
                setting,
                known: known.clone(),
            })
            .collect()
    }

    /// Whether all roles are known: none is written by ERB or only under a condition.
    pub fn has_settled_roles(&self) -> bool {
        match self.root.get("servers") {
            Answer::Is(servers) => servers.is_settled(),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        }
    }

    /// The role that the proxy serves by default, and that the others wait for.
    pub fn primary_role(&self) -> Option<Fact<String>> {
        let setting = self
            .root
            .get("primary_role")
            .and_then(|setting| setting.text());
        setting.or_default(|| Fact::default("web".to_owned(), DEFAULTS, "primary_role"))
    }

    /// The accessories.
    pub fn accessories(&self) -> Vec<Accessory<'a>> {
        let Some(accessories) = self.root.get("accessories").known() else {
            return Vec::new();
        };
        accessories
            .members()
            .into_iter()
            .filter(|member| member.value.is_mapping())
            .map(|member| Accessory {
                destination: self.clone(),
                name: member.name.labelled("the accessory"),
                setting: member.value,
            })
            .collect()
    }

    /// The files that Kamal looks secrets up in.
    pub fn secrets(&self) -> Secrets<'a> {
        let path = self
            .root
            .get("secrets_path")
            .and_then(|setting| setting.text());
        Secrets::of(self.app, path.known().map(|path| path.value), self.option())
    }

    /// `env.clear` and `env.secret` of all roles, before what a role adds.
    pub fn environment(&self) -> Environment<'a> {
        Environment::of([self.root.get("env")])
    }

    /// The file that the image is built from: `builder.dockerfile`, else `Dockerfile`.
    pub fn dockerfile(&self) -> Option<Fact<String>> {
        let setting = self
            .root
            .dig(&["builder", "dockerfile"])
            .and_then(|setting| setting.text());
        setting
            .or_default(|| Fact::default("Dockerfile".to_owned(), DEFAULTS, "builder.dockerfile"))
    }

    /// What makes its image another one than another destination's, from the same commit: a build
    /// argument, the Dockerfile or the stage.
    pub fn built_otherwise(&self, other: &Destination<'_>) -> Option<Fact<()>> {
        let builder = |destination: &Destination<'_>| match destination.root().get("builder") {
            Answer::Is(builder) => builder.is_settled(),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        if !builder(self) || !builder(other) {
            return None;
        }
        let inputs = |destination: &Destination<'_>| -> Vec<(String, Fact<String>)> {
            // Rails reads it where it runs, which `env` says again.
            let is_set_again = destination.environment().text("RAILS_ENV").is_known();
            let counts = |key: &str| {
                (key.starts_with("builder.args.")
                    && !(is_set_again && key == "builder.args.RAILS_ENV"))
                    || ["builder.dockerfile", "builder.target"].contains(&key)
            };
            let builder = destination.root().get("builder").known();
            let scalars = builder.iter().flat_map(|builder| builder.scalars());
            scalars.filter(|(key, _)| counts(key)).collect()
        };
        let (own, others) = (inputs(self), inputs(other));
        let lacks = |all: &[(String, Fact<String>)], (key, value): &(String, Fact<String>)| {
            !all.iter()
                .any(|(known, given)| known == key && given.value == value.value)
        };
        let found = own
            .iter()
            .find(|input| lacks(&others, input))
            .or_else(|| others.iter().find(|input| lacks(&own, input)))?;
        let why = format!("`{}` is not the same in both", found.0);
        Some(found.1.clone().map(|_| ()).labelled(why))
    }

    /// The app's folder in the build context, with a slash at its end; empty where it is the context.
    /// Nothing where it cannot be told (kamal 2.12 `lib/kamal/configuration/builder.rb`, `context`).
    pub fn folder_in_context(&self) -> Option<String> {
        let context = self
            .root
            .dig(&["builder", "context"])
            .and_then(|context| context.text());
        let context = match context {
            Answer::Is(context) => context.value,
            Answer::Absent(_) => return Some(String::new()),
            Answer::Unknown(..) => return None,
        };
        let parts = || context.split('/').filter(|part| !matches!(*part, "" | "."));
        if context.starts_with('/') || parts().any(|part| part != "..") {
            return None;
        }
        let levels = parts().count();
        if levels == 0 {
            return Some(String::new());
        }
        let place: Vec<&str> = self.app.tree().place()?.split('/').collect();
        let own = place.get(place.len().checked_sub(levels)?..)?;
        Some(format!("{}/", own.join("/")))
    }

    /// Shortcuts for Kamal's commands, those of which the words are known.
    pub fn aliases(&self) -> Vec<Alias> {
        let aliases = self.root.get("aliases").known();
        let members = aliases.iter().flat_map(|aliases| aliases.members());
        let read = members.filter_map(|member| {
            let text = member.value.text().known()?;
            let script = shell::parse(&text);
            let [only] = script.commands()[..] else {
                return None;
            };
            let words = only.words.iter().map(shell::Word::literal);
            let kamal = std::iter::once(Some("kamal".to_owned()));
            let words: Vec<Option<String>> = kamal.chain(words).collect();
            let command = Command::of(&words)?;
            Some(Alias {
                name: member.name,
                command: text.map(|_| command).labelled("the alias"),
            })
        });
        read.collect()
    }

    /// All plain values of the configuration, by their dotted keys. What ERB writes is left out.
    pub fn scalars(&self) -> Vec<(String, Fact<String>)> {
        self.root.scalars()
    }

    /// Takes a variable of all roles away, where one file gives it.
    pub fn remove_variable(&self, name: &str) -> Option<Changes> {
        let in_clear = self.root.dig(&["env", "clear"]).known();
        let env = in_clear.or_else(|| self.root.get("env").known())?;
        env.remove(name)
    }

    /// Sets a variable of all roles, in the form that `env` has: plain, or below `clear`.
    pub fn set_variable(&self, name: &str, value: &str) -> Option<Changes> {
        let is_plain = match self.root.get("env") {
            Answer::Is(env) => !env.members().is_empty() && !has_sections(&env),
            Answer::Absent(_) => false,
            Answer::Unknown(..) => return None,
        };
        let keys: &[&str] = if is_plain {
            &["env", name]
        } else {
            &["env", "clear", name]
        };
        self.root.set(keys, value)
    }

    fn boolean(&self, keys: &[&str]) -> Option<Fact<bool>> {
        self.root
            .dig(keys)
            .and_then(|setting| setting.boolean())
            .known()
    }
}

/// A role of a destination: a command on hosts, from the app's image.
#[derive(Clone, Debug)]
pub struct Role<'a> {
    destination: Destination<'a>,
    name: Fact<String>,
    setting: Setting<'a>,
    /// What many rules ask for, and is worked out once.
    known: Rc<KnownOfRole<'a>>,
}

#[derive(Debug, Default)]
struct KnownOfRole<'a> {
    environment: OnceCell<Environment<'a>>,
    process: OnceCell<Option<Fact<Process>>>,
}

/// A shortcut for a command of Kamal's.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Its name.
    pub name: Fact<String>,
    /// What it stands for.
    pub command: Fact<Command>,
}

impl Alias {
    /// The file of the app in `bin` that it starts in a container.
    pub fn program(&self) -> Option<String> {
        let words = self.command.positional();
        let ["app", "exec", rest @ ..] = words.as_slice() else {
            return None;
        };
        let program = rest.first()?.split_whitespace().next()?;
        let path = program.strip_prefix("./").unwrap_or(program);
        path.starts_with("bin/").then(|| path.to_owned())
    }
}

impl<'a> Role<'a> {
    /// The destination that it belongs to.
    pub fn destination(&self) -> &Destination<'a> {
        &self.destination
    }

    /// Its name.
    pub fn name(&self) -> &Fact<String> {
        &self.name
    }

    /// What `servers.NAME` says.
    pub fn setting(&self) -> &Setting<'a> {
        &self.setting
    }

    /// Its hosts, without their tags.
    pub fn hosts(&self) -> Vec<Fact<String>> {
        let list = if self.setting.is_sequence() {
            Some(self.setting.clone())
        } else {
            self.get("hosts").known().map(|hosts| hosts.value)
        };
        list.iter()
            .flat_map(Setting::items)
            .filter_map(|host| match host.members().into_iter().next() {
                Some(tagged) => Some(tagged.name.labelled("the host")),
                None => host.text().known().map(|host| host.labelled("the host")),
            })
            .collect()
    }

    /// Whether all its hosts are known: none is written by ERB or only under a condition.
    pub fn has_settled_hosts(&self) -> bool {
        let list = if self.setting.is_sequence() {
            Some(self.setting.clone())
        } else {
            self.get("hosts").known().map(|hosts| hosts.value)
        };
        list.is_some_and(|list| list.is_settled() && list.items().len() == self.hosts().len())
    }

    /// What `options.NAME` gives `docker run`.
    pub fn option(&self, name: &str) -> Answer<Setting<'a>> {
        self.options().and_then(|options| options.get(name))
    }

    /// Whether it is the primary role.
    pub fn is_primary(&self) -> bool {
        self.destination
            .primary_role()
            .is_some_and(|primary| *primary == *self.name)
    }

    /// What kamal-proxy is told for it; `None` if the role has no proxy, or it cannot be told.
    ///
    /// The primary role has one unless it says `proxy: false`; another has one if it says `true`
    /// or gives a mapping, which lies on top of the root's
    /// (kamal 2.12 `lib/kamal/configuration/role.rb`).
    pub fn proxy(&self) -> Option<Proxy<'a>> {
        // Only Kamal 1 has this key, and its proxy is Traefik, which finds the port by itself.
        if !self.destination.root.get("traefik").is_absent() {
            return None;
        }
        let root = match self.destination.root.get("proxy") {
            Answer::Is(root) => Some(root.value),
            Answer::Absent(_) => None,
            Answer::Unknown(..) => return None,
        };
        let (own, on): (Option<Setting<'a>>, bool) = match self.get("proxy") {
            Answer::Is(own) if own.is_mapping() => (Some(own.value), true),
            Answer::Is(own) => (None, *own.boolean().known()?),
            Answer::Absent(_) => (None, self.is_primary()),
            Answer::Unknown(..) => return None,
        };
        let setting = match (root, own) {
            (Some(root), Some(own)) => Some(root.under(own)),
            (root, own) => root.or(own),
        };
        on.then(|| Proxy {
            root: self.destination.root.clone(),
            setting,
        })
    }

    /// The variables of its containers that Kamal sets.
    pub fn environment(&self) -> &Environment<'a> {
        let layers = || [self.destination.root.get("env"), self.get("env")];
        let known = &self.known.environment;
        known.get_or_init(|| Environment::of(layers()))
    }

    /// What `cmd` says, split as the host's shell splits it.
    pub fn command(&self) -> Answer<Vec<String>> {
        self.get("cmd")
            .and_then(|setting| setting.text())
            .and_then(|command| {
                let script = shell::parse(&command);
                let words: Option<Vec<String>> = match script.commands().as_slice() {
                    [only] => only.words.iter().map(shell::Word::literal).collect(),
                    _ => None,
                };
                match words {
                    Some(words) => {
                        Answer::Is(command.map(|_| words).labelled("the role's command"))
                    }
                    None => Answer::Unknown(command.origin.place, Why::Dynamic),
                }
            })
    }

    /// What of `cmd` is for the shell of the server and never gets into the container: an operator
    /// such as `&&`, or a variable. Kamal writes `cmd` at the end of `docker run` as it stands
    /// (kamal 2.12 `lib/kamal/commands/app.rb`).
    pub fn host_shell_syntax(&self) -> Option<Fact<HostShell>> {
        let command = self.get("cmd").and_then(|setting| setting.text()).known()?;
        let script = shell::parse(command.trim());
        if !script.errors.is_empty() || script.statements.is_empty() {
            return None;
        }
        let [shell::Statement::Command(only)] = script.statements.as_slice() else {
            return Some(
                command
                    .map(|_| HostShell::Several)
                    .labelled("the role's command"),
            );
        };
        if let Some(redirect) = only.redirects.first() {
            let operator = redirect.operator.clone();
            return Some(command.map(|_| HostShell::Redirect(operator)));
        }
        let parts = only.words.iter().flat_map(|word| &word.parts);
        let variable = parts.filter_map(|part| match &part.value {
            shell::Part::Parameter { name, .. } => Some(name.clone()),
            _ => None,
        });
        let name = variable.into_iter().next()?;
        Some(
            command
                .map(|_| HostShell::Variable(name))
                .labelled("the role's command"),
        )
    }

    /// What its containers run, once the image's entrypoint is through.
    pub fn process(&self) -> Option<Fact<Process>> {
        let known = &self.known.process;
        known.get_or_init(|| process::of_role(self)).clone()
    }

    /// What its containers run, if that is a web server.
    pub fn web_server(&self) -> Option<Fact<Process>> {
        self.process()
            .filter(|process| matches!(process.value, Process::Web(_)))
    }

    /// The port that its containers listen on for HTTP: Thruster's, or Puma's where it stands
    /// alone. Nothing if the role serves no HTTP or the port cannot be told.
    pub fn listening_port(&self) -> Option<Fact<u16>> {
        ports::listening_port(self)
    }

    /// The port of the server that Thruster stands in front of; absent without Thruster.
    pub fn port_behind_thruster(&self) -> Answer<u16> {
        ports::port_behind_thruster(self)
    }

    /// A key of it.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        self.setting.get(key)
    }

    /// Whether it may have a proxy or not: a condition decides what `proxy` is.
    pub fn has_undecided_proxy(&self) -> bool {
        self.destination.root.get("proxy").is_unknown() || self.get("proxy").is_unknown()
    }
}

/// What the server's shell takes out of a role's command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostShell {
    /// Several commands: the first is the container's, the others run on the server.
    Several,
    /// Input or output of `docker run` itself.
    Redirect(String),
    /// A variable, which has the server's value.
    Variable(String),
}

/// What kamal-proxy is told for a role.
#[derive(Clone, Debug)]
pub struct Proxy<'a> {
    root: Setting<'a>,
    setting: Option<Setting<'a>>,
}

impl<'a> Proxy<'a> {
    /// A key of it.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        match &self.setting {
            Some(setting) => setting.get(key),
            None => self.root.dig(&["proxy", key]),
        }
    }

    /// The port of the container that requests are forwarded to.
    pub fn app_port(&self) -> Answer<u16> {
        let port = self.get("app_port").and_then(|setting| setting.integer());
        match port {
            Answer::Absent(slot) => {
                let default = Fact::default(APP_PORT, DEFAULTS, "proxy.app_port");
                Answer::Is(default.because(Origin::at(slot, "no `app_port` here")))
            }
            port => port.and_then(|port| match u16::try_from(*port) {
                Ok(number) => {
                    Answer::Is(port.map(|_| number).labelled("kamal-proxy forwards here"))
                }
                Err(_) => Answer::Unknown(
                    port.origin.place,
                    Why::NotRead(format!("{} is no port", port.value)),
                ),
            }),
        }
    }

    /// Where `app_port` is set, or would be.
    pub fn app_port_place(&self) -> Place {
        self.get("app_port").place().clone()
    }

    /// Sets a key of it, in the lowest file that configures a proxy for the role.
    pub fn set(&self, key: &str, value: &str) -> Option<Changes> {
        match &self.setting {
            Some(setting) => setting.set(&[key], value),
            None => self.root.set(&["proxy", key], value),
        }
    }
}

/// The hosts of several roles, each once, in order.
pub fn distinct_hosts(roles: &[Role<'_>]) -> Vec<Fact<String>> {
    let mut hosts: Vec<Fact<String>> = roles.iter().flat_map(Role::hosts).collect();
    hosts.sort_by(|one, other| one.value.cmp(&other.value));
    hosts.dedup_by(|one, other| one.value == other.value);
    hosts
}
