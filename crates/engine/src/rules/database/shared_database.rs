use crate::facts::App;
use crate::facts::database::Database;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let databases = app.databases().known()?;
    let (primary, others) = databases.split_first()?;
    let migrations = app.tree().folder("db/migrate")?;
    for database in others.iter().filter(|database| database.has_own_tables()) {
        let Some(named) = database.database().known() else {
            continue;
        };
        let is_same = primary
            .database()
            .known()
            .is_some_and(|first| first.value == named.value)
            && is_same_server(primary, database);
        // Migrations of the app's own may make the tables there.
        let own = database.name();
        let is_migrated = migrations.iter().any(|migration| {
            migration.name.contains("solid_") || migration.name.contains(own.as_str())
        });
        if !is_same || is_migrated {
            continue;
        }
        let schema = database.schema_file().known()?;
        report
            .at(
                &own.clone().labelled("this one"),
                format!("`{own}` is the same database as `{}`, so {schema} is never loaded", primary.name()),
            )
            .because(&primary.database().known()?.labelled("the database of both"))
            .confidence(Confidence::Likely)
            .help(format!(
                "give `{own}` a database of its own, or take it out of config/database.yml and move its tables into a migration"
            ));
    }
    None
}

/// Whether all that says where they are is the same.
fn is_same_server(one: &Database<'_>, other: &Database<'_>) -> bool {
    let same = |key: &str| {
        let value =
            |database: &Database<'_>| database.setting().get(key).and_then(|value| value.value());
        let (one, other) = (value(one), value(other));
        match (one.is_absent(), other.is_absent()) {
            (true, true) => true,
            _ => one
                .known()
                .zip(other.known())
                .is_some_and(|(one, other)| one.value == other.value),
        }
    };
    ["adapter", "host", "port", "socket"].into_iter().all(same)
        && one.url().is_absent()
        && other.url().is_absent()
}
