use crate::fact::Answer;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let Answer::Is(environment) = destination.environment().text("RAILS_ENV") else {
        return None;
    };
    let files = destination.app().tree().folder("config/environments")?;
    let known: Vec<&str> = files
        .iter()
        .filter_map(|file| file.name.strip_suffix(".rb"))
        .collect();
    if known.is_empty() || known.contains(&environment.as_str()) {
        return None;
    }
    let help = match nearest(&environment, known.iter().copied()) {
        Some(near) => format!("set it to `{near}`"),
        None => format!(
            "set it to `production`, or add config/environments/{}.rb",
            environment.value
        ),
    };
    report
        .at(
            &environment.clone().labelled("set here"),
            format!(
                "RAILS_ENV is `{0}`, but there is no config/environments/{0}.rb",
                environment.value
            ),
        )
        .confidence(Confidence::Likely)
        .help(help);
    None
}
