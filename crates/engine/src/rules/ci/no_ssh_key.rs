use crate::facts::App;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let brings_key = |key: &str| {
        app.destinations()
            .iter()
            .any(|destination| !destination.root().dig(&["ssh", key]).is_absent())
    };
    let keys = ["config", "key_data", "keys", "proxy", "proxy_command"];
    if app.destinations().is_empty() || keys.into_iter().any(brings_key) {
        return None;
    }
    for job in app.kamal_jobs() {
        // Whatever has to do with SSH may bring a key.
        if !job.is_hosted() || job.mentions("ssh") || !job.has_known_steps() {
            continue;
        }
        let Some(command) = job.deploy() else {
            continue;
        };
        report
            .at(
                command,
                "the workflow deploys, and no step gives it a key for the servers",
            )
            .confidence(Confidence::Likely)
            .help("add a step before it with an SSH agent that has the key, such as webfactory/ssh-agent");
    }
    None
}
