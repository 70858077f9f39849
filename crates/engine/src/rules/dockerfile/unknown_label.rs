use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .also(&["DL3050"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    if !app.forbids_other_labels() {
        return None;
    }
    let schema = app.label_schema();
    let names = || schema.iter().map(|(name, _)| name.as_str());
    for label in image.labels() {
        let key = label.key;
        if names().any(|name| name == key.value) {
            continue;
        }
        let help = match nearest(&key.value, names()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "take it out, or add it to `label_schema` in config/seaworthy.yml".to_owned(),
        };
        report
            .at(
                &image.fact((), key.span, "the key"),
                format!("`{}` is none of the labels that images may have", key.value),
            )
            .help(help);
    }
    None
}
