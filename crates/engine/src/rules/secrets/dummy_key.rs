use crate::facts::kamal::Role;
use crate::finding::{Consequence, Layer, Report, Safety};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::error(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

/// The variable that makes Rails invent a key.
const DUMMY: &str = "SECRET_KEY_BASE_DUMMY";

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let rails = destination.app().rails();
    let version = rails
        .version()
        .known()
        .filter(|version| at_least(version, [7, 1]))?;
    rails.setting("config.secret_key_base").absent()?;
    let given = role.variable(DUMMY).known()?;
    // Any value is one: `0` and nothing at all, too.
    if !destination.is_production() || !role.runs_rails() {
        return None;
    }
    let finding = report.at(
        &given,
        format!("Rails makes a key up while {DUMMY} is set, and takes it instead of the app's own"),
    );
    finding.because(&version);
    if role.environment().variable(DUMMY).is_known() {
        finding.fix(
            format!("take {DUMMY} away"),
            destination.remove_variable(DUMMY),
        );
    } else {
        finding.help(format!("give it to the step that compiles assets alone: `RUN {DUMMY}=1 ./bin/rails assets:precompile`"));
    }
    None
}
