//! Files of the Solid trio that are not there yet.

use serde::Serialize;

use super::Notebook;
use super::basis::Basis;
use crate::fact::Answer;
use crate::facts::database;
use crate::plan::foundation::{self, Form};

/// Which files of the trio are written, and what goes into them.
#[derive(Debug, Serialize)]
pub(in crate::plan) struct SolidView {
    pub(in crate::plan) cache: bool,
    pub(in crate::plan) queue: bool,
    pub(in crate::plan) recurring: bool,
    pub(in crate::plan) cable: bool,
    /// Whether `config/database.yml` has an entry for it.
    has_cache_database: bool,
    has_cable_database: bool,
}

pub(super) fn think(basis: &Basis<'_>, notebook: &mut Notebook) -> SolidView {
    let tree = basis.app.tree();
    let has = |gem: &str| basis.gem(gem).is_some();
    let missing = |path: &str| !tree.has(path);
    let form = foundation::form(basis.app, basis.intent);
    if let Some(form) = &form {
        let why = match form.value {
            Form::Separate => {
                "each keeps its writes away from the app's own tables, and `db:prepare` makes all of them"
            }
            Form::Single => "one database, whose migrations have the tables of all",
        };
        notebook.decide("Solid trio", form, why);
        schemas(basis, form.value, notebook);
    }
    let solid = basis.app.solid();
    let is = |answer: Answer<String>, wanted: &str| {
        answer.known().is_some_and(|answer| answer.value == wanted)
    };
    for (gem, is_used) in [
        ("solid_cache", !solid.cache_store().is_absent()),
        ("solid_queue", !solid.job_adapter().is_absent()),
    ] {
        if has(gem) && !is_used {
            notebook.note(format!(
                "{gem} is in the bundle, and nothing in production.rb uses it: `seaworthy init --solid separate` sets it up, once its schema is there."
            ));
        }
    }
    let caches = is(solid.cache_store(), "solid_cache_store");
    let queues = is(solid.job_adapter(), "solid_queue");
    SolidView {
        cache: caches
            && has("solid_cache")
            && missing("config/cache.yml")
            && missing("config/solid_cache.yml"),
        queue: queues
            && has("solid_queue")
            && missing("config/queue.yml")
            && missing("config/solid_queue.yml"),
        recurring: queues && has("solid_queue") && missing("config/recurring.yml"),
        cable: has("solid_cable") && missing("config/cable.yml"),
        has_cache_database: basis.app.database("cache").is_some(),
        has_cable_database: basis.app.database("cable").is_some(),
    }
}

/// Schema files are the gems' own: they are checked, and the command that writes them is given.
fn schemas(basis: &Basis<'_>, form: Form, notebook: &mut Notebook) {
    let is_begun = foundation::PARTS
        .iter()
        .any(|(_, name)| basis.app.database(name).is_some());
    for (gem, name) in foundation::PARTS {
        let task = format!("{gem}:install");
        if basis.gem(gem).is_none() {
            continue;
        }
        let own = basis.app.database(name);
        match form {
            Form::Separate if own.is_none() && is_begun => {
                if !foundation::has_tables(basis.app, gem) {
                    notebook.note(format!(
                        "Nothing makes the tables of {gem}, and it stops without them: add `{name}` to the databases of production in {}, with `migrations_paths: db/{name}_migrate`; `bin/rails {task}` writes db/{name}_schema.rb.",
                        database::FILE
                    ));
                }
            }
            Form::Separate => {
                let file = own
                    .and_then(|own| own.schema_file().known())
                    .map_or_else(|| format!("db/{name}_schema.rb"), |file| file.value);
                if !basis.app.tree().has(&file) {
                    notebook.note(format!(
                        "{file} is missing, so `db:prepare` would make an empty database for {name}: `bin/rails {task}` writes it; take back with git what it changes elsewhere."
                    ));
                }
            }
            Form::Single => {
                if !foundation::has_tables(basis.app, gem) {
                    notebook.note(format!(
                        "No migration makes the tables of {gem}: `bin/rails {task}` writes db/{name}_schema.rb; move what is in it into a migration, and remove the file."
                    ));
                }
            }
        }
    }
}
