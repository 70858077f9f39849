use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    for claimed in role.claimed_ports() {
        let port = &claimed.port;
        report
            .at(
                &port.clone().labelled("one container at a time can have it"),
                format!(
                    "the next version of {} starts while this one holds port {port} of the server",
                    role.name()
                ),
            )
            .because(role.name())
            // A hook may stop the old version first.
            .confidence(Confidence::Likely)
            .help("take it out, as kamal-proxy needs none, or let Docker choose: `9394-9395:9394`");
    }
    None
}
