//! What development needs running beside the app.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use super::database::{self, Kind};
use super::deploy;
use crate::fact::Fact;
use crate::facts::compose::NAMES;
use crate::facts::kamal::Destination;
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
        ServiceView {
            is_mysql: kind == Kind::MySql,
            scheme: kind.scheme(basis.adapter.value),
            image: image.value,
            folder,
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
