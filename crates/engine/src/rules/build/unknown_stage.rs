use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let target = build.target().known()?;
    let image = build.image();
    if image.final_stage(Some(&target)).is_some() {
        return None;
    }
    let names: Vec<_> = image.stages().into_iter().filter_map(Stage::name).collect();
    let finding = report.at(
        &target.clone().labelled("this stage is to be built"),
        format!("{} has no stage {target}", image.source().path()),
    );
    for name in &names {
        finding.because(name);
    }
    match nearest(&target, names.iter().map(|name| name.as_str())) {
        Some(meant) => finding.fix(format!("build the stage {meant}"), target.replace(meant)),
        None => {
            finding.help("name one of its stages, or leave `builder.target` out to build the last")
        }
    };
    None
}
