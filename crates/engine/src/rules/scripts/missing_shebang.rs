use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let entrypoint = destination.entrypoint()?;
    let source = entrypoint.source()?;
    // Other bytes are a program, and no script.
    if !source.is_exact() || entrypoint.shebang().is_some() {
        return None;
    }
    report
        .place(
            Place::File(source.path().clone()),
            "its first line is not `#!`",
            format!(
                "{} names no interpreter, so no container can start it",
                source.path()
            ),
        )
        .follow(entrypoint.started())
        .help("begin the file with `#!/bin/bash -e`");
    None
}
