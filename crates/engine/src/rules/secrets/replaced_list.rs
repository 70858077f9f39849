use crate::facts::kamal::Destination;
use crate::facts::secrets::Replaced;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for Replaced { now, before, lost } in destination.replaced_secrets() {
        let names: Vec<&str> = lost.iter().map(|name| name.value.as_str()).collect();
        let file = before.place().path()?.clone();
        report
            .place(
                now.name(),
                "takes the place of the other list",
                format!(
                    "`{}` replaces the list in {file}, which has {}",
                    now.key(),
                    listed(&names)
                ),
            )
            .confidence(Confidence::Likely)
            .label(before.name(), "replaced")
            .help(format!(
                "repeat {} here: Kamal merges mappings, but a list replaces the one below",
                listed(&names)
            ));
    }
    None
}

fn listed(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        names => names.concat(),
    }
}
