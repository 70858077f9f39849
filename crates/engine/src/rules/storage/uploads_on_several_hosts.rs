use crate::facts::kamal::{Destination, Role, distinct_hosts};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let storage = destination.app().storage();
    if !destination.is_production() || !storage.is_used() {
        return None;
    }
    let kind = storage.kind().known()?;
    let folder = storage.folder().known()?;
    let roles = destination.roles();
    let web: Vec<Role<'_>> = roles
        .into_iter()
        .filter(|role| role.web_server().is_some())
        .collect();
    if *kind != "Disk" || web.iter().any(|role| !role.has_settled_hosts()) {
        return None;
    }
    // A folder of the servers may be a share of all of them.
    for role in &web {
        let path = role.path(&folder)?;
        if role
            .mounts()?
            .iter()
            .any(|mount| mount.has(&path) && !mount.is_named())
        {
            return None;
        }
    }
    let hosts = distinct_hosts(&web);
    if hosts.len() < 2 {
        return None;
    }
    let names: Vec<&str> = hosts.iter().map(|host| host.value.as_str()).collect();
    let finding = report.at(
        &folder.labelled("uploads are kept here"),
        format!(
            "{} each keep the uploads that they receive, and have none of the others'",
            names.join(", ")
        ),
    );
    for host in &hosts {
        finding.because(host);
    }
    finding
        .confidence(Confidence::Likely)
        .help("keep uploads in a service such as S3, or run the web role on one host");
    None
}
