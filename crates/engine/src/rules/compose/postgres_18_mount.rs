use crate::facts::compose::Service;
use crate::facts::stores;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let store = service.store()?;
    let mounts = service.mounts()?;
    let mount = store.refused_mount(&mounts)?;
    let version = match store.major {
        Some(major) => format!("PostgreSQL {major}"),
        None => "today's PostgreSQL".to_owned(),
    };
    report
        .at(
            mount,
            format!("{version} does not start with a mount at {}: it is to be mounted at {}", mount.target, stores::POSTGRES_18),
        )
        .because(&store)
        .help(format!(
            "mount {} instead, with a new volume; data of an older version has to be dumped and loaded",
            stores::POSTGRES_18
        ));
    None
}
