use syntax::{Edit, Span};

use crate::change::Changes;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["RedundantTargetPlatform", "DL3065"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        let (Some(platform), [flag]) = (stage.platform(), stage.from().flags.as_slice()) else {
            continue;
        };
        let is_target = |name: &str| (name == "TARGETPLATFORM").then(|| name.to_owned());
        if platform.variables().count() != 1
            || platform.expand(&is_target).as_deref() != Ok("TARGETPLATFORM")
        {
            continue;
        }
        let start = flag.span.start as usize;
        let blank = Span::new(start, stage.base_word()?.span.start as usize);
        let is_beside = !blank.of(image.source().text()).contains('\n');
        let change = Changes::edit(image.source().path(), vec![Edit::delete(blank)]);
        report
            .at(
                &image.fact((), flag.span, "the platform that is built for"),
                "FROM takes this platform by itself",
            )
            .fix("take the flag out", is_beside.then_some(change));
    }
    None
}
