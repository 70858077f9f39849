use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["LegacyKeyValueFormat"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for legacy in image.legacy_assignments() {
        let keyword = legacy.keyword;
        report
            .at(
                &legacy.assignment,
                format!("{keyword} without `=` takes all of the line for one value"),
            )
            .fix("write it with `=`", legacy.modern);
    }
    None
}
