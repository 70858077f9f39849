use crate::fact::{Answer, Fact, Origin};
use crate::facts::kamal::Role;
use crate::facts::logs::Target;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;
use crate::version::at_least;

pub(crate) const META: Meta = Meta::warning(Consequence::Cost, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

/// Where Rails logs to unless it is told otherwise.
const USUAL: &str = "log/production.log";

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let destination = role.destination();
    let app = destination.app();
    if !destination.is_production() || !role.runs_rails() {
        return None;
    }
    let (target, file) = match app.logs().target() {
        Answer::Is(target) => match target.value.clone() {
            Target::File(file) => (target, file),
            Target::FileUnless(variable) if role.variable(&variable).is_absent() => {
                (target, USUAL.to_owned())
            }
            Target::FileUnless(_) | Target::Elsewhere => return None,
        },
        Answer::Absent(slot) => {
            app.tree().source(slot.path()?)?;
            let origin = Origin::at(slot, "no `config.logger` here");
            (
                Fact::new(Target::File(USUAL.to_owned()), origin),
                USUAL.to_owned(),
            )
        }
        Answer::Unknown(..) => return None,
    };
    if role.redirects_log(&file) {
        return None;
    }
    let finding = report.at(
        &target,
        format!(
            "Rails writes its log into {file} in the container, where nobody reads or limits it"
        ),
    );
    finding.confidence(Confidence::Likely);
    match &target.value {
        Target::FileUnless(variable) => {
            finding.fix(
                format!("set {variable}"),
                destination.set_variable(variable, "true"),
            );
        }
        _ if target.origin.place.path().is_some()
            && app.rails().setting("config.logger").is_absent() =>
        {
            let version = app.rails().version().known()?;
            // `TaggedLogging.logger` came with 8.0.
            let logger = if at_least(&version, [8, 0]) {
                "ActiveSupport::TaggedLogging.logger(STDOUT)"
            } else {
                "ActiveSupport::TaggedLogging.new(ActiveSupport::Logger.new(STDOUT))"
            };
            finding.fix(
                "log to standard output, which Docker keeps and `kamal app logs` shows",
                app.rails().set("config.logger", logger, "config.log_tags"),
            );
        }
        _ => {
            finding.help("log to STDOUT, which Docker keeps and `kamal app logs` shows");
        }
    }
    None
}
