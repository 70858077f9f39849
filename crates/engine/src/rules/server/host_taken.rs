use crate::facts::claims::{Collision, Kind, Neighbours};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(neighbours: &Neighbours<'_>, report: &mut Report) -> Option<()> {
    for Collision {
        server,
        name,
        whose,
    } in neighbours.collisions_and_own(Kind::ProxyHost)
    {
        report
            .at(
                &name
                    .clone()
                    .labelled("kamal-proxy is asked to lead this host here"),
                format!("{name} leads to {whose} on {server} already"),
            )
            .help("give each its own host, or a `path_prefix` of its own below the same host");
    }
    None
}
