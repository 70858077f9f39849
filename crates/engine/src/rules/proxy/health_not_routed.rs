use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let app = role.destination().app();
    let path = role.proxy()?.health_path()?;
    let process = role.web_server()?;
    let routes = app.routes();
    let slot = routes.get(&path).absent()?;
    let finding = report.place(
        slot,
        format!("nothing here answers {path}"),
        format!("kamal-proxy asks for {path}, and no route answers it"),
    );
    finding.because(&path).because(&process);
    let own = path.trim_matches('/');
    if app.rails().has_health_controller() && !own.is_empty() {
        let line = format!("get \"{own}\" => \"rails/health#show\", as: :rails_health_check");
        finding.fix(
            format!("answer {path} with Rails' health check"),
            routes.draw_also(&line),
        );
    } else {
        finding.help(format!(
            "add a route for {path} that answers 200 without a login"
        ));
    }
    None
}
