use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for script in destination
        .scripts()
        .into_iter()
        .chain(destination.app().hooks())
    {
        let Some(shebang) = script
            .shebang()
            .filter(|shebang| shebang.has_carriage_return)
        else {
            continue;
        };
        report
            .at(
                &shebang.labelled("ends with a carriage return"),
                format!(
                    "the first line of {} ends as on Windows, and no such interpreter exists",
                    script.path()
                ),
            )
            .follow(script.started())
            .fix("end the lines as on Unix", script.with_unix_line_ends());
    }
    None
}
