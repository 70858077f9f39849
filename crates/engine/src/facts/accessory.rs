//! Accessories of `config/deploy.yml`: services beside the app.
//!
//! Upstream: kamal 2.12 `lib/kamal/configuration/accessory.rb`.

use crate::change::Changes;
use crate::fact::{Answer, Fact};
use crate::facts::environment::Environment;
use crate::facts::kamal::{Destination, Role};
use crate::facts::setting::Setting;

/// A service beside the app, that deploys leave alone: a database, a cache.
#[derive(Clone, Debug)]
pub struct Accessory<'a> {
    pub(super) destination: Destination<'a>,
    pub(super) name: Fact<String>,
    pub(super) setting: Setting<'a>,
}

impl<'a> Accessory<'a> {
    /// The destination that it belongs to.
    pub fn destination(&self) -> &Destination<'a> {
        &self.destination
    }

    /// Its name.
    pub fn name(&self) -> &Fact<String> {
        &self.name
    }

    /// What `accessories.NAME` says.
    pub fn setting(&self) -> &Setting<'a> {
        &self.setting
    }

    /// A key of it.
    pub fn get(&self, key: &str) -> Answer<Setting<'a>> {
        self.setting.get(key)
    }

    /// The variables of its container that Kamal sets.
    pub fn environment(&self) -> Environment<'a> {
        Environment::of([self.get("env")])
    }

    /// Whom Kamal gives its files and folders to on the server (kamal 2.12
    /// `lib/kamal/cli/accessory.rb`, `chown`).
    pub fn owners(&self) -> Vec<Fact<String>> {
        let lists = ["files", "directories"].map(|key| self.get(key).known());
        let items = lists.iter().flatten().flat_map(|list| list.items());
        let mounts = items.filter(Setting::is_mapping);
        mounts
            .filter_map(|mount| mount.get("owner").and_then(|owner| owner.text()).known())
            .map(|owner| owner.labelled("given to this owner"))
            .collect()
    }

    /// `image`, with its tag.
    pub fn image(&self) -> Answer<String> {
        self.get("image").and_then(|setting| setting.text())
    }

    /// The app's own image, if it is what it runs, whatever the tag.
    pub fn app_image(&self) -> Option<Fact<String>> {
        let image = self.image().known()?;
        let app = self.destination.image().known()?;
        (repository(&image) == repository(&app) && self.private_service().is_none())
            .then(|| image.labelled("the app's own image"))
    }

    /// The name that containers on the same host reach it by: `service`, else
    /// `<service>-<accessory>` (kamal 2.12 `lib/kamal/configuration/accessory.rb`).
    pub fn host_name(&self) -> Option<Fact<String>> {
        match self.get("service").and_then(|setting| setting.text()) {
            Answer::Absent(_) => {
                let service = self.destination.service().known()?;
                Some(service.map(|service| format!("{service}-{}", self.name.value)))
            }
            answer => answer.known(),
        }
    }
}

/// An image's name without its registry's server and its tag.
fn repository(image: &str) -> &str {
    let name = match image.split_once('/') {
        Some((server, name)) if server.contains(['.', ':']) || server == "localhost" => name,
        _ => image,
    };
    name.split([':', '@']).next().unwrap_or(name)
}

/// A port of an accessory that its server answers on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The server's address; none is every address.
    pub address: Option<String>,
    /// The server's port.
    pub host: String,
    /// The container's port.
    pub container: String,
}

impl Published {
    /// Reads `5432`, `5432:5432` or `127.0.0.1:5432:5432`, as Kamal and Docker do.
    pub(super) fn of(port: &str) -> Self {
        let (rest, container) = port.rsplit_once(':').unwrap_or((port, port));
        let (address, host) = match rest.rsplit_once(':') {
            Some((address, host)) => (Some(address.to_owned()), host),
            None => (None, rest),
        };
        Self {
            address,
            host: host.to_owned(),
            container: container.to_owned(),
        }
    }

    /// Whether it is open on every address of the server.
    pub fn is_public(&self) -> bool {
        match self.address.as_deref() {
            None => true,
            Some(address) => ["0.0.0.0", "[::]", "::"].contains(&address),
        }
    }
}

/// Images of services that are meant for the app alone, by the last part of their names, and what
/// they are called.
const PRIVATE_SERVICES: [(&str, &str); 27] = [
    ("cassandra", "Cassandra"),
    ("chrome", "Chrome"),
    ("chromium", "Chrome"),
    ("clickhouse-server", "ClickHouse"),
    ("dragonfly", "Dragonfly"),
    ("elasticsearch", "Elasticsearch"),
    ("kafka", "Kafka"),
    ("keydb", "KeyDB"),
    ("mariadb", "MariaDB"),
    ("meilisearch", "Meilisearch"),
    ("memcached", "Memcached"),
    ("mongo", "MongoDB"),
    ("mysql", "MySQL"),
    ("opensearch", "OpenSearch"),
    ("percona", "Percona Server"),
    ("pgvector", "PostgreSQL"),
    ("postgis", "PostgreSQL"),
    ("postgres", "PostgreSQL"),
    ("qdrant", "Qdrant"),
    ("rabbitmq", "RabbitMQ"),
    ("redis", "Redis"),
    ("redis-stack", "Redis"),
    ("redis-stack-server", "Redis"),
    ("standalone-chrome", "Selenium"),
    ("timescaledb", "PostgreSQL"),
    ("typesense", "Typesense"),
    ("valkey", "Valkey"),
];

/// What an image is, if it is a service that only the app should reach.
pub(crate) fn private_service(image: &str) -> Option<&'static str> {
    let name = image.rsplit('/').next()?.split([':', '@']).next()?;
    let (_, service) = PRIVATE_SERVICES
        .into_iter()
        .find(|(known, _)| *known == name)?;
    Some(service)
}

impl Accessory<'_> {
    /// What it is, if it is a service that only the app should reach: `PostgreSQL`, `Redis`…
    pub fn private_service(&self) -> Option<&'static str> {
        private_service(&self.image().known()?)
    }

    /// The port that its server answers on.
    pub fn published_port(&self) -> Answer<Published> {
        let port = self.get("port").and_then(|setting| setting.text());
        port.map(|port| Published::of(&port))
    }

    /// All ports that its server answers on: `port`, and those of `options.publish`.
    fn published_ports(&self) -> Vec<Fact<Published>> {
        let option = self
            .get("options")
            .and_then(|options| options.get("publish"));
        let options = option
            .known()
            .map_or_else(Vec::new, |option| option.texts());
        let options = options
            .into_iter()
            .map(|port| port.map(|port| Published::of(&port)).labelled("set here"));
        self.published_port()
            .known()
            .into_iter()
            .chain(options)
            .collect()
    }

    /// The ports that are open on every address of its servers, where these are not in a private network.
    pub fn open_ports(&self) -> Vec<Fact<Published>> {
        if self.is_in_private_network() {
            return Vec::new();
        }
        let ports = self.published_ports().into_iter();
        ports.filter(|port| port.is_public()).collect()
    }

    /// Whether all servers that it runs on have addresses of a private network, so that what they
    /// publish is not open to the internet.
    fn is_in_private_network(&self) -> bool {
        self.has_settled_hosts() && self.hosts().iter().all(|host| is_private(host))
    }

    /// Whether the app reaches it by an address of its server, so that the port must stay open
    /// there: a role runs on another server, or a variable names the server.
    pub fn is_reached_by_address(&self) -> bool {
        let own = self.hosts();
        let roles = self.destination.roles();
        let elsewhere = roles
            .iter()
            .flat_map(Role::hosts)
            .any(|host| own.iter().all(|own| own.value != host.value));
        let named = roles.iter().any(|role| {
            let environment = role.environment();
            environment.clear().iter().any(|(_, value)| {
                value
                    .text()
                    .known()
                    .is_some_and(|text| own.iter().any(|own| text.contains(&own.value)))
            })
        });
        elsewhere || named || own.is_empty()
    }

    /// Whether the app surely reaches it over Kamal's network: a variable of a role or
    /// `config/database.yml` has its name there.
    pub fn is_reached_by_name(&self) -> bool {
        let Some(name) = self.host_name() else {
            return false;
        };
        let in_variable = self.destination.roles().iter().any(|role| {
            let environment = role.environment();
            environment
                .clear()
                .iter()
                .filter_map(|(_, value)| value.text().known())
                .any(|text| names_host(&text, &name))
        });
        let databases = self.destination.app().databases().known();
        in_variable
            || databases.is_some_and(|databases| {
                let hosts = databases
                    .iter()
                    .flat_map(|database| [database.host(), database.url()]);
                hosts.filter_map(Answer::known).any(|host| {
                    host.text_or_default()
                        .is_some_and(|text| names_host(text, &name))
                })
            })
    }

    /// Whether all servers that it runs on are known: its addresses are plain, or its roles' are.
    pub fn has_settled_hosts(&self) -> bool {
        let is_plain = |key: &str| match self.get(key) {
            Answer::Is(setting) => {
                setting.is_settled() && setting.texts().len() == setting.items().len().max(1)
            }
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        ["host", "hosts", "role", "roles"].into_iter().all(is_plain)
            && ["tag", "tags"].iter().all(|key| self.get(key).is_absent())
            && self.destination.roles().iter().all(Role::has_settled_hosts)
            && !self.hosts().is_empty()
    }

    /// The servers that it runs on, as far as they are named: by address, or by role.
    pub fn hosts(&self) -> Vec<Fact<String>> {
        let addresses = ["host", "hosts"]
            .into_iter()
            .filter_map(|key| self.get(key).known());
        let names: Vec<Fact<String>> = ["role", "roles"]
            .into_iter()
            .filter_map(|key| self.get(key).known())
            .flat_map(|roles| roles.texts())
            .collect();
        let roles = self.destination.roles();
        let by_role = roles
            .iter()
            .filter(|role| names.iter().any(|name| name.value == role.name().value))
            .flat_map(Role::hosts);
        addresses
            .flat_map(|hosts| hosts.texts())
            .chain(by_role)
            .collect()
    }

    /// Sets a key of it.
    pub fn set(&self, key: &str, value: &str) -> Option<Changes> {
        self.setting.set(&[key], value)
    }
}

/// Whether an address or a name is of a private network: RFC 1918, RFC 6598 as Tailscale has it, and names
/// that no public server can have.
fn is_private(host: &str) -> bool {
    if let Ok(address) = host.parse::<std::net::Ipv4Addr>() {
        let [first, second, ..] = address.octets();
        return address.is_private() || (first == 100 && (64..128).contains(&second));
    }
    [".internal", ".lan", ".local", ".ts.net"]
        .iter()
        .any(|ending| host.ends_with(ending))
}

/// Whether a value is a host's name, or a URL with it.
pub(super) fn names_host(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && !"-_.".contains(c))
        .any(|word| word == name)
}
