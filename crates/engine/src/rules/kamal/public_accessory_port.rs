use crate::fact::Fact;
use crate::facts::kamal::{Accessory, Published};
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(accessory: &Accessory<'_>, report: &mut Report) -> Option<()> {
    let service = accessory.private_service()?;
    let is_set = |port: &Fact<Published>| {
        let own = accessory.published_port().known();
        own.is_some_and(|own| own.origin.place == port.origin.place)
    };
    for port in accessory.open_ports() {
        let Published {
            host, container, ..
        } = port.value.clone();
        let finding = report.at(
            &port,
            format!("port {host} of {service} is published on all addresses of the server"),
        );
        finding
            .because(accessory.name())
            .confidence(Confidence::Likely);
        let private = format!("127.0.0.1:{host}:{container}");
        if accessory.is_reached_by_address() {
            finding.help(format!(
                "bind it to a private address that the app's hosts reach: \"10.0.0.2:{host}:{container}\""
            ));
        } else if !is_set(&port) {
            finding.help(format!(
                "publish it on the server's own loopback only: \"{private}\""
            ));
        } else {
            let title = "publish it on the server's own loopback only";
            let changes = accessory.set("port", &private);
            if accessory.is_reached_by_name() {
                finding.fix(title, changes);
            } else {
                finding.unsafe_fix(title, changes);
            }
        }
    }
    None
}
