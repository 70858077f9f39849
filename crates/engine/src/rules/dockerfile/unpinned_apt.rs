use crate::facts::dockerfile::Image;
use crate::facts::installs::{APT, Manager};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3008"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    unpinned(
        image,
        &APT,
        "name a version where the mirror keeps it: `package=version`",
        report,
    )
}

/// Reports the packages that one of these programs installs in whatever version there is.
pub(super) fn unpinned(
    image: Image<'_>,
    manager: &'static Manager,
    help: &'static str,
    report: &mut Report,
) -> Option<()> {
    for install in image.installs(manager) {
        let Some((first, names)) = install.unpinned() else {
            continue;
        };
        let program = install.program();
        report
            .at(
                &first,
                format!("`{program}` takes whatever version of {names} there is"),
            )
            .help(help);
    }
    None
}
