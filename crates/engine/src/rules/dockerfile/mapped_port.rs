use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .pedantic()
    .also(&["ExposeInvalidFormat"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for (port, is_written) in image.exposed() {
        let Some((before, own)) = port
            .rsplit_once(':')
            .filter(|(before, _)| !before.trim_matches(':').is_empty())
        else {
            continue;
        };
        report
            .at(
                &port,
                format!("EXPOSE publishes nothing, so `{before}:` means nothing"),
            )
            .fix(
                format!("write it as `{own}`"),
                port.replace(own).filter(|_| is_written),
            );
    }
    None
}
