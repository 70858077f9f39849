use crate::facts::dockerfile::Image;
use crate::facts::labels::is_spdx;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3054"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in image.oci_labels(&["licenses"]) {
        if !is_spdx(&value) {
            report
                .at(
                    &value,
                    format!(
                        "`{key}` is `{}`, which is no expression of licenses",
                        value.value
                    ),
                )
                .help("write SPDX's name, such as `MIT`");
        }
    }
    None
}
