use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let stage = process::stage_of(destination)?;
    let base = stage.lineage().last()?.base().known()?;
    // Somebody else's image of Alpine may well have it.
    let (name, tag) = base.split_once(':')?;
    if !["ruby", "alpine", "docker.io/library/ruby"].contains(&name)
        || !(name == "alpine" || tag.contains("alpine"))
        || stage.image().mentions("bash")
    {
        return None;
    }
    for script in destination.scripts() {
        let Some(shebang) = script.shebang().filter(|shebang| shebang.program() == "bash") else {
            continue;
        };
        report
            .at(
                &shebang.labelled("asks for bash"),
                format!("{} is a script for bash, which {} does not have", script.path(), base.value),
            )
            .because(&base)
            .help("install `bash` in the image, or write the script for `/bin/sh`");
    }
    None
}
