use crate::facts::kamal::Role;
use crate::facts::process::{Process, Runner};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let healthcheck = role.docker_healthcheck()?;
    let process = role.process()?;
    let asked = healthcheck.web_port()?;
    let Process::Jobs(runner) = process.value else {
        return None;
    };
    // The others can be told to answer HTTP themselves, on a port of their own.
    let never_answers = matches!(runner, Runner::SolidQueue | Runner::DelayedJob);
    if !never_answers && web_port(role) != Some(asked) {
        return None;
    }
    report
        .at(
            &healthcheck,
            format!(
                "the image's HEALTHCHECK asks a web server, and the role {} runs none",
                role.name()
            ),
        )
        .because(&process)
        .fix(
            "run this role without it",
            role.setting().set(&["options", "no-healthcheck"], "true"),
        );
    None
}

/// The port that the web server of the same image listens on.
fn web_port(role: &Role<'_>) -> Option<u16> {
    let roles = role.destination().roles();
    let primary = roles.iter().find(|role| role.is_primary())?;
    Some(primary.listening_port()?.value)
}
