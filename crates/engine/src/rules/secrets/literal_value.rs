use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Exposure, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let lookups = destination.secrets().own_path().clone();
    for literal in destination.literals() {
        let file = literal.name.origin.place.path()?.clone();
        let help = if literal.is_in_secrets {
            format!(
                "look it up instead, `{0}=${0}` or a command, and change it everywhere: git's history keeps it",
                literal.key
            )
        } else if literal.key.contains("env.") {
            format!(
                "move {} to `env.secret`, look it up in {lookups}, and change it: git's history keeps it",
                literal.name.value
            )
        } else if literal.key.starts_with("builder.") {
            format!(
                "move {} to `builder.secrets`, look it up in {lookups}, and change it: git's history keeps it",
                literal.name.value
            )
        } else {
            format!(
                "name a secret in a list instead, look it up in {lookups}, and change it: git's history keeps it"
            )
        };
        report
            .at(
                &literal.name.clone().labelled("the value stands here"),
                format!(
                    "the value of `{}` stands in {file}, which is in git",
                    literal.key
                ),
            )
            .confidence(Confidence::Likely)
            .help(help);
    }
    None
}
