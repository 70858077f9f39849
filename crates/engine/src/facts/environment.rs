//! The variables of containers: what `env` gives them, and what it says that they do not get.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/{env,env/tag}.rb`.

use syntax::shell::{self, Part};

use crate::fact::{Answer, Fact, Origin, Place, Why};
use crate::facts::App;
use crate::facts::boot::fetched_by;
use crate::facts::kamal::{Accessory, Destination, FILE, Role};
use crate::facts::setting::{Setting, Shape};
use crate::render::redact::is_secret_name;

/// The variables that Kamal gives a container: those of the root and those of a role on top.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    clear: Vec<(Fact<String>, Setting<'a>)>,
    secret: Vec<Fact<String>>,
    settled: bool,
    slot: Option<Setting<'a>>,
}

/// What a container's variable is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variable {
    /// A value that stands in the file.
    Clear(String),
    /// A value that only the secrets know.
    Secret,
}

impl<'a> Environment<'a> {
    pub(super) fn of(layers: impl IntoIterator<Item = Answer<Setting<'a>>>) -> Self {
        let mut environment = Self {
            clear: Vec::new(),
            secret: Vec::new(),
            settled: true,
            slot: None,
        };
        for layer in layers {
            match layer {
                Answer::Is(env) => environment.add(&env),
                Answer::Absent(_) => {}
                Answer::Unknown(..) => environment.settled = false,
            }
        }
        environment
    }

    /// Lays an `env` section on top: either plain variables, or `clear` and `secret` apart.
    fn add(&mut self, env: &Setting<'a>) {
        let clear = clear_of(env);
        // A tag sets variables on some hosts only, so that nothing is sure for the role.
        self.settled &= env.is_settled() && !clear.is_unknown() && env.get("tags").is_absent();
        if let Answer::Is(clear) = &clear {
            self.settled &= clear.is_settled();
            for member in clear.members() {
                self.clear
                    .retain(|(name, _)| name.value != member.name.value);
                self.clear.push((member.name, member.value));
            }
        }
        match env.get("secret") {
            Answer::Is(secret) => {
                self.settled &= secret.is_settled();
                // `NAME:SOURCE` gives the variable NAME what the secrets call SOURCE (kamal 2.6).
                self.secret.extend(secret.texts());
            }
            Answer::Absent(_) => {}
            Answer::Unknown(..) => self.settled = false,
        }
        self.slot.get_or_insert_with(|| env.clone());
    }

    /// What a variable is set to. Clear wins over secret, as `--env` wins over `--env-file`.
    pub fn variable(&self, name: &str) -> Answer<Variable> {
        if let Some((_, setting)) = self.clear.iter().find(|(key, _)| key.value == name) {
            return setting.text().map(Variable::Clear);
        }
        if let Some(secret) = self
            .secret
            .iter()
            .find(|secret| container_name(secret) == name)
        {
            return Answer::Is(Fact::new(Variable::Secret, secret.origin.clone()));
        }
        let slot = match &self.slot {
            Some(env) => env.slot(&format!("clear.{name}")),
            None => Place::File(FILE.into()),
        };
        if self.settled {
            Answer::Absent(slot)
        } else {
            Answer::Unknown(slot, Why::Conditional)
        }
    }

    /// The text that a variable is set to; unknown if only the secrets have it.
    pub fn text(&self, name: &str) -> Answer<String> {
        self.variable(name)
            .and_then(|variable| match variable.value.clone() {
                Variable::Clear(text) => Answer::Is(variable.map(|_| text)),
                Variable::Secret => Answer::Unknown(
                    variable.origin.place,
                    Why::NotRead("its value is a secret".to_owned()),
                ),
            })
    }

    /// The variables that stand in the file.
    pub fn clear(&self) -> &[(Fact<String>, Setting<'a>)] {
        &self.clear
    }

    /// The names of the secrets, as the file writes them.
    pub fn secret(&self) -> &[Fact<String>] {
        &self.secret
    }

    /// Whether all variables are known.
    pub fn is_settled(&self) -> bool {
        self.settled
    }
}

/// The variable's name in the container, of `NAME` or `NAME:SOURCE`.
pub fn container_name(secret: &str) -> &str {
    secret.split_once(':').map_or(secret, |(name, _)| name)
}

/// What the secrets call it, of `NAME` or `NAME:SOURCE`.
pub fn source_name(secret: &str) -> &str {
    secret.split_once(':').map_or(secret, |(_, source)| source)
}

/// Whether an `env` section has its variables below `clear` and `secret`, rather than plainly.
pub(super) fn has_sections(env: &Setting<'_>) -> bool {
    let sections = ["clear", "secret", "tags"];
    env.members()
        .iter()
        .any(|member| sections.contains(&member.name.as_str()))
}

/// The plain variables of an `env` section.
fn clear_of<'a>(env: &Setting<'a>) -> Answer<Setting<'a>> {
    if has_sections(env) {
        return env.get("clear");
    }
    Answer::Is(Fact::new(env.clone(), Origin::at(env.place(), "set here")))
}

/// A secret that containers do not get, because a plain value has its name.
#[derive(Clone, Debug)]
pub struct Hidden<'a> {
    /// The secret, as the list has it.
    pub secret: Fact<String>,
    /// The plain value's key.
    pub name: Fact<String>,
    /// The plain value.
    pub clear: Setting<'a>,
}

impl<'a> Role<'a> {
    /// The secrets that a plain value hides. A role that gives a value for a secret of all roles means
    /// it so, and so does a destination's file.
    pub fn hidden_secrets(&self) -> Vec<Hidden<'a>> {
        let root = self.destination().root();
        hidden([root.get("env"), self.get("env")], root)
    }
}

impl<'a> Accessory<'a> {
    /// The secrets that a plain value hides.
    pub fn hidden_secrets(&self) -> Vec<Hidden<'a>> {
        hidden([self.get("env")], self.destination().root())
    }
}

/// The secrets of each section that a plain value of the same one or of one before it hides.
fn hidden<'a>(
    sections: impl IntoIterator<Item = Answer<Setting<'a>>>,
    root: &Setting<'a>,
) -> Vec<Hidden<'a>> {
    let mut plain: Vec<(Fact<String>, Setting<'a>)> = Vec::new();
    let mut hidden = Vec::new();
    for section in sections.into_iter().filter_map(Answer::known) {
        plain.extend(values(&section));
        let secrets = section.get("secret").known();
        for secret in secrets.iter().flat_map(|secrets| secrets.texts()) {
            let same = plain
                .iter()
                .find(|(name, _)| name.value == container_name(&secret));
            let Some((name, clear)) = same else { continue };
            if is_address(name) {
                continue;
            }
            let height = |fact: &Fact<String>| root.height(fact.origin.place.path()?);
            if height(name) <= height(&secret) {
                hidden.push(Hidden {
                    secret,
                    name: name.clone(),
                    clear: clear.clone(),
                });
            }
        }
    }
    hidden
}

/// Whether a variable tells where a server is, which is no secret: the one beside it is only superfluous.
fn is_address(name: &str) -> bool {
    ["_HOST", "_HOSTNAME", "_PORT", "_REGION"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The plain values of an `env` section.
fn values<'a>(env: &Setting<'a>) -> Vec<(Fact<String>, Setting<'a>)> {
    let clear = clear_of(env).known();
    let members = clear.map_or_else(Vec::new, |clear| clear.members());
    members
        .into_iter()
        .map(|member| (member.name, member.value))
        .collect()
}

impl App<'_> {
    /// Whether a file of Ruby that is read stops where a variable is not set.
    fn fetches(&self, variable: &str) -> bool {
        let ruby = self
            .tree()
            .sources()
            .filter(|source| source.path().name().strip_suffix(".rb").is_some());
        ruby.flat_map(|source| source.ruby().calls.iter().map(move |call| (source, call)))
            .any(|(source, call)| fetched_by(source, call) == Some(variable))
    }
}

impl<'a> Destination<'a> {
    /// The plain values of all `env` sections: of all roles, of each, of tags and of accessories.
    pub fn clear_variables(&self) -> Vec<(Fact<String>, Setting<'a>)> {
        let root = self.root().get("env");
        let tags = self.root().dig(&["env", "tags"]).known();
        let tags = tags.map_or_else(Vec::new, |tags| tags.members());
        let below = self.roles().into_iter().map(|role| role.get("env")).chain(
            self.accessories()
                .into_iter()
                .map(|accessory| accessory.get("env")),
        );
        std::iter::once(root)
            .chain(below)
            .filter_map(Answer::known)
            .map(|env| env.value)
            .chain(tags.into_iter().map(|tag| tag.value))
            .flat_map(|env| values(&env))
            .collect()
    }

    /// The plain values that are texts without anything in them, of variables that something needs: a
    /// secret by its name, or one that a file of Ruby fetches without a default.
    pub fn blank_variables(&self) -> Vec<(Fact<String>, Setting<'a>)> {
        let is_blank = |value: &Setting<'a>| value.shape() == Shape::Text && value.is_blank();
        let variables = self.clear_variables().into_iter();
        variables
            .filter(|(name, value)| {
                is_blank(value) && (is_secret_name(name) || self.app().fetches(name))
            })
            .collect()
    }
}

/// A value that the shell of the server changes before a container gets it.
#[derive(Clone, Debug)]
pub struct OfShell {
    /// Its dotted key.
    pub key: String,
    /// The value.
    pub value: Fact<String>,
    /// The variable in it.
    pub variable: String,
    /// Whether it is written `$$NAME`.
    pub is_doubled: bool,
}

/// Variables that the shell of a server has.
const OF_SERVERS: [&str; 8] = [
    "HOME", "HOSTNAME", "LANG", "LOGNAME", "PATH", "PWD", "SHELL", "USER",
];

impl Destination<'_> {
    /// Plain values and commands of accessories with variables that the shell of the server fills in.
    /// Kamal hands `${NAME}` of a value on to it, and all of a command (kamal 2.12
    /// `lib/kamal/utils.rb`, `escape_shell_value`; `lib/kamal/commands/accessory.rb`, `run`).
    pub fn shell_variables(&self) -> Vec<OfShell> {
        let variables = self.clear_variables().into_iter();
        let values = variables.filter_map(|(_, setting)| {
            let value = setting.text().known()?;
            let variable = braced(&value)?.to_owned();
            Some(OfShell {
                key: setting.key(),
                value: value.labelled("filled in on the server"),
                variable,
                is_doubled: false,
            })
        });
        let accessories = self.accessories();
        let commands = accessories.iter().filter_map(|accessory| {
            let setting = accessory.get("cmd").known()?;
            let value = setting.text().known()?;
            let doubled = value.split_once("$$").map(|(_, rest)| name_at(rest));
            let (variable, is_doubled) = match doubled.filter(|name| !name.is_empty()) {
                Some(name) => (name.to_owned(), true),
                None => (expanded(&value)?, false),
            };
            Some(OfShell {
                key: setting.key(),
                value: value.labelled("run by the shell of the server"),
                variable,
                is_doubled,
            })
        });
        values.chain(commands).collect()
    }
}

/// The first `${NAME}` in a value that a server's shell has no variable for.
fn braced(value: &str) -> Option<&str> {
    let pieces = value.split("${").skip(1);
    pieces
        .filter_map(|piece| piece.split_once('}'))
        .map(|(name, _)| name)
        .find(|name| !name.is_empty() && name_at(name) == *name && !OF_SERVERS.contains(name))
}

/// The first variable of a command, outside single quotes, that a server's shell does not have.
fn expanded(command: &str) -> Option<String> {
    let script = shell::parse(command);
    let commands = script.commands().into_iter();
    let words = commands.flat_map(|command| &command.words);
    let mut parts = words.flat_map(|word| &word.parts);
    parts.find_map(|part| match &part.value {
        Part::Parameter {
            name,
            operation: None,
            ..
        } => {
            let is_own = name_at(name) != name || OF_SERVERS.contains(&name.as_str());
            (!is_own).then(|| name.clone())
        }
        _ => None,
    })
}

/// The name of a variable that a text begins with.
fn name_at(text: &str) -> &str {
    let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    let name = &text[..end];
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        ""
    } else {
        name
    }
}

/// A tag that a host has.
#[derive(Clone, Debug)]
pub struct HostTag {
    /// The tag.
    pub tag: Fact<String>,
    /// The host that has it.
    pub host: String,
}

impl Role<'_> {
    /// The tags of its hosts.
    pub fn tags(&self) -> Vec<HostTag> {
        let list = if self.setting().is_sequence() {
            Some(self.setting().clone())
        } else {
            self.get("hosts").known().map(|hosts| hosts.value)
        };
        let hosts = list.iter().flat_map(Setting::items);
        hosts
            .filter_map(|host| host.members().into_iter().next())
            .flat_map(|host| {
                let tags = host.value.texts().into_iter();
                tags.map(move |tag| HostTag {
                    tag: tag.labelled("the tag"),
                    host: host.name.value.clone(),
                })
                .collect::<Vec<_>>()
            })
            .collect()
    }
}

impl Destination<'_> {
    /// The names below `env.tags`; nothing where they cannot be told.
    pub fn env_tags(&self) -> Option<Vec<Fact<String>>> {
        match self.root().dig(&["env", "tags"]) {
            Answer::Is(tags) => {
                let names = tags.answers().into_iter().map(|(name, _)| name).collect();
                tags.is_settled().then_some(names)
            }
            Answer::Absent(_) => Some(Vec::new()),
            Answer::Unknown(..) => None,
        }
    }

    /// The tags that accessories run on hosts of.
    pub fn accessory_tags(&self) -> Vec<Fact<String>> {
        let accessories = self.accessories();
        accessories.iter().flat_map(Accessory::tags).collect()
    }
}

impl Accessory<'_> {
    /// The tags of the hosts that it runs on.
    pub fn tags(&self) -> Vec<Fact<String>> {
        ["tag", "tags"]
            .into_iter()
            .filter_map(|key| self.get(key).known())
            .flat_map(|tags| tags.texts())
            .collect()
    }
}
