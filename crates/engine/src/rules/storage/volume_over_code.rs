use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let root = role.path("")?;
    for mount in role.mounts()? {
        let Some(hidden) = mount.hides(&root) else {
            continue;
        };
        let (source, target) = (&mount.source, &mount.target);
        let message = if mount.is_named() {
            format!("the volume {source} over {target} keeps {hidden} as the first image had it")
        } else {
            format!("{source} of the server over {target} hides the image's {hidden}")
        };
        report.at(&mount, message).help(format!(
            "mount only what the app writes, such as {root}/storage"
        ));
    }
    None
}
