use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::note(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let placeholders = destination.placeholders();
    let server = destination.sample_server()?;
    let file = server.origin.place.path()?.clone();
    let finding = report.at(
        &server.clone().labelled("a sample's server"),
        format!("{file} is a sample that nobody can deploy by: none of its servers is real"),
    );
    for (key, value, _) in placeholders {
        finding.because(&value.labelled(format!("`{key}` is to be filled in, too")));
    }
    finding.help("fill it in before the first `kamal deploy`, or take it out if the app is not deployed with Kamal");
    None
}
