//! What development needs running beside the app.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::database::{self, Kind};
use super::deploy;
use crate::plan::intent::Choice;

/// Names that Compose itself looks for.
const FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

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
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> Option<ComposeView> {
    let kind = Kind::of(basis.adapter.value);
    let wish = basis.intent.yes_or_no(Choice::Compose);
    let tree = basis.app.tree();
    // Somebody's own Compose file or development container does this already.
    let has_own = FILES.iter().any(|name| tree.has(name)) || tree.has(".devcontainer");
    let redis = deploy::redis_image(basis);
    let needs_any = kind.is_some() || redis.is_some();
    // Kamal 1 keeps production's secrets in .env, which Compose would read.
    let by_itself = !has_own && !basis.kamal.is_one();
    let wanted = wish.as_ref().map_or(by_itself, |wish| wish.value);
    if !wanted || !needs_any {
        return None;
    }
    let database = kind.map(|kind| {
        let version = database::version(basis, kind);
        let fact = version.clone().map(|version| kind.image(&version));
        notebook.decide(
            "development",
            &fact,
            "Compose runs the database of production's major version, for this machine alone",
        );
        ServiceView {
            is_mysql: kind == Kind::MySql,
            scheme: kind.scheme(basis.adapter.value),
            image: kind.image(&version),
            folder: kind.folder(&version),
            port: if kind == Kind::MySql { 3306 } else { 5432 },
        }
    });
    Some(ComposeView {
        database,
        redis,
        uses_fields: basis.uses_fields(),
        name: format!("{}_development", basis.name),
    })
}
