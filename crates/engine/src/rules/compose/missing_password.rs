use crate::fact::Answer;
use crate::facts::compose::Service;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Compose).since("0.1");

pub(crate) fn check(service: &Service<'_>, report: &mut Report) -> Option<()> {
    let store = service.store()?;
    let (names, instead): (&[&str], &str) = match store.service {
        "PostgreSQL" => (
            &[
                "POSTGRES_PASSWORD",
                "POSTGRES_PASSWORD_FILE",
                "POSTGRES_HOST_AUTH_METHOD",
            ],
            "POSTGRES_PASSWORD",
        ),
        "MySQL" => (&MYSQL, "MYSQL_ROOT_PASSWORD"),
        _ => return None,
    };
    let is_absent = |name: &&str| service.variable(name).is_absent();
    if !names.iter().all(is_absent) {
        return None;
    }
    // What brings data of its own needs no password.
    let mounts = service.mounts()?;
    if mounts
        .iter()
        .any(|mount| !mount.is_named() && mount.has(&store.folders[0]))
    {
        return None;
    }
    let Answer::Absent(_) = service.get("entrypoint") else {
        return None;
    };
    report
        .at(
            &store,
            format!(
                "{} does not start for the first time without a password, and `{}` has none",
                store.service,
                service.name()
            ),
        )
        .because(service.name())
        .help(format!("set {instead} in its `environment`"));
    None
}

/// What `MySQL`'s image takes for an answer (docker-library mysql, `docker_verify_minimum_env`).
const MYSQL: [&str; 4] = [
    "MYSQL_ALLOW_EMPTY_PASSWORD",
    "MYSQL_RANDOM_ROOT_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "MYSQL_ROOT_PASSWORD_FILE",
];
