use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let hosts = role.proxy()?.hosts()?;
    for host in &hosts {
        let Some(what) = what_is_too_much(&host.name) else {
            continue;
        };
        // All hosts of one value are mended together.
        let all: Vec<String> = hosts
            .iter()
            .filter(|other| other.setting.place() == host.setting.place())
            .map(|other| bare(&other.name))
            .collect();
        report
            .at(
                &host.name,
                format!(
                    "no request is for the host `{}`: {what} is no part of a host",
                    host.name
                ),
            )
            .fix(
                format!("name the host alone: {}", bare(&host.name)),
                host.setting.replace(&all.join(",")),
            );
    }
    None
}

/// What a host has that the `Host` of a request never has, once its port is taken off.
fn what_is_too_much(host: &str) -> Option<&'static str> {
    // No host has these, so it is a placeholder.
    if host.contains(['<', '_']) {
        return None;
    }
    if host.contains("://") {
        return Some("the scheme");
    }
    if host.contains('/') {
        return Some("a path");
    }
    if host.chars().any(char::is_whitespace) {
        return Some("white space");
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && !name.contains(':')
        && port.parse::<u16>().is_ok()
    {
        return Some("the port");
    }
    // Browsers ask in lower case.
    host.chars()
        .any(char::is_uppercase)
        .then_some("an upper-case letter")
}

/// The host without all that.
fn bare(host: &str) -> String {
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or(host).trim();
    let name = match host.rsplit_once(':') {
        Some((name, _)) if !name.contains(':') => name,
        _ => host,
    };
    name.to_lowercase()
}
