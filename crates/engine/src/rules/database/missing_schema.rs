use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let tree = app.tree();
    tree.folder("db")?;
    for database in app.databases().known()?.iter() {
        let Some(schema) = database.schema_file().known() else {
            continue;
        };
        let Some(folders) = database.migration_folders().known() else {
            continue;
        };
        // What a gem or an engine brings along is in no folder of the app's.
        let is_in_db = folders.iter().all(|folder| folder.starts_with("db/"));
        if !is_in_db || tree.has(&schema) || folders.iter().any(|folder| tree.has(folder)) {
            continue;
        }
        let gem = app.solid().gem_of(database.name());
        // Rails' own file names them all, whether they are used or not.
        if gem.is_none() && ["cable", "cache", "queue"].contains(&database.name().as_str()) {
            continue;
        }
        let in_ruby = format!("db/{}_schema.rb", database.name().value);
        let finding = report
            .at(
                &database.name().clone().labelled("this database"),
                format!(
                    "nothing makes the tables of `{}`: there is neither {schema} nor {}",
                    database.name(),
                    folders.join(", ")
                ),
            )
            .because(
                &folders
                    .clone()
                    .map(|_| ())
                    .labelled("its migrations would be here"),
            )
            .because(&schema);
        match gem {
            _ if tree.has(&in_ruby) => finding.help(format!(
                "run `bin/rails db:prepare` in development and keep {schema} in git: {in_ruby} is not read, as the format is another"
            )),
            Some(gem) => finding.help(format!("run `bin/rails {gem}:install`, and keep {schema} in git")),
            None => finding.help(format!("migrate in development, and keep {schema} in git")),
        };
    }
    None
}
