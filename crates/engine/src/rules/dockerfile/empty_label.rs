use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .also(&["DL3051"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    let schema = app.label_schema();
    for label in image.labels() {
        let key = &label.key.value;
        let is_asked_for = schema.iter().any(|(name, _)| name.value == *key);
        let value = label.value.filter(|value| value.is_empty());
        if let Some(value) = value.filter(|_| is_asked_for) {
            report
                .at(&value, format!("`{key}` is there, and says nothing"))
                .help("give it a value, or take it out of `label_schema` in config/seaworthy.yml");
        }
    }
    None
}
