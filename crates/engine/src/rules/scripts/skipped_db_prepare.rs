use crate::facts::kamal::Destination;
use crate::facts::process::{self, Process};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.has_settled_roles() || destination.prepares_database_elsewhere() {
        return None;
    }
    let mut skipped = Vec::new();
    for role in destination.roles() {
        let process = role.process()?;
        let preparation = process::preparation(&role).known()?;
        match &process.value {
            _ if preparation.certainty.is_some() => return None,
            // A script of the app's may well do it itself.
            Process::Other(_) => return None,
            Process::Web(_) => skipped.push(preparation),
            Process::Jobs(_) => {}
        }
    }
    let preparation = skipped.into_iter().next()?;
    let started = preparation.arguments.join(" ");
    report
        .place(
            preparation.origin.place.clone(),
            "no container comes to this",
            format!(
                "the entrypoint runs {} only in a case that never comes: containers are started with `{started}`",
                preparation.task
            ),
        )
        .because(&preparation.arguments)
        .confidence(Confidence::Likely)
        .help(format!("let the condition hold for `{started}`"));
    None
}
