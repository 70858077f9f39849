use crate::facts::kamal::{Accessory, Destination, Role};
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.is_production() {
        return None;
    }
    for database in destination.app().databases().known()?.iter() {
        for extension in database.extensions() {
            let servers = destination.roles().into_iter().filter(Role::runs_rails);
            let servers = servers.filter_map(|role| {
                let server = database.server(&role);
                match server.clone().known() {
                    Some(server) => Some((destination.accessory_called(&server)?, true)),
                    // A URL or libpq's variables name it: the one that there is.
                    None if server.is_absent() => None,
                    None => Some((destination.database_accessory()?, false)),
                }
            });
            let missing = |accessory: &Accessory<'_>| {
                let image = accessory.image().known()?;
                // It may be brought along, or installed as the container starts.
                let is_plain = accessory.get("cmd").is_absent()
                    && accessory.mounts().is_some_and(|mounts| {
                        mounts
                            .iter()
                            .all(|mount| !mount.target.starts_with("/usr/"))
                    });
                let has_other =
                    is_plain && accessory.store().is_some() && extension.is_missing_in(&image);
                has_other.then_some(image)
            };
            let found = servers.filter_map(|(accessory, is_sure)| {
                Some((missing(&accessory)?, accessory, is_sure))
            });
            let Some((image, accessory, is_sure)) = found.into_iter().next() else {
                continue;
            };
            let finding = report.at(
                &image.clone().labelled("comes without it"),
                format!(
                    "database `{}` is made with the extension `{}`, and the image {image} of accessory `{}` has none",
                    database.name(),
                    extension.name,
                    accessory.name()
                ),
            );
            finding.because(&extension);
            if !is_sure {
                finding.confidence(Confidence::Likely);
            }
            let major = accessory.store().and_then(|store| store.major);
            match major {
                Some(major) => {
                    let new = extension.image_with(&major.to_string());
                    finding.unsafe_fix(
                        format!("run {new}, which has it"),
                        accessory.set("image", &new),
                    );
                }
                None => {
                    finding.help(format!("run an image that has it: {}", extension.image));
                }
            }
            return None;
        }
    }
    None
}
