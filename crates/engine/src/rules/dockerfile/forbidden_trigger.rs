use syntax::dockerfile::{Arguments, Keyword};

use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3043"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for instruction in image.instructions() {
        let Arguments::Onbuild(trigger) = &instruction.arguments else {
            continue;
        };
        let keyword = &trigger.keyword;
        if matches!(
            keyword.value,
            Keyword::Onbuild | Keyword::From | Keyword::Maintainer
        ) {
            report
                .at(
                    &image.fact((), keyword.span, "not allowed behind ONBUILD"),
                    format!("ONBUILD keeps no {}", keyword.value),
                )
                .help("write it into the Dockerfiles that start from this image");
        }
    }
    None
}
