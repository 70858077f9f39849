use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.kamal()?.version.has(2, 7) {
        return None;
    }
    for container in destination.containers() {
        let labels = container.get("labels").known();
        for label in labels.iter().flat_map(|labels| labels.members()) {
            if ["destination", "role", "service"].contains(&label.name.as_str()) {
                report
                    .at(
                        &label.name,
                        format!("`{}` is a label that Kamal sets itself", label.value.key()),
                    )
                    .help("call it something else, or leave it out");
            }
        }
    }
    None
}
