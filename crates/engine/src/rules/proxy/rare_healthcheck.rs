use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let interval = role.proxy()?.health_interval().known()?;
    let timeout = role.destination().deploy_timeout()?;
    if interval.value < timeout.value {
        return None;
    }
    report
        .at(
            &interval,
            format!("a new container is asked at once and then after {interval} seconds, and Kamal gives up after {timeout}"),
        )
        .because(&timeout)
        .help("take the line away: 1 second is the default");
    None
}
