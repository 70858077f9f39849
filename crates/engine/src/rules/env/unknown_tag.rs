use crate::facts::environment::HostTag;
use crate::facts::kamal::{Destination, Role};
use crate::finding::{Consequence, Layer, Report};
use crate::near::nearest;
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    let known = destination.env_tags()?;
    let of_accessories = destination.accessory_tags();
    let is_used = |tag: &str| {
        known
            .iter()
            .chain(&of_accessories)
            .any(|known| known.value == tag)
    };
    for HostTag { tag, host } in destination.roles().iter().flat_map(Role::tags) {
        if is_used(&tag) {
            continue;
        }
        let finding = report.at(
            &tag,
            format!(
                "{host} has the tag `{}`, which `env.tags` does not have",
                tag.value
            ),
        );
        match nearest(&tag, known.iter().map(|known| known.value.as_str())) {
            Some(near) => {
                let near = known.iter().find(|known| known.value == near)?;
                finding.because(&near.clone().labelled("this is there"));
                finding.help(format!(
                    "call it `{}`, or add `{}` to `env.tags`",
                    near.value, tag.value
                ))
            }
            None => finding.help(format!(
                "add `{}` to `env.tags`, or take it off the host",
                tag.value
            )),
        };
    }
    None
}
