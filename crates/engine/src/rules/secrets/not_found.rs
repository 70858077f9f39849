use crate::facts::kamal::Destination;
use crate::facts::secrets::Asked;
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;
use crate::tree::{Path, Source};

pub(crate) const META: Meta = Meta::error(Consequence::FailedDeploy, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    if !destination.kamal()?.version.has(2, 0) || !destination.is_deployed() {
        return None;
    }
    let secrets = destination.known_secrets()?;
    let files: Vec<&str> = secrets
        .sources()
        .iter()
        .copied()
        .map(Source::path)
        .map(Path::as_str)
        .collect();
    let where_to = secrets.sources().last()?.path();
    let has = match files.as_slice() {
        [only] => format!("{only} does not have"),
        _ => format!("neither {} has", files.join(" nor ")),
    };
    let names = secrets.names();
    for Asked { name, key } in destination.asked_secrets() {
        if !secrets.lookup(&name).is_absent() {
            continue;
        }
        let finding = report.at(
            &name,
            format!("`{key}` asks for {}, which {has}", name.value),
        );
        let known = names.iter().map(|known| known.value.as_str());
        match nearest(&name, known) {
            Some(near) => {
                let near = names.iter().find(|known| known.value == near)?;
                finding.label(near.origin.place.clone(), "this is there");
                finding.help(format!(
                    "add {} to {where_to}, or ask for {}",
                    name.value, near.value
                ))
            }
            None => finding.help(format!("add {} to {where_to}, or take it out", name.value)),
        };
    }
    None
}
