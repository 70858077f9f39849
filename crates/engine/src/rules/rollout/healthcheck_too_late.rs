use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let healthcheck = role.docker_healthcheck()?;
    let timeout = role.destination().deploy_timeout()?;
    let first = healthcheck.first_after()?;
    if first < *timeout {
        return None;
    }
    report
        .at(
            &healthcheck,
            format!(
                "the HEALTHCHECK of {} is first asked after {first} seconds, and Kamal gives up after {timeout}",
                role.name()
            ),
        )
        .because(&timeout)
        .because(role.name())
        .confidence(Confidence::Likely)
        .help("ask sooner: `HEALTHCHECK --interval=5s`");
    None
}
