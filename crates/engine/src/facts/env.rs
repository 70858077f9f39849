//! What `env` sections say that containers do not get.

use crate::fact::{Answer, Fact};
use crate::facts::kamal::{Accessory, Destination, Role, container_name};
use crate::facts::setting::{Setting, Shape};

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

/// The plain values of an `env` section.
fn values<'a>(env: &Setting<'a>) -> Vec<(Fact<String>, Setting<'a>)> {
    let sections = ["clear", "secret", "tags"];
    let members = env.members();
    let has_sections = members
        .iter()
        .any(|member| sections.contains(&member.name.as_str()));
    let members = if has_sections {
        let clear = env.get("clear").known();
        clear.map_or_else(Vec::new, |clear| clear.members())
    } else {
        members
    };
    members
        .into_iter()
        .map(|member| (member.name, member.value))
        .collect()
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

    /// The plain values that are texts without anything in them.
    pub fn blank_variables(&self) -> Vec<(Fact<String>, Setting<'a>)> {
        let is_blank = |value: &Setting<'a>| value.shape() == Shape::Text && value.is_blank();
        let variables = self.clear_variables().into_iter();
        variables.filter(|(_, value)| is_blank(value)).collect()
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
