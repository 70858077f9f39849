use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let (_, install) = build.gem_step()?;
    let last = build.stage()?;
    let from = last.step_fact((), last.from().span, "containers are of this stage");
    for (name, value) in build.lost_settings() {
        let written = install.span.of(build.image().source().text());
        let lacks = if name == "BUNDLE_PATH" {
            "look for gems somewhere else"
        } else {
            "want the gems that were left out"
        };
        report
            .at(
                &value.clone().labelled("gems are installed with this"),
                format!(
                    "{name} is set for `{written}` and not in the last stage: containers {lacks}"
                ),
            )
            .because(&from)
            .confidence(Confidence::Likely)
            .help("set it in a stage that both start from, or once more in the last one")
            .snippet(format!("ENV {name}=\"{value}\""));
    }
    None
}
