use crate::fact::Answer;
use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build).since("0.1");

/// What Docker Hub is called, besides nothing at all.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let image = destination
        .image()
        .known()
        .filter(|image| !image.contains('/') && !image.is_empty())?;
    let registry = destination.root().get("registry").known()?;
    match destination.registry_server() {
        Answer::Absent(_) => {}
        Answer::Is(server) if HUB.contains(&server.as_str()) => {}
        Answer::Is(_) | Answer::Unknown(..) => return None,
    }
    let account = registry
        .get("username")
        .and_then(|name| name.text())
        .known();
    let finding = report.at(
        &image.clone().labelled("no account before the name"),
        format!(
            "`image` is {}, and Docker Hub keeps images below an account",
            image.value
        ),
    );
    match account {
        Some(account) => finding
            .because(&account.clone().labelled("the account"))
            .help(format!("write {}/{}", account.value, image.value)),
        None => finding.help(format!(
            "write the account before it: <account>/{}",
            image.value
        )),
    };
    None
}
