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
    let forced = middleware
        .forces_https()
        .known()
        .filter(|forced| **forced)?;
    let assumed = match middleware.assumes_https() {
        Answer::Is(assumed) if !*assumed => Some(assumed),
        Answer::Absent(_) => None,
        Answer::Is(_) | Answer::Unknown(..) => return None,
    };
    let excluded = middleware.not_redirected();
    if !Exclusion::surely_lets_in(&excluded, &path) || middleware.may_be_answered_first() {
        return None;
    }
    let finding = report.at(
        &forced.labelled("redirects what came over HTTP"),
        format!("kamal-proxy asks for {path} over HTTP, and `config.force_ssl` redirects it"),
    );
    finding.because(&path);
    if let Some(assumed) = &assumed {
        finding.because(
            &assumed
                .clone()
                .labelled("and no request is taken for HTTPS"),
        );
    }
    if let Answer::Is(excluded) = &excluded {
        finding.because(&excluded.clone().labelled(format!("not for {path}")));
    }
    let exclusion =
        format!("{{ redirect: {{ exclude: ->(request) {{ request.path == \"{path}\" }} }} }}");
    match app
        .rails()
        .set("config.ssl_options", &exclusion, "config.force_ssl")
    {
        Some(changes) => finding.fix(format!("leave {path} out of the redirect"), Some(changes)),
        None => finding.help(format!(
            "leave {path} out of the redirect, too, in `config.ssl_options`"
        )),
    };
    finding.because(&process);
    None
}
