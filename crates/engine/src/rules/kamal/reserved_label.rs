use crate::facts::kamal::Destination;
use crate::facts::setting::Setting;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.kamal()?.version.has(2, 7) {
        return None;
    }
    let roles = destination
        .roles()
        .into_iter()
        .map(|role| role.setting().clone());
    let accessories = destination
        .accessories()
        .into_iter()
        .map(|accessory| accessory.setting().clone());
    for container in roles.chain(accessories).filter(Setting::is_mapping) {
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
