use crate::facts::kamal::Role;
use crate::facts::process::{Process, Runner};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta =
    Meta::error(Consequence::FailedDeploy, Layer::Deploy).fix(Safety::Safe).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let healthcheck = role.docker_healthcheck()?;
    let process = role.process()?;
    // The others can be told to answer HTTP themselves.
    if !matches!(process.value, Process::Jobs(Runner::SolidQueue | Runner::DelayedJob)) {
        return None;
    }
    if !healthcheck.asks_http() {
        return None;
    }
    report
        .at(
            &healthcheck,
            format!("the image's HEALTHCHECK asks a web server, and the role {} runs none", role.name()),
        )
        .because(&process)
        .fix(
            "run this role without it",
            role.setting().set(&["options", "no-healthcheck"], "true"),
        );
    None
}
