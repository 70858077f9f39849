use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Unsafe)
    .also(&["UndefinedVar"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for undefined in image.undefined_variables() {
        let name = &undefined.name;
        let finding = report.at(name, format!("${name} is used, and nothing sets it"));
        match &undefined.near {
            Some(near) => finding.fix(format!("use ${near}"), name.replace(near)),
            None => finding.help(format!(
                "set it before, with `ARG {name}` or ENV, or take it out"
            )),
        };
    }
    None
}
