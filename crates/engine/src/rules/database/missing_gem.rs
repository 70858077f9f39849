use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for database in app.databases().known()?.iter() {
        let Some(adapter) = database.adapter().known() else { continue };
        let gem = adapter.gem();
        let Some(place) = app.gems().shipped(gem).absent() else { continue };
        let is_locked = app.gems().locked(gem).is_known();
        let why = if is_locked { "is for development and test only" } else { "is not in the bundle" };
        report
            .at(
                &adapter.clone().labelled("the adapter"),
                format!("production's database is {}, but the gem `{gem}` {why}", adapter.value),
            )
            .label(place, if is_locked { "locked here, but not for production" } else { "not locked" })
            .help(if is_locked {
                format!("take `{gem}` out of its group in the Gemfile")
            } else {
                format!("add `gem \"{gem}\"` to the Gemfile")
            });
        return None;
    }
    None
}
