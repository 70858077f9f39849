use crate::facts::kamal::Role;
use crate::facts::servers::url_to_itself;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    let adapter = app.solid().cable_adapter().known()?;
    // Rails writes such a file for apps that never send a message, too.
    let channel = app.cable().channel()?;
    if adapter.value != "redis" || !destination.is_production() || !role.runs_rails() {
        return None;
    }
    if let Some(bundle) = app.gems().shipped("redis").absent() {
        app.tree().source("Gemfile.lock")?;
        report
            .at(
                &adapter.labelled("Redis carries the messages"),
                "Action Cable is to use Redis, and production's bundle has no redis",
            )
            .label(bundle, "the bundle")
            .because(&channel)
            .help("add redis to the Gemfile, outside of any group, or use another adapter");
        return None;
    }
    let url = role.resolved(app.cable().url()).known()?;
    // A URL that is set and leads nowhere is found itself.
    if role.has_url_to_itself_at(&url.origin.place) {
        return None;
    }
    let (_, host) = url_to_itself(&url).filter(|_| !role.has_network_of_its_own())?;
    report
        .at(
            &url,
            format!("Action Cable looks for Redis in its own container, at {host}"),
        )
        .because(&adapter.labelled("Redis carries the messages"))
        .because(&channel)
        .confidence(Confidence::Likely)
        .help("set the variable to Redis' address, `redis://SERVICE-redis:6379/1` for an accessory `redis`");
    None
}
