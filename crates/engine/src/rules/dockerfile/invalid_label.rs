use crate::facts::dockerfile::Image;
use crate::facts::labels::is_label_key;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3048"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for label in image.labels() {
        let key = label.key;
        if !is_label_key(key) {
            report
                .at(
                    &image.fact((), key.span, "the key"),
                    format!("`{}` is no key of a label as Docker asks for it", key.value),
                )
                .help("lower case, parts between single dots or dashes, and a domain of your own before it");
        }
    }
    None
}
