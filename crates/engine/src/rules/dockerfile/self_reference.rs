use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build)
    .also(&["DL3044"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for (variable, name) in stage.values_of_the_same_line() {
            report
                .at(
                    &variable,
                    format!(
                        "${} is not set yet: the line that sets it is the same",
                        variable.value
                    ),
                )
                .because(&name)
                .help(format!(
                    "set {} in an ENV of its own, before this one",
                    variable.value
                ));
        }
    }
    None
}
