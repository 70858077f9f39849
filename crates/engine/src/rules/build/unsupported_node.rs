use crate::facts::kamal::Destination;
use crate::facts::support::end_of_node;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::Exposure, Layer::Build).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    for node in build.nodes() {
        let Some((line, day)) = end_of_node(&node) else {
            continue;
        };
        report
            .at(
                &node.clone().labelled("the build's Node"),
                format!("support of Node {line} ended on {day}"),
            )
            .help("take a version with an even number, which is supported for three years");
    }
    None
}
