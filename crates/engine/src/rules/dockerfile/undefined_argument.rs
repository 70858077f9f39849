use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Unsafe)
    .also(&["UndefinedArgInFrom"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for undeclared in image.undeclared_arguments() {
        let name = &undeclared.name;
        let finding = report.at(name, format!("FROM uses {name}, which no build can give"));
        match &undeclared.near {
            Some(near) => finding.fix(format!("use {near}"), name.replace(near)),
            None => finding.help(format!("put `ARG {name}` before the first FROM")),
        };
    }
    None
}
