use crate::fact::Fact;
use crate::facts::dockerfile::Image;
use crate::facts::dockerfile::Stage;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL4001"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let runs = image.runs();
    for stage in image.stages() {
        let mut seen: [Option<Fact<()>>; 2] = [None, None];
        for (run, commands) in &runs {
            if image.stage_of(run).map(Stage::index) != Some(stage.index()) {
                continue;
            }
            for (number, program) in ["curl", "wget"].into_iter().enumerate() {
                let uses = commands.iter().find(|ran| ran.runs(&[program]));
                seen[number] = uses
                    .map(|ran| ran.fact((), "fetches with it"))
                    .or(seen[number].take());
            }
            let fetches = commands.iter().rfind(|ran| ran.runs(&["curl", "wget"]));
            if let (Some(curl), Some(wget), Some(last)) = (&seen[0], &seen[1], fetches) {
                let last = last.fact((), "fetches with it");
                report
                    .at(&last, "the stage fetches with curl and with wget")
                    .because(curl)
                    .because(wget)
                    .help("take one of them, and install no other");
            }
        }
    }
    None
}
