use crate::fact::Answer;
use crate::facts::kamal::Role;
use crate::finding::{Confidence, Consequence, Layer, Report, Safety};
use crate::rules::Meta;

pub(crate) const META: Meta = Meta::warning(Consequence::Outage, Layer::Runtime)
    .fix(Safety::Safe)
    .since("0.1");

pub(crate) fn check(role: &Role<'_>, report: &mut Report) -> Option<()> {
    let logging = role.logging().known()?.value;
    let driver = match logging.get("driver").and_then(|driver| driver.text()) {
        Answer::Is(driver) if driver.value == "json-file" => Some(driver),
        // Without a name it is the server's own, and that is this one unless somebody changed it.
        Answer::Absent(_) => None,
        Answer::Is(_) | Answer::Unknown(..) => return None,
    };
    let options = match logging.get("options") {
        Answer::Is(options) if options.is_settled() => Some(options.value),
        Answer::Absent(_) => None,
        Answer::Is(_) | Answer::Unknown(..) => return None,
    };
    if options
        .as_ref()
        .is_some_and(|options| !options.get("max-size").is_absent())
    {
        return None;
    }
    let place = match (&options, &driver) {
        (Some(options), _) => options.name(),
        (None, Some(driver)) => driver.origin.place.clone(),
        // Kamal's own limit holds.
        (None, None) => return None,
    };
    let finding = report.place(
        place,
        "no `max-size` here, and Kamal's own 10m is gone",
        "the log of a container may grow until the disk is full: nothing limits it",
    );
    if let Some(driver) = &driver {
        finding.because(&driver.clone().labelled("Docker's usual files"));
    }
    // The server's daemon.json may have a limit.
    finding.confidence(Confidence::Likely).fix(
        "let a file have 10 MB",
        logging.set(&["options", "max-size"], "10m"),
    );
    None
}
