use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    if role.has_network_of_its_own() || !role.runs_rails() {
        return None;
    }
    let destination = role.destination();
    for url in role.urls_to_itself() {
        let service = url.service;
        let finding = report.at(
            &url.variable,
            format!(
                "{} leads to {service} in the app's own container, where none runs: its host is {}",
                url.variable.value, url.host
            ),
        );
        finding.because(&url.reader).confidence(Confidence::Likely);
        match destination.accessory_name_of(service) {
            Some(name) => finding.help(format!("put {name} in its place, the accessory's name")),
            None => finding.help(
                "put the server's address in its place, or the accessory's name: SERVICE-ACCESSORY",
            ),
        };
    }
    None
}
