use syntax::dockerfile::Arguments;

use crate::facts::dockerfile::Image;
use crate::facts::written::Case;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["FromAsCasing"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        let from = image.written_keyword(stage.from());
        // What is mixed already is another rule's finding.
        let (
            Some(case),
            Arguments::From {
                separator: Some(separator),
                ..
            },
        ) = (Case::of(&from), &stage.from().arguments)
        else {
            continue;
        };
        let word = separator.of(image.source().text());
        if word == case.apply(word) {
            continue;
        }
        let separator = image.fact((), *separator, "in another case");
        let finding = report.at(&separator, format!("`{word}` stands beside `{from}`"));
        finding.because(&from);
        // Where the rest is written otherwise, it is FROM that has to change.
        let is_odd = case == image.case_of_keywords();
        let title = format!("write it as `{}`", case.apply(word));
        finding.fix(
            title,
            separator.replace(case.apply(word)).filter(|_| is_odd),
        );
    }
    None
}
