use crate::facts::dockerfile::{Image, Stage};
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["StageNameCasing"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for name in image.stages().into_iter().filter_map(Stage::name) {
        let lower = name.to_lowercase();
        if *name != lower {
            report
                .at(
                    &name,
                    format!(
                        "the stage {name} has capital letters, and `FROM {name}` would not find it"
                    ),
                )
                .fix(format!("call it {lower}"), name.replace(&lower));
        }
    }
    None
}
