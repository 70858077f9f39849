use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let options = role.options().known()?;
    // Kamal is loaded with changes of the user's own.
    let kamal = role
        .destination()
        .app()
        .tree()
        .folder(".kamal")
        .unwrap_or_default();
    if kamal
        .iter()
        .any(|file| file.name.strip_suffix(".rb").is_some())
    {
        return None;
    }
    for key in ["network", "net"] {
        let Some(network) = options
            .get(key)
            .known()
            .and_then(|network| network.text().known())
        else {
            continue;
        };
        if !["host", "bridge", "default", "none"].contains(&network.as_str())
            && !network.starts_with("container:")
        {
            continue;
        }
        report
            .at(
                &network,
                format!(
                    "Docker refuses the network `{network}` beside `kamal`, which Kamal runs {} on",
                    role.name()
                ),
            )
            .because(role.name())
            .help(
                "take it out: containers on Kamal's network reach the internet and the accessories",
            );
    }
    None
}
