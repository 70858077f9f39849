use crate::facts::kamal::Destination;
use crate::facts::secrets::Misreading;
use crate::finding::{Confidence, Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Deploy).since("0.1");

pub(crate) fn check(destination: &Destination<'_>, report: &mut Report) -> Option<()> {
    for misread in destination.secrets().misread() {
        let (why, help) = match misread.how {
            Misreading::Operator => (
                "what follows a name inside `${…}` is no default and stays in the value",
                "set the variable before Kamal runs, and write `$NAME` alone",
            ),
            Misreading::SingleQuotes => (
                "nothing is put in between single quotes, and the value is the text itself",
                "take the quotes away",
            ),
            Misreading::Backticks => (
                "backticks run nothing, and the value is the command itself",
                "write the command as `$(…)`",
            ),
        };
        report
            .at(
                &misread,
                format!(
                    "{} is not what a shell would make of it: {why}",
                    misread.name
                ),
            )
            .confidence(Confidence::Likely)
            .help(help);
    }
    None
}
