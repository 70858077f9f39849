use crate::facts::accessory;
use crate::facts::compose::Service;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    if !service.project().is_production() {
        return None;
    }
    let image = service.image().known()?;
    let server = accessory::private_service(&image)?;
    for port in service.ports() {
        if !port.is_public() {
            continue;
        }
        report
            .at(&port, format!("{server} answers on port {} of every address of the server", port.host))
            .because(&image.clone().labelled("the image"))
            .confidence(Confidence::Likely)
            .help(format!(
                "remove the port, as services reach one another without, or write 127.0.0.1:{}:{}; Docker opens ports past ufw",
                port.host, port.container
            ));
    }
    None
}
