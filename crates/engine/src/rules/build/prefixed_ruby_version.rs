use crate::facts::build::ruby_tag;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    for stage in build.stages() {
        let base = build.base_of(stage);
        let Some(base) =
            base.filter(|base| ruby_tag(base).is_some_and(|tag| tag.starts_with("ruby-")))
        else {
            continue;
        };
        let written = base.source_text(destination.app().tree());
        let fix = if written.contains(":ruby-") {
            base.replace(written.replacen(":ruby-", ":", 1))
        } else {
            base.replace(written.replacen("ruby-", "", 1))
        };
        report
            .at(&base, format!("there is no Ruby image {}", base.value))
            .fix("write the version alone", fix);
    }
    None
}
