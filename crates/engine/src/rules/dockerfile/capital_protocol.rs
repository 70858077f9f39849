use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["ExposeProtoCasing"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (port, is_written) in image.exposed() {
        let Some((number, protocol)) = port.split_once('/') else {
            continue;
        };
        let lower = protocol.to_lowercase();
        if protocol != lower {
            let change = port.replace(format!("{number}/{lower}"));
            report
                .at(
                    &port,
                    format!("EXPOSE writes `{protocol}` in capital letters"),
                )
                .fix(
                    format!("write it as `{lower}`"),
                    change.filter(|_| is_written),
                );
        }
    }
    None
}
