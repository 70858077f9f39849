use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["ConsistentInstructionCasing"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let case = image.case_of_keywords();
    for keyword in image.written_keywords() {
        let usual = case.apply(&keyword);
        if *keyword != usual {
            report
                .at(
                    &keyword,
                    format!("`{keyword}` is written in another case than most instructions"),
                )
                .fix(format!("write it as `{usual}`"), keyword.replace(&usual));
        }
    }
    None
}
