use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::{Given, Kamal, Key, Known, Version};
use crate::finding::{Confidence, Consequence, Finding, Layer, Report, Safety};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kamal = destination.kamal()?;
    for given in destination.given() {
        match given.known {
            Known::Key(_) => {}
            Known::Elsewhen(key) => elsewhen(given, key, &kamal, report),
            Known::BesideSections => {
                report
                    .at(&given.name, format!("`{}` stands beside `clear` and `secret`, where Kamal takes no variables", given.path()))
                    .help(format!("move `{}` below `{}.clear`", given.name, given.section()));
            }
            Known::TagsBelow => {
                report
                    .at(
                        &given.name,
                        format!(
                            "`{}` is not the root's `env`, which alone may have tags",
                            given.section()
                        ),
                    )
                    .help("move the tags below the root's `env`");
            }
            // A later Kamal may have keys that nobody here has heard of.
            Known::Nothing if !kamal.is_known() => {}
            Known::Nothing => nothing(given, &kamal, report),
        }
    }
    None
}

/// A key that came with a later Kamal, or left with an earlier one.
fn elsewhen(given: &Given<'_>, key: &Key, kamal: &Kamal, report: &mut Report) {
    let path = given.path();
    let version = kamal.version;
    match key.since.filter(|since| *since > version) {
        Some(since) => {
            let finding = report.at(
                &given.name,
                format!(
                    "`{path}` came with Kamal {since}, and {} {kamal}",
                    has(kamal)
                ),
            );
            finding.help(if version < Version::TWO {
                "upgrade to Kamal 2, or leave the key out".to_owned()
            } else {
                format!("update Kamal to {since} or later: `bundle update kamal --conservative`")
            });
            according_to(finding, kamal);
        }
        None => {
            let gone = key.until.unwrap_or(Version::TWO);
            let finding = report.at(
                &given.name,
                format!(
                    "`{path}` left with Kamal {gone}, and {} {kamal}",
                    has(kamal)
                ),
            );
            finding.help(match &key.instead {
                Some(instead) => instead.clone(),
                None => format!("leave `{path}` out"),
            });
            according_to(finding, kamal);
        }
    }
}

fn has(kamal: &Kamal) -> &'static str {
    if kamal.origin.is_some() {
        "the bundle has"
    } else {
        "the newest is"
    }
}

/// Shows what says which Kamal it is. Where nothing does, somebody may have another one.
fn according_to(finding: &mut Finding, kamal: &Kamal) {
    match kamal.origin.as_ref().or(kamal.installed.as_ref()) {
        Some(origin) => finding.follow(origin),
        None => finding.confidence(Confidence::Likely),
    };
}

fn nothing(given: &Given<'_>, kamal: &Kamal, report: &mut Report) {
    let path = given.path();
    let meant = nearest(&given.name, given.siblings());
    let finding = report.at(&given.name, format!("Kamal {kamal} has no key `{path}`"));
    if let Some(meant) = meant {
        let title = format!("write it `{meant}`");
        finding.unsafe_fix(title, given.name.replace(meant));
    } else if let Some(section) = given.belongs_in() {
        finding.help(format!("move it below `{section}`"));
    } else if given.section().is_empty() {
        finding.help("leave it out, or begin its name with `x-` if it is an anchor's");
    } else {
        let taken: Vec<&str> = given.siblings().collect();
        finding.help(format!(
            "leave it out; `{}` takes {}",
            given.section(),
            taken.join(", ")
        ));
    }
}
