use crate::facts::compose::Service;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    for dependency in service.dependencies() {
        let Some(condition) = dependency
            .condition
            .filter(|condition| condition.value == "service_healthy")
        else {
            continue;
        };
        let Some(server) = service.project().service(&dependency.name) else {
            continue;
        };
        if !server.has_no_healthcheck() {
            continue;
        }
        report
            .at(
                &condition.labelled("waits for this"),
                format!(
                    "`{}` waits until `{}` is healthy, and nothing says when it is",
                    service.name(),
                    server.name()
                ),
            )
            .because(server.name())
            .help(format!(
                "give `{}` a `healthcheck`, or wait for `service_started` alone",
                server.name()
            ));
    }
    None
}
