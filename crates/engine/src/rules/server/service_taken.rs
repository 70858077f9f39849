use crate::facts::claims::{Collision, Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for Collision {
        server,
        name,
        whose,
    } in neighbours.collisions(Kind::Containers)
    {
        report
            .at(
                &name.clone().labelled("containers are found by this name"),
                format!("{name} on {server} are also the containers of {whose}"),
            )
            .help("give each app its own `service`");
    }
    None
}
