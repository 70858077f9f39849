use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL4006"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    unnoticed(
        image,
        false,
        "what fails in a pipe is not noticed, but for its last command",
        report,
    )
}

/// Reports the pipes that succeed whatever fails in them: those that swallow a download, or the others.
pub(super) fn unnoticed(
    image: Image<'_>,
    swallows_download: bool,
    message: &'static str,
    report: &mut Report,
) -> Option<()> {
    for script in image.scripted() {
        let pipes = script.pipes().into_iter();
        let mut pipes = pipes
            .filter(|pipe| pipe.swallows_download == swallows_download)
            .peekable();
        if pipes.peek().is_none() || script.has_pipefail() {
            continue;
        }
        let help = match script.shell().as_deref() {
            Some("bash" | "ash" | "zsh") => "begin the step with `set -o pipefail &&`",
            _ => {
                "let bash run the stage's steps: `SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]`"
            }
        };
        for pipe in pipes {
            report.at(&pipe.place, message).help(help);
        }
    }
    None
}
