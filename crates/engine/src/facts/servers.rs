//! The names by which roles reach servers, and the servers that accessories are.

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::database::Database;
use crate::facts::kamal::{Accessory, Destination, Environment, Role, Variable};
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

impl<'a> Destination<'a> {
    /// The one accessory that is a database server.
    pub fn database_accessory(&self) -> Option<Accessory<'a>> {
        let servers: Vec<Accessory<'a>> = self
            .accessories()
            .into_iter()
            .filter(|accessory| accessory.store().is_some())
            .collect();
        <[Accessory<'a>; 1]>::try_from(servers)
            .ok()
            .map(|[only]| only)
    }

    /// Whether an accessory lets users in without a password.
    pub fn has_open_database(&self) -> bool {
        const OPEN: [&str; 4] = [
            "POSTGRES_HOST_AUTH_METHOD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_ALLOW_EMPTY_PASSWORD",
        ];
        self.accessories().iter().any(|accessory| {
            let environment = accessory.environment();
            OPEN.iter()
                .any(|name| !environment.variable(name).is_absent())
        })
    }

    /// A volume for files of the app that have to outlive a deploy, as Rails' own `deploy.yml`
    /// names it.
    pub fn storage_volume(&self, path: &str) -> Option<String> {
        Some(format!("{}_storage:{path}", self.service().known()?.value))
    }
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

    /// The user that its image creates when it first boots; nothing where a script may create
    /// others.
    pub fn created_user(&self) -> Option<Fact<String>> {
        let store = self.store()?;
        let mounts = self.mounts()?;
        if mounts.iter().any(|mount| mount.target.contains("initdb")) {
            return None;
        }
        let environment = self.environment();
        let user = match store.service {
            "PostgreSQL" => given(&environment, "POSTGRES_USER"),
            "MySQL" | "Percona Server" => given(&environment, "MYSQL_USER"),
            "MariaDB" => {
                given(&environment, "MARIADB_USER").or_else(|| given(&environment, "MYSQL_USER"))
            }
            _ => return None,
        };
        match user {
            Answer::Is(user) => Some(user.labelled("the accessory's user")),
            // docker-library postgres, `docker-entrypoint.sh`: `file_env 'POSTGRES_USER' 'postgres'`.
            Answer::Absent(_) if store.service == "PostgreSQL" => Some(
                store
                    .map(|_| "postgres".to_owned())
                    .labelled("creates the user postgres"),
            ),
            Answer::Absent(_) | Answer::Unknown(..) => None,
        }
    }
}

fn given(environment: &Environment<'_>, name: &str) -> Answer<String> {
    match environment.variable(name) {
        Answer::Is(fact) => match fact.value.clone() {
            Variable::Clear(text) => Answer::Is(fact.map(|_| text)),
            Variable::Secret => Answer::Unknown(
                fact.origin.place,
                crate::fact::Why::NotRead("its value is a secret".to_owned()),
            ),
        },
        Answer::Absent(place) => Answer::Absent(place),
        Answer::Unknown(place, why) => Answer::Unknown(place, why),
    }
}

impl Database<'_> {
    /// Whether it is meant to have tables that the primary database has not.
    pub fn has_own_tables(&self) -> bool {
        self.schema_file().is_known() && !self.setting().get("migrations_paths").is_absent()
    }

    /// Whether it holds nothing that is missed: the cache, or messages that were delivered.
    pub fn is_expendable(&self) -> bool {
        ["cache", "cable"].contains(&self.name().as_str())
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
