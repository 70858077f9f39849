use crate::facts::bundler::groups;
use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let stage = process::stage_of(destination)?;
    for name in ["BUNDLE_PATH", "BUNDLE_WITHOUT"] {
        let (Some(set), Some(built)) = (
            destination.environment().text(name).known(),
            stage.variable(name).known(),
        ) else {
            continue;
        };
        let finds_all = if name == "BUNDLE_WITHOUT" {
            groups(&built).all(|left_out| groups(&set).any(|group| group == left_out))
        } else {
            set.trim_end_matches('/') == built.trim_end_matches('/')
        };
        if finds_all {
            continue;
        }
        report
            .at(
                &set.clone().labelled("containers have this"),
                format!(
                    "{name} is `{}` in containers, but the image was built with `{}`",
                    set.value, built.value
                ),
            )
            .because(&built.labelled("built with this"))
            .help(format!("take {name} out: the image sets it"));
    }
    None
}
