use crate::facts::environment::OfShell;
use crate::facts::kamal::Destination;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for OfShell {
        key,
        value,
        variable,
        is_doubled,
    } in destination.shell_variables()
    {
        let message = if is_doubled {
            format!(
                "`{key}` has $${variable} as Compose writes it, which a shell takes for its own number and {variable}"
            )
        } else {
            format!(
                "`{key}` has {variable} filled in by the shell of the server, which has no such variable"
            )
        };
        let help = if is_doubled {
            format!(
                "write ${variable} once, between single quotes that the container's own shell reads"
            )
        } else if key.rsplit('.').next() == Some("cmd") {
            format!(
                "let a shell in the container fill it in, `sh -c '… \"${variable}\"'`, and give {variable} to the accessory"
            )
        } else {
            format!(
                "have Kamal fill it in, `<%= ENV[\"{variable}\"] %>`, or list it under `secret`"
            )
        };
        // Somebody may have set it on the server.
        report
            .at(&value, message)
            .confidence(Confidence::Likely)
            .help(help);
    }
    None
}
