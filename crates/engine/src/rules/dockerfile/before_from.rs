use syntax::dockerfile::Keyword;

use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3061"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let before = image
        .instructions()
        .iter()
        .take_while(|instruction| instruction.keyword.value != Keyword::From);
    for instruction in before {
        let keyword = &instruction.keyword;
        if keyword.value == Keyword::Arg || matches!(keyword.value, Keyword::Unknown(_)) {
            continue;
        }
        report
            .at(
                &image.fact((), keyword.span, "in no stage"),
                format!("{} stands before the first FROM", keyword.value),
            )
            .help("begin with FROM; only ARG may stand before it");
    }
    None
}
