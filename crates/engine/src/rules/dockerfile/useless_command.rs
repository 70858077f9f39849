use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3001"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let programs = [
        "free", "kill", "mount", "ps", "service", "shutdown", "ssh", "top", "vim",
    ];
    for ran in image.running(&programs) {
        let program = ran.program()?;
        report
            .at(
                &ran.fact((), "runs while the image is built"),
                format!("`{program}` has nothing to do in a build"),
            )
            .help("leave it out; what is to run in the container belongs into its command");
    }
    None
}
