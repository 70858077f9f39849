use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3035"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for ran in image.running(&["zypper"]) {
        if !matches!(ran.subcommand().as_deref(), Some("dup" | "dist-upgrade")) {
            continue;
        }
        report
            .at(
                &ran.fact((), "moves to another release"),
                "`zypper dist-upgrade` makes another release of the base image",
            )
            .help("start from an image of that release, and leave the upgrade out");
    }
    None
}
