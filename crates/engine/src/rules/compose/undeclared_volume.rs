use crate::facts::compose::Service;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let declared = service.project().names("volumes")?;
    for mount in service.named_volumes() {
        let source = &mount.source;
        if declared.contains(source) {
            continue;
        }
        let help = match nearest(source, declared.iter().map(String::as_str)) {
            _ if source.contains('/') => {
                format!(
                    "write ./{source} for the folder: without the dot it is the name of a volume"
                )
            }
            Some(meant) => format!("call it {meant}"),
            None => format!("add `{source}:` below the file's own `volumes`"),
        };
        report
            .at(
                &mount,
                format!("`{}` mounts the volume `{source}`, which is not declared: Compose starts nothing", service.name()),
            )
            .help(help);
    }
    None
}
