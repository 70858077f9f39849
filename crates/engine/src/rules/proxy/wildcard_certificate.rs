use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let automatic = proxy.fetches_certificates()?;
    for host in proxy.hosts()?.iter().filter(|host| host.name.contains('*')) {
        report
            .at(
                &host.name,
                format!(
                    "kamal-proxy cannot fetch a certificate for the wildcard {}",
                    host.name
                ),
            )
            .because(&automatic)
            .help("name each host, or give a certificate of your own under `ssl`");
    }
    None
}
