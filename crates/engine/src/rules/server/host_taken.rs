use crate::facts::claims::{Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    let all = neighbours.within(Kind::ProxyHost).into_iter();
    for collision in all.chain(neighbours.collisions(Kind::ProxyHost)) {
        let (own, server) = (&collision.own.name, &collision.own.server);
        let finding = report
            .at(
                &own.clone().labelled("kamal-proxy is asked to lead this host here"),
                format!("{own} leads to {} on {server} already", collision.whose()),
            )
            .help("give each its own host, or a `path_prefix` of its own below the same host");
        if let Some(other) = collision.other() {
            finding.because(&other.clone().labelled("the other one"));
        }
    }
    None
}
