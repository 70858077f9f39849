use crate::facts::App;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .also(&["DL3049"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, app: &App<'_>, report: &mut Report) -> Option<()> {
    // Labels of the other stages are in no image that is pushed.
    let stage = image
        .final_stage(None)
        .filter(|_| !image.is_for_development())?;
    for (name, _) in app.label_schema() {
        if stage.has_label(&name) {
            continue;
        }
        report
            .at(
                &image.fact((), stage.from().span, "the image begins here"),
                format!("the image has no label `{}`", name.value),
            )
            .because(&name.clone().labelled("it is to have this one"))
            .help(format!("write `LABEL {}=…` in its last stage", name.value));
    }
    None
}
