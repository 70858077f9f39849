use crate::facts::dockerfile::Image;
use crate::facts::labels::is_rfc_3339;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3053"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in image.oci_labels(&["created"]) {
        if !is_rfc_3339(&value) {
            report
                .at(
                    &value,
                    format!("`{key}` is `{}`, which is no time", value.value),
                )
                .help("write it as `2026-01-31T12:00:00Z`");
        }
    }
    None
}
