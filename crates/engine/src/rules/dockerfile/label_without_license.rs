use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::facts::labels::Form;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .also(&["DL3054"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    for (key, value) in image.labels_without(Form::License, app) {
        report
            .at(
                &value,
                format!(
                    "`{key}` is `{}`, which is no expression of licenses",
                    value.value
                ),
            )
            .help("write SPDX's name, such as `MIT`, or `LicenseRef-NAME` for one that SPDX does not have");
    }
    None
}
