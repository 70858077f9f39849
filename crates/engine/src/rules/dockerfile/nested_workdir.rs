use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3000"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for relative in image.relative_folders() {
        if !relative.is_first && relative.is_literal {
            let folder = &relative.folder;
            report
                .at(
                    folder,
                    format!("where the folder `{folder}` is depends on the WORKDIR before it"),
                )
                .help("write the whole path");
        }
    }
    None
}
