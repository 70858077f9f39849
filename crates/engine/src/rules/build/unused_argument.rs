use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let image = build.image();
    let taken = image.arguments();
    for given in build.arguments() {
        if is_builders_own(&given) {
            continue;
        }
        let same = |global: bool| {
            taken
                .iter()
                .find(|(name, is_global)| name.value == given.value && *is_global == global)
        };
        match (same(true), same(false)) {
            (_, Some(_)) => {}
            (Some(_), None) if image.starts_with_argument(&given) => {}
            (Some((global, _)), None) => {
                report
                    .at(
                        &given,
                        format!(
                            "the build is given {given}, and no stage of {} takes it",
                            image.source().path()
                        ),
                    )
                    .because(
                        &global
                            .clone()
                            .labelled("before the first FROM, so for FROM lines alone"),
                    )
                    .help(format!("repeat `ARG {given}` in the stage that uses it"));
            }
            (None, None) => {
                let names = taken.iter().map(|(name, _)| name.as_str());
                let finding = report.at(
                    &given,
                    format!(
                        "the build is given {given}, and {} takes no such argument",
                        image.source().path()
                    ),
                );
                match nearest(&given, names) {
                    Some(meant) => finding.help(format!("write {meant}, if that is what is meant")),
                    None => finding.help(format!(
                        "write `ARG {given}` in the stage that uses it, or take it out of `builder.args`"
                    )),
                };
            }
        }
    }
    None
}

/// What BuildKit itself takes (`frontend/dockerfile/docs/reference.md`, *predefined ARGs*).
fn is_builders_own(name: &str) -> bool {
    let proxies = [
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "FTP_PROXY",
        "NO_PROXY",
        "ALL_PROXY",
    ];
    let others = ["SOURCE_DATE_EPOCH"];
    let is_of_platform = name.starts_with("TARGET") || name.starts_with("BUILDKIT_");
    let upper = name.to_ascii_uppercase();
    is_of_platform || others.contains(&name) || proxies.contains(&upper.as_str())
}
