use syntax::dockerfile::{Instruction, Keyword};

use crate::fact::Place;
use crate::facts::dockerfile::Image;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Hygiene, Layer::Build)
    .pedantic()
    .also(&["DL3059"])
    .since("0.1");

pub(crate) fn check(image: Image<'_>, report: &mut Report) -> Option<()> {
    let commands = |run: &Instruction| {
        let commands = image.ran_by(run).into_iter();
        commands
            .filter(|ran| !ran.command().words.is_empty())
            .count()
    };
    let flags = |instruction: &Instruction| -> Vec<String> {
        let text = image.source().text();
        instruction
            .flags
            .iter()
            .map(|flag| flag.span.of(text).to_owned())
            .collect()
    };
    for stage in image.stages() {
        for pair in stage.instructions().windows(2) {
            let are_short = pair.iter().all(|run| {
                run.keyword.value == Keyword::Run && run.heredocs.is_empty() && commands(run) <= 1
            });
            if are_short && flags(&pair[0]) == flags(&pair[1]) {
                report
                    .at(
                        &image.fact((), pair[1].keyword.span, "a layer of its own"),
                        "two steps of one command each follow each other",
                    )
                    .label(
                        Place::text(image.source().path(), pair[0].keyword.span),
                        "the step before",
                    )
                    .help("join them with `&&`, unless the first one is to be kept when the second changes");
            }
        }
    }
    None
}
