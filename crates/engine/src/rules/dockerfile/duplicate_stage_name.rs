use crate::facts::dockerfile::{Image, Stage};
use crate::finding::{Consequence, Layer, Report, Severity};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Build)
    .also(&["DuplicateStageName", "DL3024"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let stages = image.stages();
    for stage in &stages {
        let Some(name) = stage.name() else { continue };
        let is_same = |earlier: &&Stage<'_>| {
            let own = earlier.name();
            own.is_some_and(|own| own.eq_ignore_ascii_case(&name))
        };
        let Some(first) = stages.iter().take(stage.index()).find(is_same) else {
            continue;
        };
        let is_meant = |named: &String| named.eq_ignore_ascii_case(&name);
        let uses = |later: &&Stage<'_>| {
            let base = later.base().known();
            base.is_some_and(|base| is_meant(&base.value))
                || later.named_by_steps().iter().any(is_meant)
        };
        let user = stages.iter().skip(stage.index() + 1).find(uses);
        let finding = report.at(
            &name.clone().labelled("a second stage of this name"),
            match user {
                Some(_) => {
                    format!("two stages are called {name}, and what comes later takes the second")
                }
                None => format!("two stages are called {name}"),
            },
        );
        finding.because(&first.name()?.labelled("the first"));
        if user.is_some() {
            finding.severity = Severity::Error;
        }
        finding.help("give one of them another name");
    }
    None
}
