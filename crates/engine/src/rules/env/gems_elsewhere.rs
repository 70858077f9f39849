use crate::facts::bundler::groups;
use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;
use crate::tree::Path;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let stage = process::stage_of(destination)?;
    let gems = destination.app().gems();
    for name in ["BUNDLE_PATH", "BUNDLE_WITHOUT"] {
        let (Some(set), Some(built)) = (
            destination.environment().text(name).known(),
            stage.variable(name).known(),
        ) else {
            continue;
        };
        let finds_all = if name == "BUNDLE_WITHOUT" {
            let is_wanted = |group: &String| groups(&set).all(|left_out| left_out != group);
            let left_out = gems.of_groups(&groups(&built).collect::<Vec<_>>());
            !left_out.iter().any(|gem| gem.groups.iter().any(is_wanted))
        } else {
            let folder = stage.working_folder().known()?;
            let whole = |path: &str| {
                let below = if path.starts_with('/') { "" } else { &folder };
                Path::new(format!("{below}/{path}").trim_start_matches('/'))
            };
            whole(&set) == whole(&built)
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
