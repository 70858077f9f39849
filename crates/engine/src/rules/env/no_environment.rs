use crate::facts::build::is_official_ruby;
use crate::facts::kamal::Role;
use crate::facts::process::Process;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let process = role.web_server()?;
    let build = role.destination().build()?;
    // Another image may bring the variable along.
    let base = build.base_of(build.stage()?)?;
    let place = role.variable("RAILS_ENV").absent()?;
    role.variable("RACK_ENV").absent()?;
    let Process::Web(web) = &process.value else {
        return None;
    };
    if !is_official_ruby(&base)
        || web.environment.is_some()
        || role.destination().app().puma().calls("environment")
    {
        return None;
    }
    report
        .at(&process, "Rails starts in development: nothing sets RAILS_ENV")
        .label(place, "not here")
        .because(&base.labelled("nor in this image"))
        .confidence(Confidence::Likely)
        .help("write `ENV RAILS_ENV=\"production\"` into the Dockerfile, above the step that installs gems");
    None
}
