use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let databases = app.databases().known()?;
    if !role.destination().is_production() || !role.runs_rails() {
        return None;
    }
    let (primary, others) = databases.split_first()?;
    let url = primary.url().known()?;
    // Without a URL the keys beside it count.
    if role.resolved(primary.url()).is_absent() {
        return None;
    }
    for database in others {
        let Some(own) = database.url().known() else {
            continue;
        };
        let is_same = own.value == url.value && database.has_own_tables();
        let has_variable = database
            .url_variables()
            .iter()
            .any(|name| !role.variable(name).is_absent());
        if !is_same || has_variable {
            continue;
        }
        report
            .at(
                &database.name().clone().labelled("has the URL of `primary`"),
                format!(
                    "database `{}` is the same as `{}`: its URL wins over its `database`",
                    database.name(),
                    primary.name()
                ),
            )
            .because(&url.clone().labelled("the URL of both"))
            .confidence(Confidence::Likely)
            .help(format!(
                "give `{}` a URL of its own, such as ENV[\"{}\"]",
                database.name(),
                database.url_variables()[0]
            ));
    }
    None
}
