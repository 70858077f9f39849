//! The names by which roles reach other servers: in variables and in `config/database.yml`.

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::database::Database;
use crate::facts::kamal::{Accessory, Role};
use crate::facts::setting::Setting;

/// A server's name, where a role's containers are told it.
#[derive(Clone, Debug)]
pub struct ServerName<'a> {
    /// The name.
    pub name: String,
    /// What is written: the name, or a URL with it.
    written: String,
    setting: Setting<'a>,
}

impl ServerName<'_> {
    /// Writes another name there.
    pub fn renamed(&self, name: &str) -> Option<Changes> {
        self.setting
            .replace(&self.written.replacen(&self.name, name, 1))
    }
}

impl<'a> Role<'a> {
    /// The servers that its variables and `config/database.yml` name, as far as they stand in the
    /// files: URLs, and variables that are called a host.
    pub fn server_names(&self) -> Vec<Fact<ServerName<'a>>> {
        let databases = self.destination().app().databases().known();
        let databases = databases.map_or_else(Vec::new, |databases| databases.value);
        let read: Vec<String> = databases
            .iter()
            .filter_map(|database| Some(database.host().known()?.variable()?.to_owned()))
            .collect();
        let environment = self.environment();
        let variables = environment.clear().iter().filter(|(name, setting)| {
            let is_host = name.ends_with("HOST") || read.contains(&name.value);
            is_host
                || setting
                    .text()
                    .known()
                    .is_some_and(|text| text.contains("://"))
        });
        let hosts = databases
            .iter()
            .filter(|database| database.has_no_url(self))
            .filter_map(|database| Some(database.setting().get("host").known()?.value));
        let mut names: Vec<Fact<ServerName<'a>>> = Vec::new();
        for setting in variables.map(|(_, setting)| setting.clone()).chain(hosts) {
            let Some(text) = setting.text().known() else {
                continue;
            };
            let name = host_of(&text).to_owned();
            let written = text.value.clone();
            if names
                .iter()
                .all(|known| known.origin.place != text.origin.place)
            {
                names.push(text.map(|_| ServerName {
                    name,
                    written,
                    setting,
                }));
            }
        }
        names
    }

    /// Whether names may mean something else in its containers than on Kamal's network.
    pub fn has_network_of_its_own(&self) -> bool {
        ["add-host", "network", "net", "dns"]
            .iter()
            .any(|option| !self.option(option).is_absent())
    }

    /// Whether a database may be reached over a socket of the server that is mounted.
    pub fn has_socket(&self, database: &Database<'_>) -> bool {
        !database.setting().get("socket").is_absent()
            || self.mounts().is_none_or(|mounts| {
                mounts.iter().any(|mount| {
                    ["/run", "/var/run", "/tmp"]
                        .iter()
                        .any(|folder| mount.target.starts_with(folder))
                })
            })
    }
}

/// The host in a URL; of other texts all.
fn host_of(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("://") else {
        return text;
    };
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.rsplit('@').next().unwrap_or(authority);
    host.split(':').next().unwrap_or(host)
}

impl Accessory<'_> {
    /// Whether containers reach it by another name than Kamal gives it, or may.
    pub fn has_alias(&self, name: &str) -> bool {
        ["network-alias", "name", "link"].iter().any(|option| {
            match self.get("options").and_then(|options| options.get(option)) {
                Answer::Is(alias) => alias.texts().iter().any(|alias| alias.value == name),
                Answer::Absent(_) => false,
                Answer::Unknown(..) => true,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn hosts_are_found_in_urls() {
        for (text, host) in [
            ("harbour-db", "harbour-db"),
            ("redis://harbour-redis:6379/0", "harbour-redis"),
            (
                "postgres://user:p%40ss@harbour-db/harbour?pool=5",
                "harbour-db",
            ),
            ("http://search", "search"),
        ] {
            assert_eq!(host_of(text), host, "{text}");
        }
    }
}
