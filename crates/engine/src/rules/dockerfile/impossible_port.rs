use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .also(&["DL3011"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let is_too_large = |end: &str| {
        end.bytes().all(|byte| byte.is_ascii_digit())
            && !end.is_empty()
            && end.parse::<u16>().is_err()
    };
    for (port, _) in image.exposed() {
        let number = port.split('/').next()?;
        if number.split('-').any(is_too_large) {
            report
                .at(&port, format!("there is no port {number}"))
                .help("name a port up to 65535");
        }
    }
    None
}
