use crate::fact::Fact;
use crate::facts::kamal::Destination;
use crate::facts::steps::RunMount;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let stages = build.stages();
    if stages.is_empty() {
        return None;
    }
    let mounts: Vec<Fact<RunMount>> = stages.iter().flat_map(|stage| stage.run_mounts()).collect();
    let of_kind = |kind: &'static str| mounts.iter().filter(move |mount| mount.kind == kind);
    let file = build.image().source().path();
    let is_named = |secret: &str| {
        of_kind("secret").any(|mount| {
            mount
                .id
                .as_deref()
                .is_none_or(|id| id == secret || id.contains('$'))
        })
    };
    // What containers get as well costs nobody anything here, unless a step takes it for an argument.
    let is_argument = |secret: &str| {
        build
            .image()
            .arguments()
            .iter()
            .any(|(name, _)| name.value == secret)
    };
    let is_needless = |secret: &&Fact<String>| {
        !is_named(secret) && (is_argument(secret) || !destination.gives_containers(secret))
    };
    for secret in build.secrets()?.iter().filter(is_needless) {
        let finding = report.at(
            &secret.clone().labelled("given to the build"),
            format!("the build is given the secret {secret}, and no step of {file} mounts it"),
        );
        if let Some((argument, _)) = build
            .image()
            .arguments()
            .into_iter()
            .find(|(name, _)| name.value == secret.value)
        {
            finding.because(
                &argument.labelled("an argument is something else, and stays in the image"),
            );
        }
        finding.help(format!(
            "take it out, or mount it where it is needed: `RUN --mount=type=secret,id={secret},env={secret} …`"
        ));
    }
    let ssh = build.ssh().known()?;
    if of_kind("ssh").next().is_none() {
        report
            .at(&ssh.labelled("given to the build"), format!("the build is given an SSH agent, and no step of {file} mounts it"))
            .help("take it out, or mount it where it is needed: `RUN --mount=type=ssh bundle install`");
    }
    None
}
