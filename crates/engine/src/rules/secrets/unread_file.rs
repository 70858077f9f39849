use crate::fact::Place;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let name = destination.option()?;
    if !destination.kamal()?.version.has(2, 0) || destination.may_stand_alone() {
        return None;
    }
    let secrets = destination
        .known_secrets()
        .filter(|secrets| secrets.sources().is_empty())?;
    let unread = secrets.unread(name);
    let asked = destination.asked_secrets();
    let (Some(first), Some(asked)) = (unread.first(), asked.first()) else {
        return None;
    };
    let own = destination.root().uppermost();
    let finding = report.place(
        Place::File(own.clone()),
        "the destination",
        format!("with `-d {name}` Kamal does not read {first}, and none of the files that it does read is there"),
    );
    finding.confidence(Confidence::Likely);
    for file in &unread {
        finding.label(Place::File(file.clone()), "not read with a destination");
    }
    let own_path = secrets.own_path();
    let common = secrets.paths().first()?;
    finding.because(&asked.name).help(format!(
        "name it {own_path}, or {common} for what all destinations share"
    ));
    None
}
