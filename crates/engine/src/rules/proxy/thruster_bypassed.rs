use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Slow, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let proxy = role.proxy()?;
    let proxied = proxy.app_port().known()?;
    let behind = role.port_behind_thruster().known()?;
    let thruster = role.listening_port()?;
    if *proxied != *behind || *thruster == *behind {
        return None;
    }
    report
        .place(
            proxy.app_port_place(),
            format!("kamal-proxy forwards to port {proxied}"),
            format!("kamal-proxy forwards to port {proxied} of Puma, past Thruster on {thruster}"),
        )
        .because(&thruster)
        .because(&behind)
        .fix(
            format!("forward to port {thruster}, where Thruster listens"),
            proxy.set("app_port", &thruster.to_string()),
        );
    None
}
