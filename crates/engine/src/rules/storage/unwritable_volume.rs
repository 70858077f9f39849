use crate::fact::Fact;
use crate::facts::kamal::Role;
use crate::facts::mounts::{Mount, is_below};
use crate::facts::ownership::Unwritable;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Runtime).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let build = role.destination().build()?;
    let user = build.stage()?.user().known()?;
    let named = role.mounts()?;
    let app = role.destination().app();
    let root = role.path("")?;
    let databases = app
        .databases()
        .known()
        .map(|databases| databases.value)
        .unwrap_or_default();
    let mut written: Vec<String> = databases
        .iter()
        .filter_map(|database| Some(database.file(role).known()?.value))
        .collect();
    written.extend(
        app.storage()
            .folder()
            .known()
            .and_then(|folder| role.path(&folder)),
    );
    let is_for_writing = |mount: &&Fact<Mount>| {
        mount.is_named()
            && !mount.is_read_only
            && mount.hides(&root).is_none()
            && (is_below(&mount.target, &root) || written.iter().any(|path| mount.has(path)))
    };
    for mount in named.iter().filter(is_for_writing) {
        let folder = mount.target.as_str();
        let Some(unwritable) = build.unwritable(folder) else {
            continue;
        };
        let id = user.value.split(':').next().unwrap_or_default();
        let mounted = mount.clone().labelled("the volume");
        let finding = match unwritable.value {
            Unwritable::Missing => report.at(
                &mounted,
                format!("the image has no {folder}, so the volume there belongs to root, and user {id} cannot write"),
            ),
            Unwritable::Root => report.at(
                &unwritable,
                format!("{folder} belongs to root, and so does the volume there: user {id} cannot write"),
            ),
        };
        match unwritable.value {
            Unwritable::Missing => finding.because(&unwritable),
            Unwritable::Root => finding.because(&mounted),
        };
        finding.confidence(Confidence::Likely).help(format!(
            "before `USER`: `RUN install -d -o {id} -g {id} {folder}`"
        ));
    }
    None
}
