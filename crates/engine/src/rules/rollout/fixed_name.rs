use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let name = role
        .options()
        .known()?
        .get("name")
        .known()?
        .text()
        .known()?;
    report
        .at(
            &name,
            format!("containers of {} are called `{name}`, and Kamal looks for a name with the version in it", role.name()),
        )
        .because(role.name())
        .help("take it out, or give another container the fixed name with `network-alias`");
    None
}
