use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let automatic = proxy.fetches_certificates()?;
    for host in proxy.hosts()? {
        let Some(what) = what_nobody_certifies(&host.name) else {
            continue;
        };
        report
            .at(
                &host.name,
                format!(
                    "Let's Encrypt gives kamal-proxy no certificate for {}, {what}",
                    host.name
                ),
            )
            .because(&automatic)
            .help("use a domain that points to the server, or `ssl: false` while there is none");
    }
    None
}

/// Names that belong to nobody on the internet (RFC 6761, RFC 6762, RFC 8375, and ICANN's
/// `.internal`).
const PRIVATE: [&str; 8] = [
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "test",
];

/// What a host is, if no public authority certifies it.
fn what_nobody_certifies(host: &str) -> Option<&'static str> {
    let host = host.trim().trim_end_matches('.');
    // A placeholder or a URL is another defect.
    if host.is_empty() || host.contains(['<', '>', '*', '/', ' ', '_']) {
        return None;
    }
    if host
        .trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
        .is_ok()
    {
        return Some("an address");
    }
    if host.contains(':') {
        return None;
    }
    let is_private = PRIVATE.iter().any(|private| {
        host == *private
            || host
                .strip_suffix(private)
                .is_some_and(|rest| rest.ends_with('.'))
    });
    match host.contains('.') {
        _ if is_private => Some("a name that only a private network knows"),
        false => Some("a name without a domain"),
        true => None,
    }
}
