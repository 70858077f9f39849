use syntax::shell::Word;

use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL4005"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    for ran in image.running(&["ln"]) {
        let is_shell = |word: &Word| word.literal().as_deref() == Some("/bin/sh");
        if ran.operands().any(is_shell) {
            report
                .at(
                    &ran.fact((), "for the container as well"),
                    "`/bin/sh` is made another shell",
                )
                .help("name the shell for the build alone: `SHELL [\"/bin/bash\", \"-c\"]`");
        }
    }
    None
}
