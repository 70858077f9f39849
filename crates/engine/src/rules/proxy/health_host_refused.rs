use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::facts::middleware::Exclusion;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let path = role.proxy()?.health_path()?;
    let process = role.web_server()?;
    if !role.destination().is_production() {
        return None;
    }
    let middleware = app.middleware();
    let hosts = middleware.hosts().known()?;
    let excluded = middleware.not_held_to_hosts();
    if !Exclusion::surely_lets_in(&excluded, &path) || middleware.may_be_answered_first() {
        return None;
    }
    let finding = report.at(
        &hosts,
        format!(
            "kamal-proxy asks for {path} by the container's name, which `config.hosts` refuses"
        ),
    );
    for host in &hosts.value {
        finding.because(host);
    }
    finding.because(&path);
    if let Answer::Is(excluded) = &excluded {
        finding.because(&excluded.clone().labelled(format!("not for {path}")));
    }
    let exclusion = format!("{{ exclude: ->(request) {{ request.path == \"{path}\" }} }}");
    match app
        .rails()
        .set("config.host_authorization", &exclusion, "config.hosts")
    {
        Some(changes) => finding.fix(format!("answer {path} whatever the name"), Some(changes)),
        None => finding.help(format!(
            "answer {path} whatever the name, too, in `config.host_authorization`"
        )),
    };
    finding.because(&process);
    None
}
