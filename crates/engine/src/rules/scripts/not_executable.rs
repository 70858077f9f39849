use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let image = process::stage_of(destination)?.image();
    for script in destination.scripts() {
        if !script.lacks_executable_bit() || image.changes_modes() || image.mentions("binstubs") {
            continue;
        }
        let path = script.path();
        report
            .place(
                Place::File(path.clone()),
                "mode 100644 in git",
                format!("{path} is started as a program, but git has it as a file that cannot be executed"),
            )
            .follow(script.started())
            .help(format!("run `git update-index --chmod=+x {path}` and commit"));
    }
    None
}
