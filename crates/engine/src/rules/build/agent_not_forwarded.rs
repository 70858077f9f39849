use crate::facts::dockerfile::Stage;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Build)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    build.ssh().absent()?;
    let mut mounts = build.stages().into_iter().flat_map(Stage::run_mounts);
    let mount = mounts.find(|mount| mount.kind == "ssh" && mount.required != Some(false))?;
    let id = mount.id.as_deref().unwrap_or("default");
    let agent = (id == "default").then_some("default=$SSH_AUTH_SOCK");
    let finding = report.at(
        &mount,
        "a step mounts an SSH agent, and Kamal forwards none to the build",
    );
    match agent {
        Some(agent) => finding.fix(
            "forward the agent",
            destination.root().set(&["builder", "ssh"], agent),
        ),
        None => finding.help(format!("say what `{id}` is in `builder.ssh`")),
    };
    if mount.required != Some(true) {
        finding.confidence(Confidence::Likely);
    }
    None
}
