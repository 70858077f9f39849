use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3003"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for ran in image.running(&["cd"]) {
        report
            .at(
                &ran.fact((), "ends with the step"),
                "`cd` changes the folder for one step alone",
            )
            .help("set the folder with WORKDIR, or name it: `make -C FOLDER`");
    }
    None
}
