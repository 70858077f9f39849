use crate::facts::claims::{Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for collision in neighbours.collisions(Kind::Containers) {
        let (own, server) = (&collision.own.name, &collision.own.server);
        report
            .at(
                &own.clone().labelled("containers are found by this name"),
                format!("{own} on {server} are also the containers of {}", collision.whose()),
            )
            .help("give each app its own `service`");
    }
    None
}
