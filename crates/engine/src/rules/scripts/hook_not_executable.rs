use crate::fact::Place;
use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    for hook in app
        .hooks()
        .iter()
        .filter(|hook| hook.lacks_executable_bit())
    {
        let path = hook.path();
        report
            .place(
                Place::File(path.clone()),
                "mode 100644 in git",
                format!(
                    "{path} is a hook of Kamal's, but git has it as a file that cannot be executed"
                ),
            )
            .help(format!(
                "run `git update-index --chmod=+x {path}` and commit"
            ));
    }
    None
}
