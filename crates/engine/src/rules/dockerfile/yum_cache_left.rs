use crate::facts::dockerfile::Image;
use crate::facts::installs::{Manager, YUM};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Cost, Layer::Build)
    .pedantic()
    .also(&["DL3032"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    leaves(image, &YUM, "end the step with `&& yum clean all`", report)
}

/// Reports the installs of one of these programs that leave its cache in the image.
pub(super) fn leaves(
    image: Image<'_>,
    manager: &'static Manager,
    help: &'static str,
    report: &mut Report,
) -> Option<()> {
    for install in image.installs(manager) {
        if install.leaves_cache() {
            report
                .at(
                    &install
                        .ran
                        .fact_at((), install.verb, "keeps what it fetched"),
                    format!("`{}` leaves its cache in the image", install.program()),
                )
                .help(help);
        }
    }
    None
}
