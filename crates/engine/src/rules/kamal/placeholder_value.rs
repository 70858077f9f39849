use crate::facts::kamal::Destination;
use crate::facts::placeholders::Placeholder;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    // Nobody deploys by it, which is kamal/untouched-sample's to say.
    if destination.sample_server().is_some() {
        return None;
    }
    for (key, value, placeholder) in destination.placeholders() {
        let confidence = match placeholder {
            Placeholder::Marked | Placeholder::Reserved => Confidence::Certain,
            Placeholder::Scaffolded => Confidence::Likely,
        };
        report
            .at(
                &value.clone().labelled("still a placeholder"),
                format!("`{key}` is still the placeholder `{value}`"),
            )
            .confidence(confidence)
            .help(format!("give `{key}` its real value"));
    }
    None
}
