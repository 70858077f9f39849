use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .also(&["DL3020"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for add in stage.plain_adds() {
            let finding = report.at(
                &add.keyword,
                "ADD does what COPY does here, and would do more with another name",
            );
            if add.is_settled {
                finding.fix("copy it with COPY", add.keyword.replace("COPY"));
            } else {
                finding.help("copy it with COPY, unless it is an archive or an address");
            }
        }
    }
    None
}
