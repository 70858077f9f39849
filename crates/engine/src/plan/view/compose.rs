//! What development needs running beside the app.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::database::{self, Kind};
use super::deploy;
use crate::fact::Fact;
use crate::facts::compose::NAMES;
use crate::facts::kamal::Destination;
use crate::facts::setting::{Setting, Value};
use crate::plan::intent::Choice;

/// `docker-compose.yml` and `.env.example`.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct ComposeView {
    database: Option<ServiceView>,
    redis: Option<String>,
    /// Whether `config/database.yml` reads `DATABASE_HOST` and its siblings.
    uses_fields: bool,
    /// The database of development, where it is named so.
    name: String,
}

#[derive(Debug, Serialize)]
struct ServiceView {
    is_mysql: bool,
    scheme: &'static str,
    image: String,
    folder: &'static str,
    port: u16,
    login: Login,
}

/// How development reaches PostgreSQL: by what `config/database.yml` gives it, else by what init does.
#[derive(Debug, Serialize)]
struct Login {
    /// The port of this machine, the user and the password, as Compose reads them; without a password any is
    /// taken.
    port: String,
    user: String,
    password: Option<String>,
    /// Lines of `.env.example`: those that Compose reads, and those that PostgreSQL's own library does.
    port_line: Option<String>,
    user_line: Option<String>,
    password_line: Option<String>,
    host_line: Option<String>,
    for_library: Vec<String>,
}

impl Login {
    fn of(basis: &Basis<'_>, usual_port: u16) -> Self {
        let own = development(basis);
        let given = |key: &str| own.as_ref().map(|own| own.get(key));
        let value = |key: &str| given(key)?.known()?.value.value().known();
        // What has a meaning of its own to YAML or Compose is not copied there.
        let is_plain = |text: &str| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
            !text.is_empty() && text.chars().all(is_plain)
        };
        let is_given = |key: &str| given(key).is_some_and(|given| !given.is_absent());
        // What Compose reads, and the line that gives it.
        let field = |key: &str, usual_name: &str, usual: &str| match value(key).map(|it| it.value) {
            Some(Value::Text(text)) if is_plain(&text) => (text, None),
            Some(Value::Variable { name, default }) => {
                let default = default.filter(|default| is_plain(default));
                let value = default.unwrap_or_else(|| usual.to_owned());
                (
                    format!("${{{name}:-{value}}}"),
                    Some(format!("{name}={value}")),
                )
            }
            _ => (
                format!("${{{usual_name}:-{usual}}}"),
                Some(format!("{usual_name}={usual}")),
            ),
        };
        let usual_port = usual_port.to_string();
        let (port, port_line) = field("port", "DATABASE_PORT", &usual_port);
        let (user, user_line) = field("username", "DATABASE_USERNAME", "postgres");
        // A password that stands in the file is never copied to another one.
        let has_password = match value("password").map(|it| it.value) {
            Some(Value::Variable { default: None, .. }) => false,
            Some(_) => true,
            None => is_given("password"),
        };
        let (password, password_line) = field("password", "DATABASE_PASSWORD", "development");
        let host_line = value("host").and_then(|host| {
            let name = host.variable()?;
            Some(format!("{name}=127.0.0.1"))
        });
        let library = [
            ("host", "PGHOST=127.0.0.1".to_owned()),
            ("port", format!("PGPORT={usual_port}")),
            ("username", "PGUSER=postgres".to_owned()),
            ("password", "PGPASSWORD=development".to_owned()),
        ];
        Self {
            port,
            user,
            password: (!has_password).then_some(password),
            port_line,
            user_line,
            password_line: password_line.filter(|_| !has_password),
            host_line,
            for_library: library
                .into_iter()
                .filter(|(key, _)| value(key).is_none())
                .filter(|(key, _)| *key != "password" || !has_password)
                .map(|(_, line)| line)
                .collect(),
        }
    }
}

/// What `config/database.yml` says of development's first database.
fn development<'a>(basis: &Basis<'a>) -> Option<Setting<'a>> {
    let source = basis.app.tree().source("config/database.yml")?;
    let root = Setting::of_file(source).known()?.value;
    let own = root.get("development").known()?.value;
    let primary = own.get("primary").known().map(|primary| primary.value);
    Some(primary.filter(Setting::is_mapping).unwrap_or(own))
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<ComposeView> {
    let kind = Kind::of(basis.adapter.value);
    let wish = basis.intent.yes_or_no(Choice::Compose);
    let tree = basis.app.tree();
    // Somebody's own Compose file or development container does this already.
    let has_own = NAMES.iter().any(|name| tree.has(name)) || tree.has(".devcontainer");
    let redis = deploy::redis_image(basis);
    let needs_any = kind.is_some() || redis.is_some();
    // Kamal 1 keeps production's secrets in .env, which Compose would read.
    let by_itself = !has_own && !basis.kamal.is_one();
    let wanted = wish.as_ref().map_or(by_itself, |wish| wish.value);
    if !wanted || !needs_any {
        return None;
    }
    let database = kind.map(|kind| {
        let (image, folder) = image(basis, kind, notebook);
        notebook.decide(
            "development",
            &image,
            "Compose runs the database of production's major version, for this machine alone",
        );
        let port = if kind == Kind::MySql { 3306 } else { 5432 };
        ServiceView {
            is_mysql: kind == Kind::MySql,
            scheme: kind.scheme(basis.adapter.value),
            image: image.value,
            folder,
            port,
            login: Login::of(basis, port),
        }
    });
    Some(ComposeView {
        database,
        redis,
        uses_fields: basis.uses_fields(),
        name: format!("{}_development", basis.name),
    })
}

/// The image, and what is to be mounted: PostgreSQL's is the accessory's own, whose extensions
/// development needs as well.
fn image(basis: &Basis<'_>, kind: Kind, notebook: &mut Notebook) -> (Fact<String>, &'static str) {
    let is_chosen = basis.intent.one(Choice::DatabaseVersion).is_some();
    let destinations = basis.app.destinations();
    let accessories = destinations.iter().flat_map(Destination::accessories);
    let running = accessories
        .filter(|_| kind == Kind::PostgreSql && !is_chosen)
        .find_map(|accessory| {
            let store = accessory.store()?;
            let is_meant = store.service == "PostgreSQL" && store.major.is_some();
            Some((accessory.image().known()?, store.volume)).filter(|_| is_meant)
        });
    running.unwrap_or_else(|| {
        let version = database::version(basis, kind);
        let folder = kind.folder(&version);
        (database::image(basis, kind, notebook), folder)
    })
}
