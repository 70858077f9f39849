use crate::facts::claims::{Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::DataLoss, Layer::Runtime).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for collision in neighbours.collisions(Kind::Volume) {
        let (own, server) = (&collision.own.name, &collision.own.server);
        let finding = report
            .at(
                &own.clone().labelled("the volume, by its name"),
                format!("the volume {own} on {server} is also that of {}", collision.whose()),
            )
            .help(format!("give it a name of its own, like `{own}_staging`"));
        if let Some(other) = collision.other() {
            finding.because(&other.clone().labelled("the other one"));
        }
    }
    None
}
