//! What the app has to be told to reach its databases, and the accessory that they are.

use serde::Serialize;

use super::basis::{Basis, servers};
use super::deploy::Accessories;
use super::secrets::SecretView;
use super::{Notebook, VariableView};
use crate::fact::{Answer, Fact, Why};
use crate::facts::database::{Adapter, Database};
use crate::facts::extensions;
use crate::facts::kamal::Destination;
use crate::facts::setting::Value;
use crate::plan::intent::{Choice, Intent};
use crate::plan::releases;

/// The server as containers see it on Docker's default network.
pub(super) const DOCKER_ADDRESS: &str = "172.17.0.1";

/// The accessory that the databases are.
#[derive(Clone, Debug, Serialize)]
pub(in crate::plan) struct DatabaseView {
    pub(super) image: String,
    pub(super) kind: &'static str,
    pub(super) user: String,
    pub(super) name: String,
    pub(super) folder: &'static str,
    /// What the container is called, where the app asks for that name.
    pub(super) service: Option<String>,
    /// The secrets that the accessory is created with.
    pub(super) passwords: Vec<&'static str>,
    /// MySQL's user may use its own databases only; the script lets it have the others as well.
    pub(in crate::plan) grants: Option<String>,
    pub(super) console: String,
}

/// The database server as a deploy sees it.
struct Server {
    host: String,
    user: String,
    name: String,
    is_accessory: bool,
    /// Whether the app itself says what the host is called.
    is_named: bool,
    kind: Kind,
}

impl Server {
    /// The accessory's secret that is the user's password.
    fn password(&self) -> &'static str {
        self.kind.passwords(&self.user)[0]
    }
}

/// The two kinds of servers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    PostgreSql,
    MySql,
}

impl Kind {
    pub(super) fn of(adapter: Adapter) -> Option<Self> {
        match adapter {
            Adapter::PostgreSql => Some(Self::PostgreSql),
            Adapter::MySql | Adapter::Trilogy => Some(Self::MySql),
            Adapter::Sqlite => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL",
            Self::MySql => "MySQL",
        }
    }

    pub(super) fn version(self) -> &'static str {
        match self {
            Self::PostgreSql => releases::POSTGRESQL,
            Self::MySql => releases::MYSQL,
        }
    }

    /// Where its image keeps its data.
    pub(super) fn folder(self, version: &str) -> &'static str {
        match self {
            Self::PostgreSql => releases::postgresql_folder(version),
            Self::MySql => "/var/lib/mysql",
        }
    }

    /// The secrets that its image is created with, the user's first
    /// (docker-library `postgres` and `mysql`).
    fn passwords(self, user: &str) -> Vec<&'static str> {
        match self {
            Self::PostgreSql => vec!["POSTGRES_PASSWORD"],
            Self::MySql if user == "root" => vec!["MYSQL_ROOT_PASSWORD"],
            Self::MySql => vec!["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"],
        }
    }

    /// The port that it listens on unless it is told otherwise.
    fn port(self) -> &'static str {
        match self {
            Self::PostgreSql => "5432",
            Self::MySql => "3306",
        }
    }

    /// The scheme of its URLs.
    pub(super) fn scheme(self, adapter: Adapter) -> &'static str {
        match (self, adapter) {
            (Self::PostgreSql, _) => "postgres",
            (Self::MySql, Adapter::Trilogy) => "trilogy",
            (Self::MySql, _) => "mysql2",
        }
    }
}

/// The version of the server: as chosen, as the deploy that stays has it, else the table's.
pub(super) fn version(basis: &Basis<'_>, kind: Kind) -> Fact<String> {
    if let Some(chosen) = basis.intent.one(Choice::DatabaseVersion) {
        return chosen;
    }
    let destinations = basis.app.destinations();
    let accessories = destinations.iter().flat_map(Destination::accessories);
    let running = accessories.into_iter().find_map(|accessory| {
        let image = accessory.image().known()?;
        let store = accessory
            .store()
            .filter(|store| store.service == kind.name())?;
        let version = match image.split_once(':')? {
            ("postgres" | "mysql", tag) => tag.split('-').next()?.to_owned(),
            _ => store.major?.to_string(),
        };
        Some(image.map(|_| version))
    });
    running
        .unwrap_or_else(|| Fact::default(kind.version().to_owned(), releases::TABLE, kind.name()))
}

/// The image of the server: PostgreSQL's own, or the one that has the extension which the app's databases
/// are made with.
pub(super) fn image(basis: &Basis<'_>, kind: Kind, notebook: &mut Notebook) -> Fact<String> {
    let version = version(basis, kind);
    if kind == Kind::MySql {
        return version.map(|version| format!("mysql:{version}"));
    }
    let extensions = basis.app.extensions();
    let own = version.clone().map(|version| format!("postgres:{version}"));
    let Some(first) = extensions.first() else {
        return own;
    };
    if let Some(other) = extensions.iter().find(|other| other.image != first.image) {
        notebook.note(format!(
            "The databases are made with the extensions {} and {}, and no image that is known here has both: build one from `{own}`, and name it in config/deploy.yml.",
            first.name, other.name
        ));
        return own;
    }
    if first.image == extensions::POSTGIS {
        notebook.note(
            "`postgis/postgis` is made for amd64 alone (docker-postgis #216): it starts on no ARM server, and slowly on a Mac.",
        );
    }
    let major = version.split(['.', '-']).next().unwrap_or(&version);
    let image = first.image_with(major);
    first.clone().map(|_| image).because(version.origin)
}

/// Sets what the app needs, and gives the accessory if the databases are one.
pub(super) fn think(
    basis: &Basis<'_>,
    intent: &Intent,
    accessories: Accessories<'_>,
    clear: &mut Vec<VariableView>,
    secrets: &mut Vec<SecretView>,
    notebook: &mut Notebook,
) -> Option<DatabaseView> {
    let kind = Kind::of(basis.adapter.value)?;
    let databases = basis
        .app
        .databases()
        .known()
        .map(|databases| databases.value)
        .unwrap_or_default();
    let server = server(basis, intent, kind, accessories, &databases, notebook);
    if server.is_accessory {
        for name in kind.passwords(&server.user) {
            let comment = format!(
                "What {} is created with, from your environment.",
                kind.name()
            );
            secrets.push(SecretView::from_outside(name, comment).kept_from_containers());
        }
    }
    let mut variables = Variables {
        clear,
        secrets,
        adapter: basis.adapter.value,
    };
    if databases.is_empty() {
        notebook.note("No `production` of config/database.yml can be read from git, so DATABASE_URL says all of the database.");
        variables.address("DATABASE_URL".to_owned(), &server, &server.name);
    }
    let mut nameless = Vec::new();
    for (index, database) in databases.iter().enumerate() {
        let is_first = index == 0;
        if matches!(database.url(), Answer::Unknown(_, Why::Conditional)) {
            variables.address_by_default(database, &server, is_first);
        } else if !variables.tell(database, &server, is_first) {
            nameless.push((database, is_first));
        }
    }
    variables.host_by_default(&nameless, &server);
    let mut without_url = databases.iter().filter(|own| own.url().is_absent());
    if let Some(first) = without_url.next().filter(|_| kind == Kind::PostgreSql) {
        variables.login_by_default(first, &server);
    }
    if server.is_accessory {
        note_credentials(&databases, &server, notebook);
        note_tls(&databases, notebook);
    }
    server.is_accessory.then(|| {
        let version = version(basis, kind);
        DatabaseView {
            image: image(basis, kind, notebook).value,
            kind: kind.name(),
            console: match kind {
                Kind::PostgreSql => format!("psql -U {} {}", server.user, server.name),
                Kind::MySql => format!("mysql -u {} -p {}", server.user, server.name),
            },
            passwords: kind.passwords(&server.user),
            grants: (kind == Kind::MySql && server.user != "root" && databases.len() > 1)
                .then(|| format!("{}%", server.name.replace('_', "\\_"))),
            user: server.user,
            name: server.name,
            folder: kind.folder(&version),
            service: server.is_named.then_some(server.host),
        }
    })
}

/// What the app's credentials have cannot be seen from here; it has to be the server's.
fn note_credentials(databases: &[Database<'_>], server: &Server, notebook: &mut Notebook) {
    let in_credentials = |key: &str| {
        databases.iter().any(|database| {
            let value = database.setting().get(key).known();
            value.is_some_and(|value| {
                value.variable().is_none() && value.written().contains("credentials")
            })
        })
    };
    if in_credentials("url") {
        notebook.note(format!(
            "config/database.yml takes production's address from the credentials: it has to lead to {} at {}, as the user {} with the password in {}.",
            server.name, server.host, server.user, server.password()
        ));
    }
    if in_credentials("password") {
        notebook.note(format!(
            "config/database.yml takes production's password from the credentials: what they say and {} have to be the same.",
            server.password()
        ));
    }
}

/// The image of PostgreSQL has no certificate, and a client that wants TLS gives up on it.
fn note_tls(databases: &[Database<'_>], notebook: &mut Notebook) {
    let wanted = databases.iter().find_map(|database| {
        let mode = database.setting().get("sslmode").known()?;
        mode.text().known().filter(|mode| wants_tls(mode))
    });
    if let Some(mode) = wanted {
        notebook.note(format!(
            "config/database.yml asks for TLS (`sslmode: {mode}`), and the accessory has none: take the line out, as the two are on one server, or the app cannot connect."
        ));
    }
}

/// Whether libpq gives up where a server has no TLS (postgresql `libpq-ssl`).
fn wants_tls(mode: &str) -> bool {
    ["require", "verify-ca", "verify-full"].contains(&mode)
}

/// The host that the first database names for itself, if that is one to look for by name.
fn literal_host(databases: &[Database<'_>]) -> Option<Fact<String>> {
    let host = databases.first()?.host().known()?;
    let Value::Text(name) = &host.value else {
        return None;
    };
    let is_name = !["", "localhost", "127.0.0.1", "::1"].contains(&name.as_str());
    let name = name.clone();
    (is_name && !name.starts_with('/')).then(|| host.map(|_| name))
}

/// What stands in the file, or stands in where a variable is not set.
fn text(value: Answer<Value>) -> Option<String> {
    let value = value.known()?.value;
    let text = value.text_or_default().filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

fn server(
    basis: &Basis<'_>,
    intent: &Intent,
    kind: Kind,
    accessories: Accessories<'_>,
    databases: &[Database<'_>],
    notebook: &mut Notebook,
) -> Server {
    let service = &basis.name;
    let named = literal_host(databases);
    let is_outside = |host: &Fact<String>| host.contains(['.', ':']);
    let given = intent
        .one(Choice::DatabaseHost)
        .or_else(|| named.clone().filter(is_outside));
    let is_accessory = accessories.database && given.is_none() && servers(intent).len() == 1;
    let host = match given {
        Some(host) => {
            notebook.decide("database", &host, "a server outside of this deploy");
            host.value
        }
        None if is_accessory => {
            let image = image(basis, kind, notebook);
            let beside = version(basis, kind)
                .map(|version| match image.split_once(':') {
                    Some(("postgres" | "mysql", _)) | None => {
                        format!("{} {version} beside the app", kind.name())
                    }
                    Some(_) => format!("{} {version} as {image} beside the app", kind.name()),
                })
                .because(basis.adapter.origin.clone());
            notebook.decide(
                "database",
                &beside,
                "one server: an accessory, reached by its name, without a port to the outside",
            );
            // Kamal 1 has no network of its own: the accessory is published on Docker's address.
            match &named {
                Some(named) => named.value.clone(),
                None if basis.kamal.is_one() => DOCKER_ADDRESS.to_owned(),
                None => format!("{}-db", accessories.service),
            }
        }
        None => "<database-address>".to_owned(),
    };
    let first = databases.first();
    let has_url = first.is_some_and(|database| !database.url().is_absent());
    let is_named = first.is_some_and(|database| !database.username().is_absent());
    let user = first
        .and_then(|database| text(database.username()))
        .unwrap_or_else(|| match kind {
            Kind::PostgreSql => service.to_owned(),
            Kind::MySql if is_named || has_url => service.to_owned(),
            // What the client library takes where nothing is said.
            Kind::MySql => "root".to_owned(),
        });
    Server {
        host,
        user,
        name: first
            .and_then(|database| text(database.database()))
            .unwrap_or_else(|| format!("{service}_production")),
        is_accessory,
        is_named: named.is_some(),
        kind,
    }
}

/// What is said of a secret that is an address.
const URL_COMMENT: &str = "The database's address with the password above, which must be percent-encoded if it has signs.";

/// Where the variables that `database.yml` reads are collected.
struct Variables<'a> {
    clear: &'a mut Vec<VariableView>,
    secrets: &'a mut Vec<SecretView>,
    adapter: Adapter,
}

impl Variables<'_> {
    /// What the client library reads where `database.yml` names no host.
    fn host_by_default(&mut self, nameless: &[(&Database<'_>, bool)], server: &Server) {
        if nameless.is_empty() {
            return;
        }
        if server.kind == Kind::PostgreSql {
            self.clear_variable(
                "PGHOST".to_owned(),
                &server.host,
                "Where PostgreSQL is; libpq reads it, as config/database.yml names no host.",
            );
            return;
        }
        // MySQL's library reads no such variable; Rails reads a URL for each database
        // (rails 8.1 `database_configurations.rb`, environment_url_config).
        for (database, is_first) in nameless {
            self.address_by_default(database, server, *is_first);
        }
    }

    /// The address that Rails reads whatever `database.yml` says.
    fn address_by_default(&mut self, database: &Database<'_>, server: &Server, is_first: bool) {
        let name = &database.name().value;
        let variable = if is_first {
            "DATABASE_URL".to_owned()
        } else {
            format!("{}_DATABASE_URL", name.to_uppercase())
        };
        let own = text(database.database()).unwrap_or_else(|| server.name.clone());
        self.address(variable, server, &own);
    }

    /// A variable that is the address of a database.
    fn address(&mut self, variable: String, server: &Server, database: &str) {
        self.secret(variable, self.url(server, database), URL_COMMENT);
        self.password_of_urls(server);
    }

    /// The user and the password that libpq reads where `database.yml` names none: else it would take
    /// the name of the container's user, and no password.
    fn login_by_default(&mut self, first: &Database<'_>, server: &Server) {
        if !first.url().is_absent() {
            return;
        }
        if first.username().is_absent() {
            self.clear_variable(
                "PGUSER".to_owned(),
                &server.user,
                "The user that the server knows; libpq reads it.",
            );
        }
        if first.password().is_absent() {
            self.password("PGPASSWORD".to_owned(), server);
        }
        if first.database().is_absent() {
            let comment = "The database; libpq reads it, and would take the user's name.";
            self.clear_variable("PGDATABASE".to_owned(), &server.name, comment);
        }
    }

    /// Sets the variables that a database's entry reads and that have no default; whether one of
    /// them, or the entry itself, names the host.
    fn tell(&mut self, database: &Database<'_>, server: &Server, is_first: bool) -> bool {
        let variable = |key: &str| database.setting().get(key).known()?.variable();
        if let Some(name) = variable("url") {
            // Two that share a database would find the first one's tables, and load no schema.
            let own = text(database.database()).filter(|own| is_first || *own != server.name);
            let database_name = own.unwrap_or_else(|| {
                if is_first {
                    server.name.clone()
                } else {
                    format!("{}_{}", server.name, database.name().value)
                }
            });
            self.address(name, server, &database_name);
            return true;
        }
        // A default of host and port is a developer's machine; with user and database, or their defaults, the
        // server is made.
        if let Some(name) = variable("host") {
            self.clear_variable(name, &server.host, host_comment(server));
        }
        if let Some(name) = variable("username").filter(|_| text(database.username()).is_none()) {
            self.clear_variable(name, &server.user, "The user that the server knows.");
        }
        if let Some(name) = variable("port") {
            self.clear_variable(name, server.kind.port(), "The server's usual port.");
        }
        if let Some(name) = variable("database").filter(|_| text(database.database()).is_none()) {
            if is_first || database.is_replica() {
                self.clear_variable(name, &server.name, "The first database's name.");
            } else {
                // Two that share a database would share the record of migrations that were run.
                let own = format!("{}_{}", server.name, database.name().value);
                self.clear_variable(name, &own, "The name of this database.");
            }
        }
        let mode = database.setting().get("sslmode").known();
        let has_default = || {
            text(
                database
                    .setting()
                    .get("sslmode")
                    .and_then(|mode| mode.value()),
            )
        };
        if let Some(name) = mode.and_then(|mode| mode.variable())
            && server.is_accessory
            && has_default().is_some_and(|mode| wants_tls(&mode))
        {
            let comment = "The accessory has no TLS: both are on one server.";
            self.clear_variable(name, "disable", comment);
        }
        if let Some(name) = variable("password") {
            self.password(name, server);
        }
        !database.host().is_absent() || !database.url().is_absent()
    }

    fn url(&self, server: &Server, database: &str) -> String {
        format!(
            "{}://{}:${}@{}/{database}",
            server.kind.scheme(self.adapter),
            server.user,
            if server.is_accessory {
                server.password()
            } else {
                "DATABASE_PASSWORD"
            },
            server.host
        )
    }

    /// The password that addresses are put together with, where no accessory brings one.
    fn password_of_urls(&mut self, server: &Server) {
        let name = "DATABASE_PASSWORD";
        if !server.is_accessory && self.secrets.iter().all(|secret| secret.name != name) {
            let comment = "The database's password, from your environment.";
            let secret = SecretView::from_outside(name, comment).kept_from_containers();
            self.secrets.insert(0, secret);
        }
    }

    fn password(&mut self, name: String, server: &Server) {
        if server.is_accessory {
            let lookup = format!("${}", server.password());
            if name == server.password() {
                self.hand_over(&name);
            } else {
                self.secret(
                    name,
                    lookup,
                    "The same password, by the name that config/database.yml reads.",
                );
            }
        } else if self.secrets.iter().all(|secret| secret.name != name) {
            self.secrets.push(SecretView::from_outside(
                name,
                "The database's password, from your environment.",
            ));
        }
    }

    /// A secret of the accessory that the app's own containers need by the same name.
    fn hand_over(&mut self, name: &str) {
        for secret in self.secrets.iter_mut().filter(|secret| secret.name == name) {
            secret.is_of_containers = true;
        }
    }

    fn clear_variable(&mut self, name: String, value: &str, comment: &str) {
        if self.clear.iter().all(|variable| variable.name != name) {
            let (value, comment) = (value.to_owned(), comment.to_owned());
            self.clear.push(VariableView {
                name,
                value,
                comment,
            });
        }
    }

    fn secret(&mut self, name: String, lookup: String, comment: &str) {
        if self.secrets.iter().all(|secret| secret.name != name) {
            self.secrets
                .push(SecretView::looked_up(name, lookup, comment));
        }
    }
}

fn host_comment(server: &Server) -> &'static str {
    if server.is_accessory {
        "The accessory below, by the name that containers on this server reach it by."
    } else {
        "The database server."
    }
}
