use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let rails = destination.app().rails();
    if !destination.is_production() {
        return None;
    }
    // By default a page of the same host is let in, whatever the list says.
    let same = rails
        .boolean("config.action_cable.allow_same_origin_as_host")
        .known()?;
    let is_off = match rails.boolean("config.action_cable.disable_request_forgery_protection") {
        Answer::Is(off) => off.value,
        Answer::Absent(_) => false,
        Answer::Unknown(..) => return None,
    };
    if same.value || is_off {
        return None;
    }
    let origins = destination.app().cable().origins().known()?;
    let hosts = role.proxy()?.hosts()?;
    let is_tls = rails
        .boolean("config.force_ssl")
        .known()
        .is_some_and(|forced| *forced);
    let schemes: &[&str] = if is_tls {
        &["https"]
    } else {
        &["https", "http"]
    };
    let lets_in = |host: &str| {
        let mut names = schemes.iter().map(|scheme| format!("{scheme}://{host}"));
        names.any(|name| origins.contains(&name))
    };
    let host = &hosts.first()?.name;
    if host.contains(['*', '<']) || hosts.iter().any(|host| lets_in(&host.name)) {
        return None;
    }
    // A client of its own may be all that connects, where the app has no pages that could.
    let is_near = origins
        .iter()
        .any(|origin| origin.ends_with(&format!("://{host}")));
    if !is_near && !destination.app().assets().pipeline().is_known() {
        return None;
    }
    let wanted = format!("{}://{host}", schemes[0]);
    report
        .at(
            &origins,
            format!(
                "Action Cable lets in {}, and pages come from {wanted}",
                origins.join(", ")
            ),
        )
        .because(&same.labelled("the same host is not enough"))
        .because(&host.clone().labelled("kamal-proxy's host"))
        .confidence(Confidence::Likely)
        .help(format!(
            "add \"{wanted}\" to the list, or remove `allow_same_origin_as_host`"
        ));
    None
}
