use crate::facts::kamal::Role;
use crate::facts::process;
use crate::finding::{Consequence, Layer, Report};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::error(Consequence::DataLoss, Layer::Deploy).since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    if !role.destination().is_production() || !role.runs_rails() {
        return None;
    }
    let anew = process::loaded_anew(role)?;
    let task = &anew.task;
    let what = match &anew.unprotected {
        Some(_) => {
            format!("`{task}` runs whenever a container starts, and empties the database each time")
        }
        None => format!(
            "`{task}` runs whenever a container starts, and Rails refuses it from the second time on"
        ),
    };
    let finding = report.at(&anew, what);
    if let Some(unprotected) = &anew.unprotected {
        finding.because(unprotected);
    }
    finding.help(
        "run `./bin/rails db:prepare`, which loads the schema once and only migrates from then on",
    );
    None
}
