use crate::fact::{Answer, Fact, Origin};
use crate::facts::database::{Adapter, Database};
use crate::facts::kamal::Role;
use crate::facts::servers::is_loopback;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    if !destination.is_production()
        || role.has_network_of_its_own()
        || !role.runs_rails()
        || destination.is_abandoned()
    {
        return None;
    }
    let databases = destination.app().databases().known()?;
    let lost: Vec<(&Database<'_>, Fact<String>)> = databases
        .iter()
        .filter_map(|database| Some((database, own_container(role, database)?)))
        .collect();
    let (first, place) = lost.first()?;
    let names: Vec<String> = lost
        .iter()
        .map(|(database, _)| format!("`{}`", database.name()))
        .collect();
    let is_one = names.len() == 1;
    let finding = report.at(
        place,
        format!(
            "{} {} {} looked for in the app's own container: {}",
            if is_one { "database" } else { "databases" },
            names.join(", "),
            if is_one { "is" } else { "are" },
            place.value
        ),
    );
    finding.confidence(Confidence::Likely);
    for (_, place) in &lost {
        finding.because(place);
    }
    let each = if is_one { "it" } else { "each" };
    let variables: Vec<String> = lost
        .iter()
        .filter_map(|(database, _)| database.url_variables().pop())
        .collect();
    let host = first
        .host()
        .known()
        .and_then(|host| host.variable().map(str::to_owned));
    let server = destination
        .database_accessory()
        .and_then(|accessory| accessory.host_name());
    match (host, server) {
        (Some(variable), Some(server)) => {
            let title = format!("set {variable} to {server}, the accessory's name");
            finding.unsafe_fix(title, destination.set_variable(&variable, &server));
        }
        (Some(variable), None) => {
            finding.help(format!("set {variable} in `env` to the server's address"));
        }
        (None, Some(server)) => {
            finding.help(format!(
                "give {each} `host: {server}`, or set {}",
                variables.join(", ")
            ));
        }
        (None, None) => {
            finding.help(format!(
                "give {each} a `host`, or set {}",
                variables.join(", ")
            ));
        }
    }
    None
}

/// Why a role looks for a database in its own container, if it surely does.
fn own_container(role: &Role<'_>, database: &Database<'_>) -> Option<Fact<String>> {
    if *database.adapter().known()? == Adapter::Sqlite {
        return None;
    }
    match database.server(role) {
        Answer::Is(host) if is_loopback(&host) => {
            let text = format!("the host is {}", host.value);
            Some(host.map(|_| text).labelled("this is the container itself"))
        }
        // A variable that is not set is another rule's news.
        Answer::Absent(_) if database.host().is_absent() && !role.has_socket(database) => {
            let origin = Origin::at(
                database.name().origin.place.clone(),
                "no `host` and no `url`",
            );
            Some(Fact::new("nothing names a server".to_owned(), origin))
        }
        _ => None,
    }
}
