use crate::facts::kamal::Destination;
use crate::facts::support::end_of_ruby;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Exposure, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let build = destination.build()?;
    let ruby = build.ruby()?;
    let (line, day) = end_of_ruby(&ruby)?;
    report
        .at(
            &ruby,
            format!("support of Ruby {line} ended on {day}: holes that are found in it stay open"),
        )
        .help(
            "update the app to a newer Ruby, one minor version after the other, and then the image",
        );
    None
}
