use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .pedantic()
    .also(&["DL3067"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for copy in stage.copies_of_everything() {
            report
                .at(
                    &copy,
                    "all that a stage has is copied, what it built with as well",
                )
                .help("copy the folders that are needed, or start from the stage");
        }
    }
    None
}
