use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let kamal = destination.app().kamal()?;
    if destination.kamal().is_some() {
        return None;
    }
    let root = destination.root();
    let traefik = root
        .members()
        .into_iter()
        .find(|member| *member.name == "traefik")?
        .name;
    report
        .at(
            &traefik.labelled("only Kamal 1 takes this"),
            format!(
                "`traefik` is for Kamal 1, and nothing locks it: Kamal {kamal} refuses the file"
            ),
        )
        .help(
            "lock it with `gem \"kamal\", \"~> 1.9\", require: false` in the Gemfile, or move \
             to Kamal 2: `proxy` in place of `traefik`, then `kamal upgrade`",
        );
    None
}
