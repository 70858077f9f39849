use crate::facts::kamal::Role;
use crate::facts::ports;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let port = role.proxy()?.app_port().known()?;
    let address = ports::private_address(role)?;
    report
        .at(
            &address,
            format!("the server listens on {address} only, which kamal-proxy cannot reach"),
        )
        .because(&port)
        .help(format!(
            "let it listen on all addresses of the container, as `port {port}` in {} does",
            role.puma().path()
        ));
    None
}
