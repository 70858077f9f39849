use syntax::shell::evaluate::Certainty;

use crate::facts::database::Adapter;
use crate::facts::kamal::Role;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let root = destination.root();
    let boot = root.get("boot");
    let limit = root.dig(&["boot", "limit"]);
    // Files on several servers are several databases.
    if boot.is_unknown()
        || !limit.is_absent()
        || *destination.app().adapter().known()? == Adapter::Sqlite
    {
        return None;
    }
    let hosts = role.hosts();
    let [_, second, ..] = hosts.as_slice() else {
        return None;
    };
    let preparation = process::preparation(role).known()?;
    if preparation.certainty != Some(Certainty::Certain) {
        return None;
    }
    report
        .at(
            &second.clone().labelled("boots at the same time"),
            format!(
                "the servers of {} boot at once, and each runs {} on the same database",
                role.name(),
                preparation.task
            ),
        )
        .because(&preparation.clone().labelled("each server comes to this"))
        .fix(
            "let one server boot after the other",
            root.set(&["boot", "limit"], "1"),
        );
    None
}
