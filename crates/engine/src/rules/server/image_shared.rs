use crate::fact::Answer;
use crate::facts::kamal::{Destination, distinct_hosts};
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let destinations = destination.app().destinations();
    let image = destination.image().known()?;
    let registry = |destination: &Destination<'_>| match destination
        .root()
        .dig(&["registry", "server"])
        .and_then(|server| server.text())
    {
        Answer::Is(server) => Some(server.value),
        Answer::Absent(_) => Some(String::new()),
        Answer::Unknown(..) => None,
    };
    let servers = |destination: &Destination<'_>| -> Vec<String> {
        let hosts = distinct_hosts(&destination.roles());
        hosts.into_iter().map(|host| host.value).collect()
    };
    let own_registry = registry(destination)?;
    let earlier = destinations
        .iter()
        .take_while(|other| other.name() != destination.name());
    for other in earlier {
        let same = other.image().known()?;
        if same.value != image.value || registry(other).as_ref() != Some(&own_registry)
            // What is deployed to the same servers takes the other's place there.
            || servers(other) == servers(destination)
        {
            continue;
        }
        let Some(difference) = destination.built_otherwise(other) else {
            continue;
        };
        let whose = other.name().unwrap_or("config/deploy.yml");
        report
            .at(
                &difference,
                format!(
                    "{whose} builds another image by the same name: `{image}` with the version of the same commit",
                ),
            )
            .because(&image.clone().labelled("the name of both"))
            .confidence(Confidence::Likely)
            .help(format!("give this destination an `image` of its own, like {image}-{}", destination.name().unwrap_or("other")));
        return None;
    }
    None
}
