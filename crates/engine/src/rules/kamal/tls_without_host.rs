use crate::fact::{Answer, Fact};
use crate::facts::kamal::Destination;
use crate::facts::setting::Setting;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    destination.kamal()?;
    if !destination.is_deployed() {
        return None;
    }
    let mut found = false;
    for proxy in destination.proxy_sections() {
        let Some(ssl) = proxy.get("ssl").known().filter(is_on) else {
            continue;
        };
        if HOSTS.iter().all(|key| proxy.lacks_text(key).is_some()) {
            found = true;
            report
                .at(
                    &ssl,
                    format!("`{}` is on, and `{}` has no host", ssl.key(), proxy.key()),
                )
                .help(format!("name the domain: `host` below `{}`", proxy.key()));
        }
    }
    // A role can take the root's host away with a blank one.
    for role in destination.roles().iter().filter(|_| !found) {
        let Some(proxy) = role.proxy() else { continue };
        let Some(ssl) = proxy.get("ssl").known().filter(is_on) else {
            continue;
        };
        let has_none = |key: &&str| match proxy.get(key) {
            Answer::Is(host) => host.is_blank(),
            Answer::Absent(_) => true,
            Answer::Unknown(..) => false,
        };
        if HOSTS.iter().all(has_none) {
            report
                .at(
                    &ssl,
                    format!(
                        "`{}` is on, and the role `{}` has no host",
                        ssl.key(),
                        role.name()
                    ),
                )
                .because(role.name())
                .help("name the domain of the role");
        }
    }
    None
}

const HOSTS: [&str; 2] = ["host", "hosts"];

fn is_on(ssl: &Fact<Setting<'_>>) -> bool {
    ssl.is_mapping() || ssl.boolean().known().is_some_and(|on| *on)
}
