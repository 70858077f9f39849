use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    for user in build.missing_users() {
        report
            .at(
                &user,
                format!("no step makes the user {user}, and Ruby's image has none of that name"),
            )
            .confidence(Confidence::Likely)
            .help("make the user before, in the same stage or one that it starts from")
            .snippet(format!(
                "RUN groupadd --system --gid 1000 {user} && \\\n    \
                 useradd {user} --uid 1000 --gid 1000 --create-home --shell /bin/bash"
            ));
    }
    None
}
