use syntax::dockerfile::Keyword;

use crate::facts::dockerfile::Image;
use crate::facts::dockerfile::Stage;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3057"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let stage = image.final_stage(None)?;
    let has_one = |stage: &Stage<'_>| stage.own(&Keyword::Healthcheck).is_some();
    if !stage.lineage().iter().any(has_one) {
        report
            .at(
                &image.fact((), stage.from().span, "the image starts here"),
                "the image has no HEALTHCHECK",
            )
            .help("add none for Kamal: its proxy asks `/up` itself, and roles without a server would never be healthy");
    }
    None
}
