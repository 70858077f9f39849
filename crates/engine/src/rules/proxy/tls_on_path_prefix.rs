use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let tls = proxy.ends_tls()?;
    let prefixes = proxy.path_prefixes()?;
    let first = prefixes.first()?;
    if !*tls
        || prefixes
            .iter()
            .any(|prefix| prefix.trim_matches('/').is_empty())
    {
        return None;
    }
    report
        .at(
            &tls,
            format!("kamal-proxy refuses TLS for {first} alone: the service at / decides on it"),
        )
        .because(&first.clone().labelled("the root path is not among these"))
        .help("set `ssl` for the app that serves / of this host, and take it out here");
    None
}
