use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let (job, command) = destination.deploy_job()?;
    for (name, file) in destination.secrets_in_untracked_files() {
        if job.may_make(&file) {
            continue;
        }
        report
            .at(&command.clone().labelled("deploys from a clone"), format!("{name} is read from {}, which the workflow does not have", file.value))
            .confidence(Confidence::Likely)
            .because(&file)
            .help(format!("read {name} from the environment, `{name}=${name}`, and give the step that variable"));
    }
    None
}
