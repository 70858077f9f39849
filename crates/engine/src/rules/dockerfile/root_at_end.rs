use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime)
    .also(&["DL3002"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let user = image.final_stage(None)?.user().known()?;
    let name = user.split(':').next()?;
    if ["root", "0"].contains(&name) {
        report
            .at(
                &user.labelled("the last one of the image"),
                "containers of the image run as root",
            )
            .help("end with a user of the app's: `USER 1000:1000`");
    }
    None
}
