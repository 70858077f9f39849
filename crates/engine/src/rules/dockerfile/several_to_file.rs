use crate::change::Changes;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3021"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for folder in stage.folders_without_slash() {
            report
                .at(
                    &folder.target.labelled("a file, unless the folder is there"),
                    format!(
                        "{} sources go to a destination that no slash makes a folder",
                        folder.sources
                    ),
                )
                .fix(
                    "end the folder with a slash",
                    Some(Changes::edit(
                        image.source().path(),
                        vec![syntax::Edit::insert(folder.end, "/")],
                    )),
                );
        }
    }
    None
}
