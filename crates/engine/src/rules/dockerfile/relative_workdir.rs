use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["WorkdirRelativePath", "DL3000"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for relative in image.relative_folders() {
        if relative.is_first {
            let folder = &relative.folder;
            report
                .at(
                    folder,
                    format!("where the folder `{folder}` is depends on the base image"),
                )
                .help("begin it with a slash");
        }
    }
    None
}
