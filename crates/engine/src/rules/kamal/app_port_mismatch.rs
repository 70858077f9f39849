use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let proxied = proxy.app_port().known()?;
    let listening = role.listening_port()?;
    if *proxied == *listening || role.destination().is_abandoned() {
        return None;
    }
    // Past Thruster the server answers as well: a loss, but the deploy passes.
    match role.port_behind_thruster() {
        Answer::Absent(_) => {}
        Answer::Is(behind) if *behind != *proxied => {}
        Answer::Is(_) | Answer::Unknown(..) => return None,
    }
    report
        .place(
            proxy.app_port_place(),
            format!("kamal-proxy forwards to port {proxied}"),
            format!(
                "kamal-proxy forwards to port {proxied}, but the container listens on {listening}"
            ),
        )
        .because(&listening)
        .fix(
            format!("forward to port {listening}, where the container listens"),
            proxy.set("app_port", &listening.to_string()),
        );
    None
}
