use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    if !destination.is_production() || role.web_server().is_none() || role.proxy().is_none() {
        return None;
    }
    let has_assets = app.assets().pipeline().is_known() || app.assets().vite_folder().is_known();
    let serving = app.assets().served_by_rails().known()?;
    let variable = serving.value.clone();
    if !has_assets || destination.may_serve_files() {
        return None;
    }
    match variable {
        Some(variable) => {
            role.variable(&variable).absent()?;
            report
                .at(
                    &serving,
                    format!(
                        "Rails serves nothing of public/ without {variable}, and nothing else does"
                    ),
                )
                .because(role.name())
                .confidence(Confidence::Likely)
                .fix(
                    format!("set {variable}"),
                    destination.set_variable(&variable, "true"),
                );
        }
        None => {
            report
                .at(
                    &serving,
                    "Rails is told to serve nothing of public/, and nothing else does",
                )
                .because(role.name())
                .confidence(Confidence::Likely)
                .help("take the line away: kamal-proxy and Thruster serve no files by themselves");
        }
    }
    None
}
