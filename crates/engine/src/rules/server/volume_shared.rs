use crate::facts::claims::{Collision, Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::DataLoss, Layer::Runtime).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for Collision {
        server,
        name,
        whose,
    } in neighbours.collisions(Kind::Volume)
    {
        report
            .at(
                &name.clone().labelled("the volume, by its name"),
                format!("the volume {name} on {server} is also that of {whose}"),
            )
            .help(format!("give it a name of its own, like `{name}_staging`"));
    }
    None
}
