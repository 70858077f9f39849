use crate::fact::Fact;
use crate::facts::kamal::{Accessory, Destination};
use crate::facts::kamal_keys::Version;
use crate::facts::setting::{Setting, Shape};
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let version = destination.kamal()?.version;
    for accessory in destination.accessories() {
        places(&accessory, version, report);
    }
    for proxy in destination.proxy_sections() {
        hosts(&given(&proxy, &["host", "hosts"]), version, report);
        if let Some(run) = proxy.get("run").known() {
            closed_ports(&run, version, report);
        }
    }
    // A role's section lies on top of the root's, and Kamal judges both the role's own and what
    // comes of the two.
    for role in destination.roles() {
        if let Some(proxy) = role.proxy() {
            let merged: Vec<Fact<Setting<'_>>> = ["host", "hosts"]
                .into_iter()
                .filter_map(|key| proxy.get(key).known())
                .collect();
            hosts(&merged, version, report);
            if let Some(run) = proxy.get("run").known() {
                closed_ports(&run, version, report);
            }
        }
    }
    let builder = destination.root().get("builder").known()?;
    if version.has(2, 7)
        && let Some(pack) = builder.get("pack").known().filter(|pack| pack.is_mapping())
        && let Some(arch) = builder
            .get("arch")
            .known()
            .filter(|arch| arch.items().len() > 1)
    {
        report
            .at(
                &arch,
                "`builder.arch` names several processors, and buildpacks build for one",
            )
            .because(&pack)
            .help("name the one that the servers have");
    }
    None
}

fn given<'a>(section: &Setting<'a>, keys: &[&str]) -> Vec<Fact<Setting<'a>>> {
    let given = keys.iter().filter_map(|key| section.get(key).known());
    given.collect()
}

fn places(accessory: &Accessory<'_>, version: Version, report: &mut Report) {
    let keys = ["host", "hosts", "roles", "role", "tag", "tags"];
    let keys = if version.has(2, 6) {
        &keys[..]
    } else {
        &keys[..3]
    };
    let given: Vec<(&str, Fact<Setting<'_>>)> = keys
        .iter()
        .filter_map(|key| Some((*key, accessory.get(key).known()?)))
        .collect();
    if let [(one, first), (other, second), ..] = given.as_slice() {
        report
            .at(
                second,
                format!(
                    "accessory `{}` has `{one}` and `{other}`, and Kamal takes one of them",
                    accessory.name()
                ),
            )
            .because(first)
            .help("leave one of them out");
    }
}

fn hosts(given: &[Fact<Setting<'_>>], version: Version, report: &mut Report) {
    if version.has(2, 1)
        && let [host, hosts] = given
    {
        report
            .at(
                hosts,
                format!(
                    "`{}` and `{}` are both given, and Kamal takes one of them",
                    host.key(),
                    hosts.key()
                ),
            )
            .because(host)
            .help("name all domains below `hosts`");
    }
}

fn closed_ports(run: &Setting<'_>, version: Version, report: &mut Report) {
    let publish = run.dig(&["publish"]).known();
    let Some(publish) = publish.filter(|publish| publish.shape() == Shape::Boolean(false)) else {
        return;
    };
    for key in ["http_port", "https_port", "bind_ips"] {
        if let Some(port) = run.get(key).known().filter(|port| !port.is_blank())
            && version.has(2, 10)
        {
            report
                .at(
                    &port,
                    format!(
                        "`{}` is given, and `publish: false` opens no port",
                        port.key()
                    ),
                )
                .because(&publish)
                .help("leave it out, or publish the ports");
        }
    }
}
