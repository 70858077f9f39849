use crate::facts::claims::{Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    let all = neighbours.within(Kind::Port).into_iter();
    for collision in all.chain(neighbours.collisions(Kind::Port)) {
        let (own, server) = (&collision.own.name, &collision.own.server);
        let finding = report
            .at(
                &own.clone().labelled("published here"),
                format!("port {own} of {server} is taken by {} already", collision.whose()),
            )
            .help("publish it on another port, or on none: containers on one server reach each other by name");
        if let Some(other) = collision.other() {
            finding.because(&other.clone().labelled("the other one"));
        }
    }
    None
}
