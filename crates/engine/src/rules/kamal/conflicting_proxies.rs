use std::collections::BTreeMap;

use crate::fact::Fact;
use crate::facts::kamal::{Destination, Proxy};
use crate::facts::setting::Setting;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    if !destination.is_deployed() {
        return None;
    }
    shared_domains(destination, version.has(2, 1), report);
    if version.has(2, 10) {
        shared_servers(destination, !version.has(2, 12), report);
    }
    None
}

/// Two roles with TLS for one domain: only one of them could have it. Kamal 2.0 takes several with
/// commas between for one.
fn shared_domains(destination: &Destination<'_>, has_commas: bool, report: &mut Report) {
    let mut seen: BTreeMap<String, Fact<String>> = BTreeMap::new();
    for role in destination.roles() {
        let Some(proxy) = role.proxy().filter(is_tls) else {
            continue;
        };
        for domain in domains(&proxy, has_commas) {
            if let Some(first) = seen.get(&domain.value) {
                report
                    .at(
                        role.name(),
                        format!(
                            "the role `{}` is to serve `{domain}` with TLS as another one does",
                            role.name()
                        ),
                    )
                    .because(first)
                    .because(&domain)
                    .help("give each role a domain of its own");
                return;
            }
            let owner = role.name().clone();
            seen.insert(domain.value, owner);
        }
    }
}

fn is_tls(proxy: &Proxy<'_>) -> bool {
    proxy
        .get("ssl")
        .known()
        .is_some_and(|ssl| ssl.is_mapping() || ssl.boolean().known().is_some_and(|on| *on))
}

fn domains(proxy: &Proxy<'_>, has_commas: bool) -> Vec<Fact<String>> {
    if let Some(hosts) = proxy.get("hosts").known() {
        return hosts.texts();
    }
    let host = proxy.get("host").and_then(|host| host.text()).known();
    host.iter()
        .flat_map(|host| {
            host.split(|c| has_commas && c == ',')
                .map(|part| host.clone().map(|_| part.to_owned()))
        })
        .collect()
}

/// One server has one proxy, so what runs there must agree about it. Kamal before 2.12 compares
/// identities and not values, so that any two disagree (kamal 2.10
/// `lib/kamal/configuration/proxy/run.rb`).
fn shared_servers(destination: &Destination<'_>, any_two: bool, report: &mut Report) {
    let mut seen: Vec<(String, Setting<'_>)> = Vec::new();
    let roles = destination.roles();
    let of_roles = roles.iter().filter_map(|role| {
        let run = role.proxy()?.get("run").known()?;
        Some((role.hosts(), run))
    });
    let accessories = destination.accessories();
    let of_accessories = accessories.iter().filter_map(|accessory| {
        let proxy = accessory
            .get("proxy")
            .known()
            .filter(|proxy| proxy.is_mapping())?;
        Some((accessory.hosts(), proxy.get("run").known()?))
    });
    for (hosts, run) in of_roles
        .chain(of_accessories)
        .filter(|(_, run)| run.is_mapping() && !run.is_blank())
    {
        let mut own: Vec<String> = hosts.into_iter().map(|host| host.value).collect();
        own.dedup();
        for host in own {
            let other = seen.iter().find(|(known, other)| {
                *known == host && (any_two || values(other) != values(&run))
            });
            if let Some((_, other)) = other {
                let message = if other.place() == run.place() {
                    format!(
                        "several roles on `{host}` have `{}`, and this Kamal takes any two for different",
                        run.key()
                    )
                } else {
                    format!(
                        "`{}` and `{}` disagree about the one proxy of `{host}`",
                        other.key(),
                        run.key()
                    )
                };
                report
                    .at(&run, message)
                    .label(other.place(), "the other one");
                let finding = report.findings.last_mut().expect("one was just made");
                finding.help(if any_two {
                    "leave `run` to one role; from Kamal 2.12 on they may say the same"
                } else {
                    "say `run` once, in the root's `proxy`"
                });
                return;
            }
            seen.push((host, run.value.clone()));
        }
    }
}

/// What a section says, whatever section it is.
fn values(section: &Setting<'_>) -> Vec<(String, String)> {
    let prefix = section.key().len();
    let mut values: Vec<(String, String)> = section
        .scalars()
        .into_iter()
        .map(|(key, value)| (key[prefix..].to_owned(), value.value))
        .collect();
    values.sort();
    values
}
