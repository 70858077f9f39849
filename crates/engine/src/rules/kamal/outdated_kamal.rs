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
    if Version::parse(&minimum)? <= kamal.version {
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
