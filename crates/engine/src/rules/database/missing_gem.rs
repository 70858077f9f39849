use crate::facts::App;
use crate::facts::database::Adapter;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    // Without a lockfile nothing says what is not in the bundle.
    app.tree().source("Gemfile.lock")?;
    for database in app.databases().known()?.iter() {
        let own = database.adapter_gem();
        let needed = own.or_else(|| Some(database.adapter().known()?.map(Adapter::gem)));
        let Some(adapter) = needed else { continue };
        let gem = adapter.value;
        let Some(place) = app.gems().shipped(gem).absent() else {
            continue;
        };
        let is_locked = app.gems().locked(gem).is_known();
        let why = if is_locked {
            "is for development and test only"
        } else {
            "is not in the bundle"
        };
        report
            .at(
                &adapter.clone().labelled("the adapter"),
                format!("the adapter of production's database is in the gem `{gem}`, which {why}"),
            )
            .label(
                place,
                if is_locked {
                    "locked here, but not for production"
                } else {
                    "not locked"
                },
            )
            .help(if is_locked {
                format!("take `{gem}` out of its group in the Gemfile")
            } else {
                format!("add `gem \"{gem}\"` to the Gemfile")
            });
        return None;
    }
    None
}
