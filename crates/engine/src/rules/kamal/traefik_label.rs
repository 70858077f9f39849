use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let kamal = destination.app().kamal()?;
    // Only what kamal-proxy forwards to has no use for them.
    role.proxy()?;
    let has_traefik = destination.accessories().iter().any(|accessory| {
        let image = accessory.image().known();
        image.is_none_or(|image| image.contains("traefik"))
    });
    if !kamal.version.has(2, 0) || has_traefik {
        return None;
    }
    let root = destination.root();
    let labels = [root.get("labels"), role.get("labels")]
        .into_iter()
        .filter_map(Answer::known);
    let label = labels
        .flat_map(|labels| labels.members())
        .map(|label| label.name)
        .find(|name| name.starts_with("traefik."))?;
    let finding = report.at(
        &label.clone().labelled("nothing reads this"),
        format!("`{label}` is for Traefik, and Kamal {kamal} has kamal-proxy in its place"),
    );
    if let Some(origin) = &kamal.origin {
        finding.follow(origin);
    }
    // Somebody may run Traefik besides.
    finding.confidence(Confidence::Likely).help(
        "say it to kamal-proxy, below `proxy`: `host`, `ssl`, `path_prefix`; and remove the labels",
    );
    None
}
