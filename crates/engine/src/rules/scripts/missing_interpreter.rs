use crate::facts::kamal::Destination;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

/// Shells that neither Debian's images have nor Alpine's, unless somebody installs them.
const RARE: [&str; 4] = ["csh", "fish", "ksh", "zsh"];

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let stage = process::stage_of(destination)?;
    let base = stage.lineage().last()?.base().known()?;
    // Somebody else's image may well have it.
    let (name, tag) = base.split_once(':')?;
    if !["ruby", "alpine", "docker.io/library/ruby"].contains(&name) {
        return None;
    }
    let is_alpine = name == "alpine" || tag.contains("alpine");
    for script in destination.scripts() {
        let Some(shebang) = script.shebang() else {
            continue;
        };
        let shell = shebang.program().to_owned();
        let is_missing = RARE.contains(&shell.as_str()) || is_alpine && shell == "bash";
        if !is_missing || stage.image().mentions(&shell) {
            continue;
        }
        report
            .at(
                &shebang.labelled(format!("asks for {shell}")),
                format!(
                    "{} is a script for {shell}, which {} does not have",
                    script.path(),
                    base.value
                ),
            )
            .because(&base)
            .help(format!(
                "install `{shell}` in the image, or write the script for `/bin/sh`"
            ));
    }
    None
}
