use crate::facts::dockerfile::Image;
use crate::facts::labels::is_url;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3052"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in image.oci_labels(&["url", "source", "documentation"]) {
        if !is_url(&value) {
            report
                .at(
                    &value,
                    format!("`{key}` is `{}`, which is no address", value.value),
                )
                .help("write it with its scheme: `https://…`");
        }
    }
    None
}
