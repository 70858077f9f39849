use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::facts::labels::Form;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .also(&["DL3053"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in image.labels_without(Form::Time, app) {
        report
            .at(
                &value,
                format!("`{key}` is `{}`, which is no time", value.value),
            )
            .help("write it as `2026-01-31T12:00:00Z`");
    }
    None
}
