use crate::facts::App;
use crate::facts::workflows::Installed;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(app: &App<'_>, report: &mut Report) -> Option<()> {
    let locked = app.gems().locked("kamal").known()?;
    for job in app.kamal_jobs() {
        let Some(installed) = job.installs_kamal() else {
            continue;
        };
        // `bin/kamal` is Bundler's, and `kamal` alone is what was installed.
        let commands = job.commands();
        let Some(command) = commands
            .iter()
            .find(|command| command.deploys() && !command.is_bundled && command.program == "kamal")
        else {
            continue;
        };
        let what = match &installed.value {
            Installed::Newest => "whichever Kamal is the newest".to_owned(),
            Installed::Version(version) if is_exact(version) && *version != *locked => {
                format!("Kamal {version}")
            }
            Installed::Version(_) => continue,
        };
        report
            .at(
                &installed,
                format!("the workflow deploys with {what}, and the bundle has Kamal {locked}"),
            )
            .because(command)
            .because(&locked)
            .help("install the bundle, and run `bundle exec kamal`");
    }
    None
}

fn is_exact(version: &str) -> bool {
    version
        .bytes()
        .all(|byte| byte == b'.' || byte.is_ascii_digit())
}
