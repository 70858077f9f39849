use crate::facts::kamal::Destination;
use crate::facts::multiline::Multiline;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for Multiline {
        variable,
        file,
        reader,
    } in destination.multiline_secrets()
    {
        report
            .at(
                &file,
                format!("{} has several lines in {}, and one with `\\n` in containers, where {} reads it", variable.value, file.value, reader.value),
            )
            .confidence(Confidence::Likely)
            .because(&reader)
            .because(&variable.labelled("given to containers"))
            .help("hand it on in Base64, `$(base64 < FILE | tr -d '\\n')`, and decode it there");
    }
    None
}
