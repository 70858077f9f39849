use crate::facts::kamal::{Destination, Role};
use crate::facts::placeholders::is_placeholder;
use crate::facts::servers::is_loopback;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let mail = destination.app().mail();
    let sender = mail.sender()?;
    if !destination.is_production() || !mail.is_delivered() {
        return None;
    }
    let host = mail.host().known()?;
    let written = host.value.as_str()?;
    let name = written.split(':').next()?;
    // No reader of a mail finds the app there.
    if !is_placeholder(name) && !is_loopback(name) && name != "lvh.me" {
        return None;
    }
    let roles = destination.roles();
    let proxy = roles.iter().find_map(Role::proxy);
    let hosts = proxy.and_then(|proxy| proxy.hosts()).unwrap_or_default();
    let finding = report.at(&host, format!("links in mails lead to {written}"));
    // Perhaps no mail has a link in it.
    finding.because(&sender).confidence(Confidence::Likely);
    match hosts.as_slice() {
        [own] if !own.name.contains(['*', '<']) && !mail.names_port() => {
            let own = own.name.clone().labelled("kamal-proxy's host");
            finding.because(&own).fix(
                format!("name {own}, the host that kamal-proxy has"),
                host.replace(format!("\"{own}\"")),
            );
        }
        _ => {
            finding.help("name the app's own domain");
        }
    }
    None
}
