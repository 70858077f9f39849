use crate::facts::App;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let databases = app.databases().known()?;
    for database in databases.iter().filter(|database| !database.is_primary()) {
        let Some(schema) = database.schema_file().known() else {
            continue;
        };
        let Some(slot) = database.setting().get("migrations_paths").absent() else {
            continue;
        };
        // Without a file of its own it may be meant to have the tables of the first.
        if !app.tree().has(&schema) {
            continue;
        }
        let name = database.name();
        let own = format!("db/{}_migrate", name.value);
        report
            .place(
                slot,
                "no folder of its own is named here",
                format!("`{name}` has no `migrations_paths`, so the migrations of db/migrate run there as well"),
            )
            .fix(format!("keep its migrations in {own}"), database.setting().set(&["migrations_paths"], &own));
    }
    None
}
