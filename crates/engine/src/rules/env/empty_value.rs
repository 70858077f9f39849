use crate::facts::kamal::Destination;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Hygiene, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for (name, value) in destination.blank_variables() {
        report
            .place(
                value.place(),
                "nothing in it",
                format!("`{}` is empty, so containers get what the server has under {}, or nothing at all", value.key(), name.value),
            )
            .help(format!("take {} out, or give it a value", name.value));
    }
    None
}
