use syntax::Edit;

use crate::change::Changes;
use crate::facts::kamal::Destination;
use crate::facts::shells::Scripted;
use crate::facts::steps::Step;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Build)
    .fix(Safety::Unsafe)
    .since("0.1");

const ASSETS: &str = "compiling assets";

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let image = build.image();
    let rails = destination.app().rails();
    let compiles = rails.boolean("config.assets.compile").known();
    let compiles_later = compiles.is_some_and(|compiles| *compiles);
    for stage in build.stages() {
        let scripts = image.scripted().into_iter();
        let own = scripts.filter(|script| {
            let within = image.stage_of(script.run);
            within.is_some_and(|within| within.index() == stage.index())
        });
        for (before, tail) in own.flat_map(Scripted::forgiven) {
            let steps = stage.commands().into_iter();
            let mut hidden = steps.filter_map(|step| {
                let is_in = before.start <= step.span.start && step.span.end <= before.end;
                let what = made_by(&step).filter(|what| *what != ASSETS || !compiles_later)?;
                is_in.then(|| {
                    (
                        stage.step_fact((), step.span, "nobody is told if this fails"),
                        what,
                    )
                })
            });
            let Some((place, what)) = hidden.next() else {
                continue;
            };
            let is_forgiven = |step: &Step| {
                let all = image.scripted().into_iter().flat_map(Scripted::forgiven);
                all.into_iter()
                    .any(|(before, _)| before.encloses(step.span))
            };
            let again = stage.commands().into_iter().any(|step| {
                let is_later = step.span.start >= tail.end;
                is_later && made_by(&step) == Some(what) && !is_forgiven(&step)
            });
            if again {
                continue;
            }
            let others: Vec<_> = hidden.map(|(place, _)| place).collect();
            let path = image.source().path();
            let written = tail.of(image.source().text()).trim();
            let finding = report.at(
                &place,
                format!("{what} may fail, and the image is built and deployed all the same"),
            );
            for other in others {
                finding.because(&other.labelled("nor if this does"));
            }
            finding
                .because(&stage.step_fact((), tail, "succeeds in its place"))
                .confidence(Confidence::Likely)
                .fix(
                    format!("let the build stop: take `{written}` out, and mend what fails then"),
                    Some(Changes::edit(path, vec![Edit::delete(tail)])),
                );
        }
    }
    None
}

/// What of the image a step makes that the app cannot do without.
fn made_by(step: &Step) -> Option<&'static str> {
    if step.is_bundle_install() {
        return Some("installing gems");
    }
    let says = |words: &[&str]| words.iter().any(|word| step.has(word));
    match step.program()? {
        "rails" | "rake" if says(&["assets:precompile"]) => Some(ASSETS),
        "shakapacker" => Some(ASSETS),
        "vite" if says(&["build"]) => Some(ASSETS),
        "npm" | "pnpm" | "yarn" | "bun" if says(&["build"]) => Some(ASSETS),
        "npm" | "pnpm" | "yarn" | "bun"
            if says(&["install", "i", "ci"]) && !says(&["-g", "--global"]) =>
        {
            Some("installing JavaScript packages")
        }
        _ => None,
    }
}
