use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    for mount in role.mounts()? {
        // The server's shell works out the others, and Docker takes `./` for a folder below it.
        let is_relative = mount
            .source
            .starts_with(|c: char| c.is_ascii_alphanumeric())
            && mount.source.contains('/');
        if is_relative {
            report
                .at(
                    &mount,
                    format!("`{}` is neither the name of a volume nor a path from `/`, and Docker starts no container with it", mount.source),
                )
                .help("write the whole path on the server, or a name without slashes, which Docker keeps a volume by");
        }
    }
    None
}
