//! Values that only the owner of an app knows and that a generator has put something in the place of.
//!
//! Upstream: kamal 2.12 `lib/kamal/cli/templates/deploy.yml`, rails 8.1 `config/deploy.yml.tt`.

use crate::fact::{Answer, Fact};
use crate::facts::kamal::{Accessory, Destination, Role};

/// A value that stands for one that only the user knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `<…>`, as `init` writes it: nobody writes that for anything else.
    Marked,
    /// `REPLACE_WITH_…`, or a name that is reserved for documentation.
    Reserved,
    /// What `kamal init`, `rails new` and examples have; it could be somebody's own.
    Scaffolded,
}

/// Hosts and names of the files that `kamal init` and `rails new` write.
const SCAFFOLDED: [&str; 3] = ["192.168.0.1", "192.168.0.2", "my-app"];

/// Users that an account at a registry has the name of.
const USERS: [&str; 3] = ["my-user", "your-user", "your-username"];

/// Domains that examples have.
const DOMAINS: [&str; 2] = ["your-domain.com", "yourdomain.com"];

/// Registries of many, where the first part of an image's name is an account.
const SHARED_REGISTRIES: [&str; 8] = [
    "docker.io",
    "ghcr.io",
    "hub.docker.com",
    "index.docker.io",
    "quay.io",
    "registry.digitalocean.com",
    "registry.gitlab.com",
    "registry.hub.docker.com",
];

impl Placeholder {
    /// Reads a value of `config/deploy.yml`.
    pub fn of(value: &str) -> Option<Self> {
        let value = value.trim();
        if is_marked(value) {
            return Some(Self::Marked);
        }
        let is_within = |domain: &str| {
            let rest = value.strip_suffix(domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if is_within("example.com") || value.contains("REPLACE_WITH_") || value == "REPLACE_ME" {
            return Some(Self::Reserved);
        }
        let is_scaffolded = SCAFFOLDED.contains(&value)
            || USERS.contains(&account(value))
            || DOMAINS.into_iter().any(is_within);
        is_scaffolded.then_some(Self::Scaffolded)
    }
}

/// Whether a value of `config/deploy.yml` is not the user's yet.
pub fn is_placeholder(value: &str) -> bool {
    Placeholder::of(value).is_some()
}

/// The part of an image's name that is an account.
fn account(image: &str) -> &str {
    image.split_once('/').map_or(image, |(user, _)| user)
}

/// Whether a value has a piece like `<server-address>`.
fn is_marked(value: &str) -> bool {
    value.split('<').skip(1).any(|piece| {
        piece.split_once('>').is_some_and(|(name, _)| {
            name.starts_with(|first: char| first.is_alphabetic())
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || " -_'.".contains(c))
        })
    })
}

impl Destination<'_> {
    /// What in it is not the user's yet, by its key. A value that every destination replaces is left
    /// out, and so is an account in a registry that has none.
    pub fn placeholders(&self) -> Vec<(String, Fact<String>, Placeholder)> {
        let found = self.scalars().into_iter().filter_map(|(key, value)| {
            let placeholder = Placeholder::of(&value)?;
            let is_account = key == "image" && placeholder == Placeholder::Scaffolded;
            (!is_account || self.has_accounts()).then_some((key, value, placeholder))
        });
        let found: Vec<_> = found.collect();
        if found.is_empty() || self.name().is_some() || self.deploy_job().is_some() {
            return found;
        }
        let destinations = self.app().destinations();
        let completed: Vec<_> = destinations
            .iter()
            .filter(|other| other.option().is_some())
            .map(Destination::scalars)
            .collect();
        let is_kept = |value: &Fact<String>| {
            completed.is_empty()
                || completed
                    .iter()
                    .flatten()
                    .any(|(_, kept)| kept.origin.place == value.origin.place)
        };
        found
            .into_iter()
            .filter(|(_, value, _)| is_kept(value))
            .collect()
    }

    /// Whether the registry surely wants an account in the image's name.
    fn has_accounts(&self) -> bool {
        match self.registry_server() {
            Answer::Is(server) => SHARED_REGISTRIES.contains(&server.as_str()),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        }
    }

    /// A server of a file that is still somebody's sample, which nobody deploys by: no server of any
    /// destination is real, no workflow deploys, and nothing is marked as `init` marks it.
    pub fn sample_server(&self) -> Option<Fact<String>> {
        let all = self.app().destinations();
        let is_sample = all.iter().all(Destination::is_sample);
        self.servers().into_iter().next().filter(|_| is_sample)
    }

    fn servers(&self) -> Vec<Fact<String>> {
        let roles = self.roles();
        let accessories = self.accessories();
        let of_accessories = accessories.iter().flat_map(Accessory::hosts);
        roles
            .iter()
            .flat_map(Role::hosts)
            .chain(of_accessories)
            .collect()
    }

    fn is_sample(&self) -> bool {
        let is_marked = |value: &str| Placeholder::of(value) == Some(Placeholder::Marked);
        self.has_settled_roles()
            && self.roles().iter().all(Role::has_settled_hosts)
            && self.servers().iter().all(|host| is_sample_server(host))
            && !self.scalars().iter().any(|(_, value)| is_marked(value))
            && self.deploy_job().is_none()
    }

    /// Whether nobody deploys by it as it is: it is a sample, and the file that secrets are looked up
    /// in, which `rails new` and `kamal init` write beside it, is not there.
    pub fn is_abandoned(&self) -> bool {
        self.secrets().sources().is_empty() && self.sample_server().is_some()
    }
}

/// Whether no server has that address, or only one of a sample: 192.0.2.0/24 is reserved for documentation
/// (RFC 5737).
fn is_sample_server(host: &str) -> bool {
    host.starts_with("192.0.2.")
        || matches!(
            Placeholder::of(host),
            Some(Placeholder::Reserved | Placeholder::Scaffolded)
        )
}

#[cfg(test)]
mod tests {
    use super::Placeholder;

    #[test]
    fn placeholders_are_told_from_values() {
        for (value, known) in [
            ("<server-address>", Some(Placeholder::Marked)),
            ("REPLACE_WITH_SERVER_IP", Some(Placeholder::Reserved)),
            ("app.example.com", Some(Placeholder::Reserved)),
            ("app.yourdomain.com", Some(Placeholder::Scaffolded)),
            ("your-user/harbour", Some(Placeholder::Scaffolded)),
            ("notyourdomain.com", None),
            ("myexample.com", None),
            ("a < b > c", None),
            ("203.0.113.10", None),
        ] {
            assert_eq!(Placeholder::of(value), known, "{value}");
        }
    }
}
