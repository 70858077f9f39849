use crate::facts::kamal::Destination;
use crate::facts::kamal_keys::Version;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kamal = destination.kamal()?;
    let locked = kamal.origin.as_ref()?;
    let minimum = destination
        .root()
        .get("minimum_version")
        .and_then(|minimum| minimum.text())
        .known()?;
    if Version::parse(released(&minimum))? <= kamal.version {
        return None;
    }
    report
        .at(
            &minimum,
            format!("`minimum_version` is {minimum}, and the bundle has Kamal {kamal}"),
        )
        .follow(locked)
        .help("run `bundle update kamal --conservative`");
    None
}

/// The release that a version leads to: `2.0.0` for `2.0.0.rc1`, which is newer than all before it.
fn released(version: &str) -> &str {
    let letter = version.find(|c: char| c.is_ascii_alphabetic());
    let numbers = letter.map_or(version, |at| &version[..at]);
    numbers.trim_end_matches('.')
}
