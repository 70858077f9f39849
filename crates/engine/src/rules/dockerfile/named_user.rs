use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Runtime)
    .pedantic()
    .also(&["DL3066"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for stage in image.stages() {
        for user in stage.users() {
            let name = user.split(':').next()?;
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            report
                .at(
                    &user,
                    format!("`{name}` is a name, and only the image knows its number"),
                )
                .help("write the number: `USER 1000:1000`");
        }
    }
    None
}
