use crate::fact::{Answer, Fact};
use crate::facts::accessory::Published;
use crate::facts::compose::Service;
use crate::facts::servers::address_of;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let variables = service.variables();
    let known: Vec<(&str, Fact<String>)> = variables
        .iter()
        .filter_map(|(name, value)| Some((name.value.as_str(), value.clone().known()?)))
        .collect();
    for (name, value) in &known {
        let in_url = address_of(value).and_then(|(host, port)| Some((host, port?)));
        // `DB_HOST` beside `DB_PORT`.
        let beside = || {
            let prefix = name.strip_suffix("HOST")?;
            let (_, port) = known
                .iter()
                .find(|(name, _)| name.strip_suffix("PORT") == Some(prefix))?;
            Some((value.value.as_str(), port.value.as_str(), port))
        };
        let Some((host, port, told)) = in_url
            .map(|(host, port)| (host, port, value))
            .or_else(beside)
        else {
            continue;
        };
        let Some((server, published)) = only_of_host(service, host, port) else {
            continue;
        };
        let container = &published.container;
        report
            .at(
                &told.clone().labelled("asked for here"),
                format!("`{}` reaches `{host}` on port {port}, which only the host has: the container listens on {container}", service.name()),
            )
            .because(&published)
            .because(server.name())
            .help(format!("use port {container}: containers reach one another without what `ports` publishes"));
    }
    None
}

/// The service of that name, where a port is the host's alone.
fn only_of_host<'a>(
    from: &Service<'a>,
    host: &str,
    port: &str,
) -> Option<(Service<'a>, Fact<Published>)> {
    let server = from.project().service(host)?;
    let ports = server.ports();
    let listens = ports.iter().any(|published| published.container == port)
        || server.written("expose").iter().any(|exposed| exposed.value == port)
        // Whoever is told of the port may listen there.
        || server.variables().iter().any(|(_, value)| says(value, port))
        || ["command", "entrypoint"].iter().any(|key| match server.get(key) {
            Answer::Is(command) => command.written().contains(port),
            Answer::Absent(_) => false,
            Answer::Unknown(..) => true,
        });
    let published = ports.into_iter().find(|published| published.host == port)?;
    (!listens).then_some((server, published))
}

fn says(value: &Answer<String>, port: &str) -> bool {
    match value {
        Answer::Is(value) => value.contains(port),
        Answer::Absent(_) => false,
        Answer::Unknown(..) => true,
    }
}
