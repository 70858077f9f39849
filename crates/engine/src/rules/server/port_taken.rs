use crate::facts::claims::{Collision, Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for Collision {
        server,
        name,
        whose,
    } in neighbours.collisions_and_own(Kind::Port)
    {
        report
            .at(
                &name.clone().labelled("published here"),
                format!("port {name} of {server} is taken by {whose} already"),
            )
            .help("publish it on another port, or on none: containers on one server reach each other by name");
    }
    None
}
