use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    role.destination().kamal()?;
    if !role.destination().is_deployed() {
        return None;
    }
    let proxy = role.proxy()?;
    let ssl = proxy.get("ssl").known()?;
    let is_on = ssl.is_mapping() || *ssl.boolean().known()?;
    let has_own = ["certificate_pem", "private_key_pem"]
        .iter()
        .all(|key| ssl.is_mapping() && ssl.lacks_text(key).is_none());
    if !is_on || has_own {
        return None;
    }
    let hosts = role.hosts();
    let second = hosts.iter().find(|host| host.value != hosts[0].value)?;
    report
        .at(&ssl, format!("`{}` asks Let's Encrypt for a certificate, and the role `{}` runs on several servers", ssl.key(), role.name()))
        .because(&hosts[0])
        .because(second)
        .help("give a certificate of your own below `ssl`, or end TLS at a load balancer and leave `ssl` out");
    None
}
