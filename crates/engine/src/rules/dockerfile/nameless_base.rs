use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::FailedDeploy, Layer::Build)
    .pedantic()
    .also(&["InvalidDefaultArgInFrom"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for base in image.nameless_bases() {
        let name = &base.name;
        let finding = match base.arguments.as_slice() {
            [] => report.at(name, format!("`{name}` is no name of an image")),
            [argument, ..] => {
                let message = match name.as_str() {
                    "" => format!("a build that is not given {argument} has no base image"),
                    _ => format!(
                        "a build that is not given {argument} starts from `{name}`, which is no name"
                    ),
                };
                report.at(name, message)
            }
        };
        for argument in &base.arguments {
            finding.because(argument);
        }
        match base.arguments.first() {
            Some(argument) => {
                finding.help(format!("give {argument} a default: `ARG {argument}=…`"))
            }
            None => finding.help("names have small letters only, and one tag"),
        };
    }
    None
}
