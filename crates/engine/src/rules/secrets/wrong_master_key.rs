use crate::fact::Place;
use crate::facts::kamal::{Destination, Role, container_name, source_name};
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy)
    .fix(Safety::Unsafe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let credentials = destination.credentials()?;
    if destination.is_ignored_by_docker(&credentials.file) {
        return None;
    }
    let secrets = destination.known_secrets()?;
    let roles = destination.roles();
    let asked = roles
        .iter()
        .filter(|role| Role::runs_rails(role))
        .flat_map(|role| role.environment().secret())
        .find(|secret| container_name(secret) == "RAILS_MASTER_KEY")?;
    let key = secrets.file(source_name(asked))?;
    let is_key = key.as_str() == "config/master.key"
        || (key.starts_with("config/credentials/") && key.ends_with(".key"));
    if !is_key || key.as_str() == credentials.key.as_str() {
        return None;
    }
    report
        .at(
            &key,
            format!(
                "RAILS_MASTER_KEY is read from {}, but Rails reads {}, which {} decrypts",
                key.value, credentials.file, credentials.key
            ),
        )
        .confidence(Confidence::Likely)
        .label(Place::File(credentials.file.clone()), "what Rails reads")
        .fix(
            format!("read {}", credentials.key),
            key.replace(format!("cat {}", credentials.key)),
        );
    None
}
