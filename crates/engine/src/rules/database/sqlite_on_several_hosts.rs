use crate::facts::database::Adapter;
use crate::facts::kamal::{Destination, Role, distinct_hosts};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.is_production() {
        return None;
    }
    let databases = destination.app().databases().known()?;
    let database = databases
        .iter()
        .find(|database| !database.is_expendable())?;
    let adapter = database.adapter().known()?;
    let roles: Vec<Role<'_>> = destination
        .roles()
        .into_iter()
        .filter(Role::runs_rails)
        .collect();
    let is_file = *adapter == Adapter::Sqlite && roles.iter().all(|role| database.has_no_url(role));
    if !is_file || roles.iter().any(|role| !role.has_settled_hosts()) {
        return None;
    }
    let hosts = distinct_hosts(&roles);
    if hosts.len() < 2 {
        return None;
    }
    let names: Vec<&str> = hosts.iter().map(|host| host.value.as_str()).collect();
    let finding = report.at(
        &adapter.labelled("the database is a file"),
        format!(
            "{} each write to a SQLite file of their own",
            names.join(", ")
        ),
    );
    for host in &hosts {
        finding.because(host);
    }
    finding
        .confidence(Confidence::Likely)
        .help("run all roles on one host, or move to a database server");
    None
}
