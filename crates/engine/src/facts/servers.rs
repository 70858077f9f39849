//! The names by which roles reach other servers: in variables and in `config/database.yml`.

use crate::change::Changes;
use crate::fact::{Answer, Fact, Place};
use crate::facts::database::{Adapter, Database};
use crate::facts::kamal::{Accessory, Destination, Role, container_name, source_name};
use crate::facts::process;
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

/// A URL that leads into the container that it is given to.
#[derive(Clone, Debug)]
pub struct UrlToItself {
    /// The variable.
    pub variable: Fact<String>,
    /// What is looked for: `Redis`, `PostgreSQL`…
    pub service: &'static str,
    /// `localhost`, or what is the same.
    pub host: String,
    /// What reads the variable.
    pub reader: Fact<()>,
}

/// Schemes of servers: how they begin, and what is looked for.
const SERVERS: [(&str, &str); 5] = [
    ("mysql", "MySQL"),
    ("postgis", "PostgreSQL"),
    ("postgres", "PostgreSQL"),
    ("redis", "Redis"),
    ("trilogy", "MySQL"),
];

/// What answers as another server does.
const COMPATIBLE: [(&str, &str); 5] = [
    ("Dragonfly", "Redis"),
    ("KeyDB", "Redis"),
    ("MariaDB", "MySQL"),
    ("Percona Server", "MySQL"),
    ("Valkey", "Redis"),
];

/// What an image or its entrypoint has in it that runs a server or a way to one beside the app.
const BESIDE: [&str; 9] = [
    "cloud_sql_proxy",
    "cloud-sql-proxy",
    "mysqld",
    "pg_ctl",
    "pgbouncer",
    "redis-server",
    "stunnel",
    "supervisor",
    "s6-overlay",
];

impl Role<'_> {
    /// The URLs of servers that lead into its own containers, where none of them can be; those that
    /// something of the app surely reads.
    pub fn urls_to_itself(&self) -> Vec<UrlToItself> {
        let Some(stage) = process::stage(self) else {
            return Vec::new();
        };
        let runs_beside = |name: &str| {
            stage.image().mentions(name) || self.destination().entrypoint_mentions(name)
        };
        if BESIDE.iter().any(|name| runs_beside(name)) {
            return Vec::new();
        }
        let environment = self.environment();
        let clear = environment.clear();
        let plain = clear.iter().filter_map(|(name, setting)| {
            let text = setting.text().known()?;
            let own = url_to_itself(&text)?;
            Some((text.map(|_| name.value.clone()).labelled("set here"), own))
        });
        let secrets = self.destination().secrets();
        let is_hidden = |name: &str| clear.iter().any(|(plain, _)| plain.value == name);
        let names = environment.secret().iter();
        let secret = names.filter_map(|secret| {
            let name = container_name(secret);
            let own = secrets.url_to_itself(source_name(secret))?;
            let written = own.value.clone();
            let variable = own.map(|_| name.to_owned()).because(secret.origin.clone());
            (!is_hidden(name)).then_some((variable, written))
        });
        plain
            .chain(secret)
            .filter_map(|(variable, (scheme, host))| {
                let (_, service) = SERVERS
                    .into_iter()
                    .find(|(begins, _)| scheme.starts_with(begins))?;
                let reader = self.reader(&variable, service)?;
                Some(UrlToItself {
                    variable,
                    service,
                    host,
                    reader,
                })
            })
            .collect()
    }

    /// Whether such a URL stands at a place.
    pub fn has_url_to_itself_at(&self, place: &Place) -> bool {
        let mut urls = self.urls_to_itself().into_iter();
        urls.any(|url| url.variable.origin.place == *place)
    }

    /// What of the app surely reads a variable with the URL of a server.
    fn reader(&self, variable: &str, service: &str) -> Option<Fact<()>> {
        let app = self.destination().app();
        if service == "Redis" {
            // Both take `REDIS_URL` where they are told nothing.
            let gems = ["sidekiq", "redis"].into_iter();
            let mut shipped = gems.filter_map(|gem| app.gems().shipped(gem).known());
            let gem = (variable == "REDIS_URL").then(|| shipped.next()).flatten();
            return gem.map(|gem| gem.map(|_| ()).labelled("reads it"));
        }
        let databases = app.databases().known()?;
        databases.iter().find_map(|database| {
            let by_name = database.url_variables().iter().any(|name| name == variable);
            let by_file = database.url().known();
            let by_file = by_file.is_some_and(|url| url.variable() == Some(variable));
            let is_server = *database.adapter().known()? != Adapter::Sqlite;
            let reads = (by_name || by_file) && is_server;
            reads.then(|| database.name().clone().map(|_| ()).labelled("the database"))
        })
    }
}

impl Destination<'_> {
    /// The name of the accessory that is such a server, or answers as one.
    pub fn accessory_name_of(&self, service: &str) -> Option<Fact<String>> {
        let is_meant = |accessory: &Accessory<'_>| {
            accessory
                .private_service()
                .is_some_and(|own| own == service || COMPATIBLE.contains(&(own, service)))
        };
        let accessories = self.accessories().into_iter();
        accessories
            .filter(is_meant)
            .find_map(|accessory| accessory.host_name())
    }
}

/// Whether a host is the container itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    ["0.0.0.0", "127.0.0.1", "::1", "localhost"].contains(&host)
}

/// The scheme and the host of a URL that leads to whoever is given it.
pub(crate) fn url_to_itself(text: &str) -> Option<(String, String)> {
    let (scheme, _) = text.split_once("://")?;
    let host = host_of(text);
    is_loopback(host).then(|| (scheme.to_owned(), host.to_owned()))
}

/// Host and port of `scheme://user:password@host:port/path`.
pub(crate) fn address_of(url: &str) -> Option<(&str, Option<&str>)> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let address = authority.rsplit('@').next()?;
    Some(match address.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (address, None),
    })
}

/// The host in a URL; of other texts all.
fn host_of(text: &str) -> &str {
    let host = address_of(text).map_or(text, |(host, _)| host);
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host)
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
            ("redis://[::1]:6379/0", "::1"),
            ("redis://[::1]", "::1"),
        ] {
            assert_eq!(host_of(text), host, "{text}");
        }
    }
}
