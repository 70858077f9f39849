use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let arches = build.arches().filter(|arches| arches.len() > 1)?;
    // Another machine builds for the architecture that this one has not.
    build.get("remote").absent()?;
    for stage in build.stages() {
        for step in stage.commands() {
            let is_meant = step.program() == Some("bootsnap") && step.has("precompile");
            let has_jobs = step.words.iter().any(|word| {
                word.as_ref()
                    .is_none_or(|word| word.starts_with("-j") || word.starts_with("--jobs"))
            });
            if !is_meant || has_jobs {
                continue;
            }
            let names: Vec<&str> = arches.iter().map(|arch| arch.as_str()).collect();
            let finding = report.at(
                &stage.step_fact((), step.span, "several processes"),
                format!(
                    "bootsnap compiles in parallel, and one of {} is emulated",
                    names.join(" and ")
                ),
            );
            for arch in &arches {
                finding.because(&arch.clone().labelled("built for this"));
            }
            finding
                .help("add `-j 1` after `precompile`")
                .confidence(Confidence::Possible);
        }
    }
    None
}
