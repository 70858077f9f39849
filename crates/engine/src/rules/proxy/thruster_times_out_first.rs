use crate::fact::Place;
use crate::facts::kamal::Role;
use crate::facts::ports;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let proxied = proxy.get("response_timeout").known()?.integer().known()?;
    let thruster = ports::thruster_write_timeout(role)?;
    // Zero is no limit in Thruster.
    if *thruster == 0
        || *proxied <= *thruster
        || *role.listening_port()? != *proxy.app_port().known()?
    {
        return None;
    }
    let seconds = *proxied;
    let changes = match &thruster.origin.place {
        Place::Table { .. } => role
            .destination()
            .set_variable("HTTP_WRITE_TIMEOUT", &seconds.to_string()),
        Place::Text { path, .. } if path.parent().as_str() == "config" => {
            thruster.replace(seconds.to_string())
        }
        _ => None,
    };
    report
        .at(
            &proxied.labelled("kamal-proxy waits so long"),
            format!("kamal-proxy waits {seconds} seconds for a response, but Thruster gives up after {thruster}"),
        )
        .because(&thruster)
        .fix(format!("let Thruster wait as long: HTTP_WRITE_TIMEOUT of {seconds}"), changes);
    None
}
