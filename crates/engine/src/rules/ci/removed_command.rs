use crate::facts::App;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// Commands of Kamal 1 that Kamal 2 has not, and what takes their place (kamal 2.12
/// `lib/kamal/cli/main.rb`).
const REMOVED: [(&str, &str); 3] = [
    (
        "env",
        "remove the step: `kamal deploy` brings the variables along",
    ),
    (
        "envify",
        "remove the step: Kamal reads .kamal/secrets while it deploys",
    ),
    (
        "traefik",
        "use `kamal proxy` instead: kamal-proxy has taken Traefik's place",
    ),
];

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let kamal = app.kamal()?;
    let destinations = app.destinations();
    // Nothing says which Kamal it is, and the file is for Kamal 1.
    let is_kamal_1 = destinations
        .iter()
        .any(|destination| destination.kamal().is_none());
    let aliases = |name: &str| {
        destinations
            .iter()
            .any(|destination| !destination.root().dig(&["aliases", name]).is_absent())
    };
    if !kamal.version.has(2, 0) || is_kamal_1 || destinations.is_empty() {
        return None;
    }
    for job in app.kamal_jobs() {
        for command in job.commands() {
            let verb = command
                .positional()
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned();
            let removed = REMOVED.into_iter().find(|(name, _)| *name == verb);
            let Some((name, instead)) = removed.filter(|(name, _)| !aliases(name)) else {
                continue;
            };
            let finding = report.at(
                command,
                format!("the workflow runs `kamal {name}`, which Kamal {kamal} does not have"),
            );
            if let Some(origin) = kamal.origin.as_ref().or(kamal.installed.as_ref()) {
                finding.follow(origin);
            }
            finding.help(instead);
        }
    }
    None
}
